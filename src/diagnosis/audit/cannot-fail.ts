// Checks that cannot fail: masks in shell scripts, and steps that were told not to mind.
import type { Command, SyntaxNode } from 'unbash';
import { forEachChild } from 'unbash';
import { commandWords } from '#shell/command-words.ts';
import { onlyPrints } from '#shell/effect.ts';
import { findMasks, type Mask } from '#shell/masks.ts';
import { sourceOf } from '#shell/shell-text.ts';
import type { AuditStep } from './audit-steps.ts';
import type { Finding } from './finding.ts';
import type { ShellPiece } from './shell-pieces.ts';
import { finding } from './rules.ts';
import { isCheck, isMakingSure, isSetUp, MAKING_SURE } from './tools.ts';

/** In a step that runs whatever happened, and that only cleans up, a failure may be passed over. */
export function isCleanUpStep(step: AuditStep | undefined): boolean {
  return step !== undefined && /\b(always|failure|cancelled)\(\)/.test(step.condition);
}

export function maskFindings(piece: ShellPiece): readonly Finding[] {
  if (isCleanUpStep(piece.step)) return [];
  const masks = findMasks(piece.shell, piece.options);
  return masks.flatMap((mask) => maskFinding(piece, mask) ?? []);
}

function maskFinding(piece: ShellPiece, mask: Mask): Finding | undefined {
  const { shell } = piece;
  const command = oneLine(sourceOf(shell, mask.command));
  const by = oneLine(sourceOf(shell, mask.by));
  const at = { file: piece.file, ...piece.lines(mask.whole) };
  const works = mask.work.flatMap((node) => (node.type === 'Command' ? (commandWords(node).name ?? []) : 'a block'));
  if (mask.cleanup || mask.work.length === 0 || isTidying(mask)) return undefined;
  switch (mask.kind) {
    case 'or': {
      const told = finding('AU001', at, `\`${command}\` cannot fail: \`|| ${by}\` hides it`, orFix(piece, mask));
      return isConvenience(mask) ? { ...told, severity: 'risk' } : told;
    }
    case 'exit':
      return finding(
        'AU003',
        at,
        `\`${command}\` cannot fail: \`${by}\` comes behind it, and nothing looks at its status`,
      );
    case 'unchecked':
      // A shell without -e is a habit of package.json and Dockerfiles; where somebody wrote it, it was meant.
      if (!/^set\b/.test(by))
        return works.some(isCheck)
          ? finding(
              'AU002',
              at,
              `\`${command}\` cannot fail: the shell goes on without -e, and only its last command counts`,
            )
          : undefined;
      return finding(
        'AU002',
        at,
        `\`${command}\` cannot fail: it stands behind \`${by}\`, and nothing looks at its status`,
      );
    case 'pipe':
      if (!works.some(isCheck)) return undefined;
      return finding(
        'AU004',
        at,
        `\`${command}\` cannot fail: it is piped into \`${by}\`, and only that counts without pipefail`,
      );
    case 'branches':
      return finding('AU005', at, `\`${command}\` cannot fail: both branches of the \`if\` only print`);
    case 'background':
      return works.some(isCheck)
        ? finding('AU002', at, `\`${command}\` cannot fail: it runs in the background, and nobody waits for it`)
        : undefined;
    default:
      return undefined;
  }
}

/** What takes away or makes room does no check: whether a folder was there to remove says nothing of the program. */
function isTidying(mask: Mask): boolean {
  return mask.work.every((node) => {
    if (node.type !== 'Command') return false;
    const { name = '', args } = commandWords(node);
    if (['rm', 'rmdir', 'unlink', 'kill', 'pkill', 'killall', 'umount', 'deactivate', 'sleep', 'sync'].includes(name))
      return true;
    const words = args.filter((each): each is string => each !== undefined && !each.startsWith('-'));
    const verbs = ['rm', 'rmi', 'stop', 'kill', 'down', 'prune', 'logout', 'delete', 'clean', 'remove', 'uninstall'];
    return isSetUp(name) && words.slice(0, 2).some((word) => verbs.includes(word));
  });
}

