// Every shell script of a project, wherever it is written: steps, Dockerfiles, Makefiles, package.json, and script files.
import { DockerfileParser } from 'dockerfile-ast';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { scalarText } from '#workflow/yaml-node.ts';
import { placesIn, readShell, withoutTemplates } from '#shell/shell-text.ts';
import type { ShellText, Span } from '#shell/shell-text.ts';
import type { Options } from '#shell/masks.ts';
import type { AuditStep, AuditWorkflow } from './audit-steps.ts';
import { lineInScript, offsetInScript } from './audit-steps.ts';
import type { AuditFiles } from './finding.ts';

export interface ShellPiece {
  readonly kind: 'step' | 'dockerfile' | 'makefile' | 'package' | 'script';
  readonly file: string;
  readonly shell: ShellText;
  readonly options: Options;
  /** First and last line in the file of what stands there in the script. */
  readonly lines: (span: Span) => { readonly line: number; readonly endLine: number };
  readonly step?: AuditStep;
  /** Where its relative paths begin, relative to the project: '' is the project itself. Undefined: not known. */
  readonly folder: string | undefined;
  /** The offset in the file of an offset in the script, where the two are written alike. */
  readonly fileOffset?: (offset: number) => number;
}

const PLAIN: Options = { errexit: false, pipefail: false };
const ERREXIT: Options = { errexit: true, pipefail: false };
const STRICT: Options = { errexit: true, pipefail: true };

export function shellPieces(files: AuditFiles, workflows: readonly AuditWorkflow[]): readonly ShellPiece[] {
  const steps = workflows.flatMap(({ jobs }) => jobs.flatMap((job) => job.steps.flatMap(stepPiece)));
  const others = files.paths.flatMap((path): readonly ShellPiece[] => {
    const text = textOfKind(files, path);
    if (text === undefined) return [];
    if (isDockerfile(path)) return dockerPieces(path, text);
    if (isMakefile(path)) return makePieces(path, text);
    if (path.endsWith('package.json')) return packagePieces(path, text);
    return scriptPiece(path, text);
  });
  return [...steps, ...others];
}

function textOfKind(files: AuditFiles, path: string): string | undefined {
  const isWanted = isDockerfile(path) || isMakefile(path) || isScript(path) || /(^|\/)package\.json$/.test(path);
  return isWanted && !/(^|\/)(node_modules|vendor|third_party)\//.test(path) ? files.read(path) : undefined;
}

export function isDockerfile(path: string): boolean {
  return /(^|\/)((Dockerfile|Containerfile)(\.[\w-]+)?|[\w-]+\.(Dockerfile|dockerfile))$/.test(path);
}

function isMakefile(path: string): boolean {
  return /(^|\/)(GNUmakefile|[Mm]akefile|[\w-]+\.mk)$/.test(path);
}

function isScript(path: string): boolean {
  return /\.(sh|bash)$/.test(path);
}

/** GitHub's own way to call each shell; one that is not bash or sh is no piece. */
function optionsOfShell(shell: string): Options | undefined {
  if (shell === '') return ERREXIT;
  if (shell === 'bash') return STRICT;
  if (shell === 'sh') return ERREXIT;
  const words = shell.split(/\s+/);
  if (!/(^|\/)(ba|da)?sh$/.test(words[0] ?? '')) return undefined;
  const flags = words.slice(1);
  return { errexit: flags.some((word) => /^-[a-z]*e/.test(word)), pipefail: flags.includes('pipefail') };
}

