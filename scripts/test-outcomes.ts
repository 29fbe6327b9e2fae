/** What became of each test: the events of node:test, folded to one record per file. */
import { finished } from 'node:stream/promises';
import { relative, resolve } from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';

/** The machines this runs on have two cores. */
const concurrency = 2;
/** A file that takes longer hangs. End-to-end tests install packages, which on a slow network takes minutes. */
const fileTimeoutMs = 15 * 60_000;

export type Outcome = {
  /** With the names of the suites and tests round it. */
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'skipped' | 'todo';
  /** `path:line` */
  readonly place: string;
  /** Why it failed or was skipped; empty when that was not said. */
  readonly reason: string;
};

export type TestFile = {
  /** Relative to the root. */
  readonly path: string;
  readonly outcomes: readonly Outcome[];
  /** All it wrote to stdout and stderr. */
  readonly output: string;
  readonly durationMs: number;
};

/** The part of node:test's `test:complete` that is used. It is sent at once; test:pass and test:fail wait their turn. */
type Ended = {
  readonly name: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly parentId?: number | undefined;
  readonly skip?: string | boolean | undefined;
  readonly todo?: string | boolean | undefined;
  readonly details: { readonly type?: string; readonly error?: unknown; readonly duration_ms: number };
};

type OpenFile = {
  readonly path: string;
  readonly outcomes: Outcome[];
  readonly names: Map<number, { readonly name: string; readonly parentId: number | undefined }>;
  readonly output: string[];
  durationMs: number;
};

/** Runs each file in a process of its own. `onFile` is called as each one ends; the result is in the order of `paths`. */
export async function collectOutcomes(
  root: string,
  paths: readonly string[],
  onFile: (file: TestFile) => void,
): Promise<readonly TestFile[]> {
  // Given no files, node:test would look for some by itself.
  if (paths.length === 0) return [];
  const open = new Map(paths.map((path) => [resolve(root, path), openFile(path)]));
  const events = run({ files: [...open.keys()], cwd: root, concurrency, timeout: fileTimeoutMs });
  events.on('test:stdout', (event) => open.get(entryOf(event))?.output.push(event.message));
  events.on('test:stderr', (event) => open.get(entryOf(event))?.output.push(event.message));
  events.on('test:enqueue', (event) => {
    if (event.name !== event.file) open.get(entryOf(event))?.names.set(event.testId, event);
  });
  events.on('test:complete', (event) => {
    const file = open.get(entryOf(event));
    if (file === undefined) return;
    if (event.name !== event.file) {
      file.outcomes.push(...outcomeOf(root, file, event));
      return;
    }
    file.durationMs = event.details.duration_ms;
    file.outcomes.push(...faultOfFile(file, event));
    onFile(closed(file));
  });
  events.resume();
  await finished(events);
  return [...open.values()].map(closed);
}

function openFile(path: string): OpenFile {
  return { path, outcomes: [], names: new Map(), output: [], durationMs: 0 };
}

function closed(file: OpenFile): TestFile {
  return { path: file.path, outcomes: file.outcomes, output: file.output.join(''), durationMs: file.durationMs };
}

/** The file that was started: a contract suite stands in another one, which `file` names. Not in @types/node yet. */
function entryOf(event: object & { readonly file?: string | undefined }): string {
  return 'entryFile' in event && typeof event.entryFile === 'string' ? event.entryFile : (event.file ?? '');
}

function outcomeOf(root: string, file: OpenFile, event: Ended): readonly Outcome[] {
  const failure = failureOf(event.details.error);
  const isSuite = event.details.type === 'suite';
  // A suite counts when something befell the suite itself: a hook threw, or the whole of it was skipped.
  const own = failure !== undefined && failure.kind !== 'subtestsFailed';
  if (isSuite && !own && event.skip === undefined) return [];
  const name = [...namesAround(file, event.parentId), event.name].join(' › ');
  const place = `${relative(root, event.file ?? file.path)}:${event.line ?? 1}`;
  if (event.skip !== undefined) return [{ name, place, result: 'skipped', reason: said(event.skip) }];
  if (event.todo !== undefined) return [{ name, place, result: 'todo', reason: said(event.todo) || 'left to do' }];
  if (failure === undefined) return [{ name, place, result: 'passed', reason: '' }];
  return [{ name, place, result: 'failed', reason: own ? failure.text : 'a test in it failed' }];
}

/** What went wrong outside every test: the file did not load, crashed, hung, or holds no test. */
function faultOfFile(file: OpenFile, event: Ended): readonly Outcome[] {
  const failure = failureOf(event.details.error);
  const fault = { name: file.path, place: `${file.path}:1`, result: 'failed' } as const;
  if (failure !== undefined && failure.kind !== 'subtestsFailed') return [{ ...fault, reason: failure.text }];
  return file.outcomes.length === 0 ? [{ ...fault, reason: 'it holds no test' }] : [];
}

function namesAround(file: OpenFile, id: number | undefined): readonly string[] {
  const parent = id === undefined ? undefined : file.names.get(id);
  return parent === undefined ? [] : [...namesAround(file, parent.parentId), parent.name];
}

/** node:test wraps what was thrown: the kind of failure is on the wrapper, the story on its cause. */
function failureOf(error: unknown): { readonly kind: string; readonly text: string } | undefined {
  if (!(error instanceof Error)) return undefined;
  const kind = 'failureType' in error ? String(error.failureType) : 'unknown';
  const exit = 'exitCode' in error ? `exit code ${String(error.exitCode)}` : '';
  const signal = 'signal' in error && typeof error.signal === 'string' ? `killed by ${error.signal}` : '';
  if (exit !== '') return { kind, text: `its process ended: ${signal === '' ? exit : signal}` };
  return { kind, text: error.cause instanceof Error ? inspect(error.cause) : `${error.message} (${kind})` };
}

const said = (value: string | boolean): string => (typeof value === 'string' ? value : '');
