// The lines of one step held against the job's problem matchers.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { createContext, Script } from 'node:vm';
import type { Annotation } from '#run/events.ts';
import type { MatcherRegistry } from './matcher-registry.ts';
import { MatcherProgress } from './problem-matcher.ts';
import type { Problem, ProblemMatcher } from './problem-matcher.ts';

export interface ScanDeps {
  readonly registry: MatcherRegistry;
  readonly workspace: string;
  /** A path that the step's process uses, as this machine knows it. */
  readonly toHost: (path: string) => string;
  readonly note: (annotation: Annotation) => void;
}

/** As long as GitHub gives a matcher for one line. A pattern may take for ever, and a job's log does not wait for it. */
const LIMIT_MS = 1_000;
const LINE_FEED = 10;
/** Colours of a terminal; patterns are written for plain text. */
const COLOURS = new RegExp(`${String.fromCodePoint(0x1b)}\\[[0-9;]*m?`, 'g');

export type ScanLines = (block: Buffer) => Buffer;

/** A block of whole lines comes back as it is to be shown: with `Error: …` where a line is a problem. */
export function createScan(deps: ScanDeps): ScanLines {
  const progress = new Map<ProblemMatcher, MatcherProgress>();
  // Made for the first line that is scanned: a context of its own is dear, and most steps have no matchers.
  let withinLimit: ScanState['withinLimit'] | undefined;
  return (block) => {
    const matchers = deps.registry.current();
    if (matchers.length === 0 || block.length === 0) return block;
    for (const matcher of progress.keys()) if (!matchers.includes(matcher)) progress.delete(matcher);
    for (const matcher of matchers) if (!progress.has(matcher)) progress.set(matcher, new MatcherProgress(matcher));
    const active = (): readonly MatcherProgress[] =>
      deps.registry.current().flatMap((each) => progress.get(each) ?? []);
    return scanBlock(block, { ...deps, active, withinLimit: (withinLimit ??= createLimit()) });
  };
}

interface Cursor {
  line: number;
  /** Whose pattern is being tried. */
  matcher: MatcherProgress | undefined;
}

interface ScanState extends ScanDeps {
  active(): readonly MatcherProgress[];
  /** False: the time was up. */
  withinLimit(task: () => void): boolean;
}

function scanBlock(block: Buffer, state: ScanState): Buffer {
  const endsWithBreak = block.at(-1) === LINE_FEED;
  const lines = block.toString('utf8', 0, endsWithBreak ? block.length - 1 : block.length).split('\n');
  const found = new Map<number, { readonly level: Annotation['level']; readonly text: string }>();
  const added: string[] = [];
  const cursor: Cursor = { line: 0, matcher: undefined };
  while (cursor.line < lines.length) {
    const matchers = state.active();
    const isDone = state.withinLimit(() => {
      for (; cursor.line < lines.length; cursor.line++) {
        const text = (lines[cursor.line] ?? '').replaceAll(COLOURS, '');
        const problem = firstMatch(text, matchers, cursor);
        const annotation = problem && annotationOf(problem, state);
        if (!annotation) continue;
        found.set(cursor.line, { level: annotation.level, text });
        state.note(annotation);
      }
    });
    if (isDone || !cursor.matcher) break;
    const { owner } = cursor.matcher.matcher;
    state.registry.remove([owner]);
    const why = `Removing issue matcher '${owner}'. Matcher failed. Error: a line took longer than ${LIMIT_MS / 1000} s`;
    state.note({ level: 'warning', message: why });
    added.push(`Warning: ${why}`);
  }
  if (found.size === 0 && added.length === 0) return block;
  const shown = lines.map((line, index) => {
    const problem = found.get(index);
    return problem ? `${LABELS[problem.level]}: ${problem.text}` : line;
  });
  return Buffer.from(`${[...shown, ...added].join('\n')}\n`);
}

export const LABELS: Readonly<Record<Annotation['level'], string>> = {
  error: 'Error',
  warning: 'Warning',
  notice: 'Notice',
};

function firstMatch(text: string, matchers: readonly MatcherProgress[], cursor: Cursor): Problem | undefined {
  for (const matcher of matchers) {
    cursor.matcher = matcher;
    const problem = matcher.match(text);
    if (!problem) continue;
    for (const other of matchers) if (other !== matcher) other.reset();
    if (levelOf(problem) && problem.message?.trim()) return problem;
  }
  return undefined;
}

/** A regular expression cannot be stopped but with all that runs around it, which is what a vm can do. */
function createLimit(): ScanState['withinLimit'] {
  const box: { task?: () => void } = {};
  const context = createContext(box);
  const script = new Script('task()');
  return (task) => {
    box.task = task;
    try {
      script.runInContext(context, { timeout: LIMIT_MS });
      return true;
    } catch (cause) {
      // An error of the vm's own realm: not an instance of this one's Error.
      const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
      if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
      throw cause;
    }
  };
}

function levelOf({ severity = '' }: Problem): Annotation['level'] | undefined {
  const lower = severity.toLowerCase();
  if (lower === '') return 'error';
  return lower === 'error' || lower === 'warning' || lower === 'notice' ? lower : undefined;
}

function annotationOf(problem: Problem, deps: ScanDeps): Annotation | undefined {
  const level = levelOf(problem);
  if (!level) return undefined;
  const file = fileOf(problem, deps);
  const code = problem.code?.trim();
  return {
    level,
    message: problem.message ?? '',
    ...(file === undefined ? {} : { file }),
    ...numbered('line', problem.line),
    ...numbered('column', problem.column),
    ...(code ? { code } : {}),
  };
}

function numbered(name: 'line' | 'column', text: string | undefined): { line?: number; column?: number } {
  return text !== undefined && /^\d{1,9}$/.test(text) && Number(text) > 0 ? { [name]: Number(text) } : {};
}

/** A file that is there, by its path in the workspace; as on GitHub, others are not named. */
function fileOf({ file = '', fromPath = '' }: Problem, { workspace, toHost }: ScanDeps): string | undefined {
  if (file.trim() === '') return undefined;
  const rooted = fromPath.trim() === '' || isAbsolute(file) ? file : join(dirname(fromPath), file);
  const path = toHost(resolve(isAbsolute(rooted) ? rooted : join(workspace, rooted)));
  const inside = relative(realPath(workspace), realPath(path));
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) || !existsSync(path) ? undefined : inside;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