/** Makes sure of something that may be so already, or stands behind a question: worth a look, and no check of the program. */
function isConvenience(mask: Mask): boolean {
  return mask.work.every((node) => {
    if (node.type !== 'Command') return false;
    const { name = '', args } = commandWords(node);
    if ((mask.isGuarded && !isCheck(name)) || isMakingSure(name)) return true;
    return (MAKING_SURE[name] ?? []).some((verb) => args.slice(0, 2).includes(verb));
  });
}

/** The mask alone goes: what stands before it may fail again. */
function orFix({ shell, fileOffset }: ShellPiece, mask: Mask): Pick<Finding, 'fix' | 'edit'> {
  const { text } = shell;
  const fix = sourceOf(shell, mask.command);
  const isPlain = mask.whole.end === mask.by.end && ['true', ':', 'exit 0'].includes(sourceOf(shell, mask.by));
  if (!isPlain || fileOffset === undefined) return { fix };
  const edit = {
    pos: fileOffset(mask.command.end),
    end: fileOffset(mask.by.end),
    was: text.slice(mask.command.end, mask.by.end),
    text: '',
  };
  return { fix, edit };
}

const CLAIM = /✅|✔|🎉|\b(pass(ed|es)?|success(ful(ly)?)?|healthy|ok|verified|complete[d]?|all good|deployed)\b/i;

/** A step that says that something is well, and has looked at nothing. */
export function claimFindings(piece: ShellPiece): readonly Finding[] {
  const { shell, step } = piece;
  if (!step || isCleanUpStep(step)) return [];
  const commands = shell.tree.commands;
  const isAllTalk = commands.every(({ command }) => onlyPrints(command));
  if (!isAllTalk || commands.length === 0 || hasSubstitution(shell.tree)) return [];
  const { text } = shell;
  // What goes into a file, or to GitHub's own files, is work of a kind.
  if (/>>?\s*["']?[$\w./]/.test(text.replaceAll(/>&?[12]\b|>&2|2>&1/g, ''))) return [];
  const found = CLAIM.exec(text);
  const about = /health|check|test|deploy|verif|valid|scan|lint|smoke|monitor/i.exec(`${step.name} ${text}`);
  if (!found || !about) return [];
  const span = { pos: commands[0]?.pos ?? 0, end: commands.at(-1)?.end ?? text.length };
  const at = { file: piece.file, ...piece.lines(span) };
  return [
    finding('AU009', at, `the step "${oneLine(step.name)}" says "${found[0]}" and has checked nothing: it only prints`),
  ];
}

function hasSubstitution(node: SyntaxNode): boolean {
  let found = false;
  forEachChild(node, (child) => {
    if (child.type === 'CommandExpansion' || child.type === 'ProcessSubstitution' || hasSubstitution(child))
      found = true;
  });
  return found;
}

/** Options by which a tool gives up its right to fail. `name` is the tool; without one, any tool that checks. */
const HARMLESS: readonly { readonly name?: RegExp; readonly option: RegExp; readonly code: 'AU012' | 'AU013' }[] = [
  { name: /^(flake8|ruff|bandit|pylint|safety|vulture|black)$/, option: /^--exit-zero$/, code: 'AU012' },
  { name: /^(trivy|grype|snyk|gitleaks|semgrep|detect-secrets)$/, option: /^--exit-code=0$/, code: 'AU012' },
  { name: /^(checkov|tfsec|kics|terrascan)$/, option: /^(--soft-fail|-s|--soft_fail)$/, code: 'AU012' },
  { name: /^pylint$/, option: /^--fail-under=0$/, code: 'AU012' },
  { name: /^(npm|pnpm|yarn)$/, option: /^--audit-level=none$/, code: 'AU012' },
  { name: /^hadolint$/, option: /^--no-fail$/, code: 'AU012' },
  { name: /^(jest|vitest|react-scripts)$/, option: /^--pass-?with-?no-?tests$/i, code: 'AU013' },
  { option: /^--passWithNoTests(=true)?$/, code: 'AU013' },
  { name: /^ctest$/, option: /^--no-tests=ignore$/, code: 'AU013' },
  {
    name: /^(mvn|mvnw)$/,
    option:
      /^-D(skipTests|maven\.test\.(skip|failure\.ignore)|surefire\.failIfNoSpecifiedTests=false|failIfNoTests=false)/,
    code: 'AU013',
  },
  { name: /^(npm|pnpm)$/, option: /^--if-present$/, code: 'AU013' },
];

export function optionFindings(piece: ShellPiece): readonly Finding[] {
  return commandsIn(piece.shell.tree).flatMap((command): readonly Finding[] => {
    const { name = '', args } = commandWords(command);
    const at = { file: piece.file, ...piece.lines(command) };
    for (const [index, arg] of args.entries()) {
      const joined =
        arg === undefined
          ? ''
          : arg === '--exit-code' || arg === '--fail-under' || arg === '--audit-level'
            ? `${arg}=${args[index + 1] ?? ''}`
            : arg;
      const rule = HARMLESS.find((each) => each.option.test(joined) && (each.name?.test(name) ?? true));
      if (
        !rule ||
        (joined === '--if-present' && !args.some((each) => each !== undefined && /test|lint|check/.test(each)))
      )
        continue;
      const what = rule.code === 'AU012' ? 'its findings end with 0' : 'it succeeds when no test has run';
      return [finding(rule.code, at, `\`${name} ${joined.replace('=', ' ')}\` cannot fail: ${what}`)];
    }
    return [];
  });
}

export function commandsIn(root: SyntaxNode): readonly Command[] {
  const found: Command[] = [];
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'Command') found.push(node);
    forEachChild(node, visit);
  };
  visit(root);
  return found;
}