function stepPiece(step: AuditStep): readonly ShellPiece[] {
  const { run } = step;
  const options = optionsOfShell(step.shell);
  if (run === undefined || options === undefined) return [];
  const shell = readShell(withoutTemplates(scalarText(run)));
  if (shell === undefined) return [];
  const line = (offset: number): number => lineInScript(step, run, offset);
  return [
    {
      kind: 'step',
      file: step.file,
      shell,
      options,
      step,
      lines: ({ pos, end }) => ({ line: line(pos), endLine: line(Math.max(pos, end - 1)) }),
      fileOffset: (offset) => offsetInScript(step, run, offset),
      folder: /\$\{\{/.test(step.workingDirectory) ? undefined : step.workingDirectory.replace(/^\.\/?|\/$/g, ''),
    },
  ];
}

interface Piece extends Pick<ShellPiece, 'kind' | 'file' | 'options' | 'folder'> {
  /** Places in the file. */
  readonly at: ShellText['at'];
}

/** A script that stands in the file as it is, from an offset on. */
function plainPiece({ at, ...piece }: Piece, script: string, pos: number): readonly ShellPiece[] {
  const shell = readShell(script);
  if (shell === undefined) return [];
  const lineAt = (offset: number): number => at(pos + offset).line;
  return [
    {
      ...piece,
      shell,
      lines: (span) => ({ line: lineAt(span.pos), endLine: lineAt(Math.max(span.pos, span.end - 1)) }),
      fileOffset: (offset) => pos + offset,
    },
  ];
}

function dockerPieces(file: string, text: string): readonly ShellPiece[] {
  const options = /^\s*SHELL\s*\[[^\]]*pipefail/im.test(text) ? { errexit: false, pipefail: true } : PLAIN;
  const document = TextDocument.create('', 'dockerfile', 0, text);
  const piece: Piece = { kind: 'dockerfile', file, options, folder: undefined, at: placesIn(text) };
  return DockerfileParser.parse(text)
    .getInstructions()
    .flatMap((instruction) => {
      if (instruction.getKeyword() !== 'RUN') return [];
      const range = instruction.getArgumentsRange();
      const content = instruction.getArgumentsContent();
      if (!range || !content || content.startsWith('[')) return [];
      const script = document.getText(range);
      // Options of RUN itself, such as --mount, are no part of the script.
      const own = /^(--\S+\s+(\\\n\s*)?)*/.exec(script)?.[0].length ?? 0;
      return plainPiece(piece, script.slice(own), document.offsetAt(range.start) + own);
    });
}

/** Each line of a recipe is a script of its own, given to `sh -c` without `-e`. */
function makePieces(file: string, text: string): readonly ShellPiece[] {
  const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '';
  const piece: Piece = { kind: 'makefile', file, options: PLAIN, folder, at: placesIn(text) };
  return [...text.matchAll(/^\t[@+-]*\s*(?:[^\n]*\\\n)*[^\n]*/gm)].flatMap(({ index, 0: whole }) => {
    // `-command`: make itself is told to go on.
    const lead = /^\t[@+-]*\s*/.exec(whole)?.[0].length ?? 1;
    // What make puts in takes the place of a word.
    const script = whole
      .slice(lead)
      .replaceAll(/\$\(([^()\s]*)\)|\$\{(\w+)\}|\$([@<^*?%+])/g, (each) => '_'.repeat(each.length))
      .replaceAll('$$', ' $');
    return plainPiece(piece, script, index + lead);
  });
}

function packagePieces(file: string, text: string): readonly ShellPiece[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return [];
  }
  const scripts = isRecord(parsed) && isRecord(parsed['scripts']) ? parsed['scripts'] : {};
  const at = placesIn(text);
  return Object.entries(scripts).flatMap(([name, script]): readonly ShellPiece[] => {
    const shell = typeof script === 'string' ? readShell(script) : undefined;
    if (shell === undefined) return [];
    const { line } = at(Math.max(0, text.indexOf(`${JSON.stringify(name)}:`, text.indexOf('"scripts"'))));
    const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '';
    return [{ kind: 'package', file, shell, options: PLAIN, folder, lines: () => ({ line, endLine: line }) }];
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function scriptPiece(file: string, text: string): readonly ShellPiece[] {
  const first = /^#!.*/.exec(text)?.[0] ?? '';
  const options = { errexit: /\s-[a-z]*e/.test(first), pipefail: false };
  return plainPiece({ kind: 'script', file, options, folder: '', at: placesIn(text) }, text, 0);
}
