// Whether a script does something outside of its workspace, by what can be read in it. In doubt it does.
import { isAbsolute, normalize } from 'node:path';
import { forEachChild } from 'unbash';
import type { Command, Redirection, SyntaxNode, Word } from 'unbash';
import { commandWords, plainText } from '#shell/command-words.ts';
import { readShell } from '#shell/shell-text.ts';
import { OUTSIDE_COMMANDS, OUTSIDE_WORD, WRITERS } from './outside.ts';

export interface ScriptPlace {
  /** What belongs to the step: its workspace, and the folder for what is temporary. */
  readonly own: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Where a shell writes and nothing is left. */
const NOWHERE = /^\/dev\/(?:null|stdout|stderr|stdin|tty|zero|full|fd\/\d+)$/u;
/** Through them a step speaks to the runner, and each run of it has its own. */
const TO_THE_RUNNER = /^GITHUB_(?:OUTPUT|ENV|PATH|STATE|STEP_SUMMARY)$/u;
const SHELLS = ['bash', 'sh', 'dash', 'zsh', 'ksh', 'busybox'];
const DEEPEST = 5;

/** In a few words what does; undefined when nothing is seen. */
export function actsOutside(script: string, place: ScriptPlace, depth = 0): string | undefined {
  const shell = depth > DEEPEST ? undefined : readShell(script);
  if (!shell) return 'it cannot be read as a script of the shell';
  let found: string | undefined;
  const visit = (node: SyntaxNode): void => {
    if (found !== undefined) return;
    if (node.type === 'Command') found = commandOutside(node, place, depth);
    if ('redirects' in node) found ??= redirectOutside(node.redirects, place);
    // What was written with escapes cannot be looked at by its place in the text, but by itself.
    forEachChild(node, visit);
  };
  visit(shell.tree);
  return found;
}

function commandOutside(command: Command, place: ScriptPlace, depth: number): string | undefined {
  const { name, args } = commandWords(command);
  if (name === undefined) return command.name === undefined ? undefined : 'what it runs is only known when it runs';
  const words = args.flatMap((arg) => arg ?? []);
  const rule = OUTSIDE_COMMANDS.find(
    (each) => each.names.includes(name) && (each.with === undefined || words.some((word) => each.with?.test(word))),
  );
  if (rule) return `it calls ${name}`;
  const told = [name, ...words].find((word) => !word.startsWith('-') && OUTSIDE_WORD.test(lastPart(word)));
  if (told !== undefined && name !== 'echo' && name !== 'printf')
    return `it calls ${[name, ...words].join(' ').slice(0, 60)}`;
  if (WRITERS.includes(name)) {
    const target = command.args
      .flatMap((arg) => (arg.type === 'Word' ? pathOf(arg, place) : []))
      .find((path) => isOutside(path, place));
    if (target !== undefined) return `it calls ${name} on ${target}`;
  }
  return SHELLS.includes(name) ? innerScript(name, args, { place, depth }) : undefined;
}

/** `sh -c '…'` is read; a file is what it is named; what comes through a pipe nobody has seen. */
function innerScript(
  name: string,
  args: readonly (string | undefined)[],
  { place, depth }: { readonly place: ScriptPlace; readonly depth: number },
): string | undefined {
  const flag = args.findIndex((arg) => arg !== undefined && /^-[a-z]*c$/u.test(arg));
  if (flag >= 0) {
    const inner = args[flag + 1];
    return inner === undefined ? 'what it runs is only known when it runs' : actsOutside(inner, place, depth + 1);
  }
  const hasFile = args.some((arg) => arg === undefined || !arg.startsWith('-'));
  return hasFile ? undefined : `it gives ${name} a script that is not in sight`;
}

function redirectOutside(redirects: readonly Redirection[], place: ScriptPlace): string | undefined {
  for (const redirect of redirects) {
    if (redirect.type !== 'Redirect' || !redirect.operator.includes('>') || redirect.target === undefined) continue;
    const [path] = pathOf(redirect.target, place);
    if (path !== undefined && isOutside(path, place)) return `it writes to ${path}`;
  }
  return undefined;
}

/** With the variables of the step put in; those of the script itself are not known, and nothing is said of them. */
function pathOf(word: Word, { env }: ScriptPlace): readonly string[] {
  const plain = plainText(word);
  if (plain !== undefined) return [plain];
  const [, name, rest = ''] = /^"?\$\{?(\w+)\}?([^"$`]*)/u.exec(word.text) ?? [];
  if (name === undefined || TO_THE_RUNNER.test(name)) return [];
  const value = env[name];
  return value === undefined ? [] : [value + rest];
}

function isOutside(path: string, { own, env }: ScriptPlace): boolean {
  const full = path.startsWith('~') ? `${env['HOME'] ?? '/'}${path.slice(1)}` : path;
  if (!isAbsolute(full)) return normalize(full).startsWith('..');
  if (NOWHERE.test(full)) return false;
  const clean = normalize(full);
  return !own.some((folder) => clean === folder || clean.startsWith(`${folder}/`));
}

function lastPart(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}