/** `cat > file <<'EOF'` with what was meant to be filled in. A script is written like that on purpose. */
export function heredocFindings(piece: ShellPiece): readonly Finding[] {
  return commandsIn(piece.shell.tree).flatMap((command): readonly Finding[] => {
    if (!['cat', 'tee'].includes(commandWords(command).name ?? '')) return [];
    const document = command.redirects.find((each) => each.type === 'HereDoc');
    if (document?.type !== 'HereDoc' || document.delimiter?.quoted !== true) return [];
    const target =
      piece.shell.text.slice(command.pos, document.pos) + piece.shell.text.slice(document.end, command.end);
    if (
      !/\.(json|ya?ml|toml|ini|conf|env|txt|md|html|xml|properties)\b/i.test(target) ||
      /\.(sh|bash|py|js|ts|pl|rb|service)\b/.test(target)
    )
      return [];
    const found = /\$\([a-z][^)\n]*\)|\$\{[A-Z_]+\}|\$[A-Z_]{3,}|`date[^`]*`/.exec(document.body.text);
    if (!found) return [];
    const at = { file: piece.file, ...piece.lines({ pos: command.pos, end: document.body.end }) };
    return [
      finding(
        'AU014',
        at,
        `\`${found[0]}\` is written as it stands: the here-document's ${document.delimiter.text} is in quotes`,
        { fix: `<<${document.delimiter.value}` },
      ),
    ];
  });
}

/** `try: … except: print(…)` as a check. */
export function pythonFindings(text: string): readonly { readonly pos: number; readonly end: number }[] {
  const found: { pos: number; end: number }[] = [];
  for (const { index, 0: whole } of text.matchAll(
    /^([ \t]*)except\b[^\n]*:[ \t]*(?:\n(?:\1[ \t]+[^\n]*|[ \t]*)(?=\n|$))*|\bexcept\b[^\n:]*:[ \t]*(?:print|pass)\b[^\n]*/gm,
  )) {
    const body = whole
      .slice(whole.indexOf(':') + 1)
      .split(/[\n;]/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
    if (body.length > 0 && body.every((line) => /^(print\s*\(|pass\b|logging\.|logger\.|warnings\.warn)/.test(line)))
      found.push({ pos: index, end: index + whole.trimEnd().length });
  }
  return found;
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s*\\\n\s*|\s+/g, ' ').trim();
  return line.length > 70 ? `${line.slice(0, 69)}…` : line;
}
