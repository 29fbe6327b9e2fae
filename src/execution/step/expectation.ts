// `expect:` — the proof that a green exit code lacks.
import { existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Annotation, FailedTest, TestCounts } from '#run/events.ts';
import type { ActionEntry } from '../actions/native-action.ts';
import { filesOf } from '../job/hash-files.ts';
import type { TestNames } from '../junit.ts';

export interface Expected {
  readonly files: readonly string[];
  readonly tests?: { readonly report: string; readonly min: number };
}

export interface Proof {
  readonly entries: readonly ActionEntry[];
  readonly tests?: TestCounts;
  /** Of all tests that its reports tell of. */
  readonly names?: TestNames;
  /** The report holds failures. */
  readonly refuted: boolean;
}

export async function checkExpectation(expected: Expected, workspace: string): Promise<Proof> {
  const entries = expected.files
    .filter((file) => filesOf(workspace, file).length === 0 && !existsSync(join(workspace, file)))
    .map((file) => unproven(file, 'no such file', `${file} was expected and is not there`));
  if (!expected.tests) return { entries, refuted: false };
  const { report, min } = expected.tests;
  const wanted = `at least ${min} ${min === 1 ? 'test' : 'tests'}`;
  const files = filesOf(workspace, report);
  if (files.length === 0)
    return { entries: [...entries, unproven(wanted, 'no report', `${report} is not there`)], refuted: false };
  const { readJUnitFiles } = await import('../junit.ts');
  const counts = await readJUnitFiles(files);
  if (!counts.ok)
    return {
      entries: [...entries, unproven(wanted, 'an unreadable report', `${report}: ${counts.error}`)],
      refuted: false,
    };
  const tests = withPaths(counts.value.counts, workspace);
  const ran = tests.total - tests.skipped;
  const few = ran < min ? [unproven(wanted, `${ran} ran`, `${report} tells of ${ran} tests that ran`)] : [];
  return { entries: [...entries, ...few], tests, names: counts.value.names, refuted: tests.failed > 0 };
}

/** By reports that were written since then; none when they cannot be read: another look at the tests counts, not this one. */
export async function namesSince(pattern: string, sinceMs: number, workspace: string): Promise<TestNames | undefined> {
  // File systems date files by a clock that ticks some milliseconds behind.
  const fresh = filesOf(workspace, pattern).filter((file) => statSync(file).mtimeMs >= sinceMs - 50);
  if (fresh.length === 0) return undefined;
  const { readJUnitFiles } = await import('../junit.ts');
  const read = await readJUnitFiles(fresh);
  return read.ok ? read.value.names : undefined;
}

function withPaths(tests: TestCounts, workspace: string): TestCounts {
  if (!tests.failures) return tests;
  const failures = tests.failures.map((test) =>
    test.file?.startsWith(`${workspace}/`) ? { ...test, file: relative(workspace, test.file) } : test,
  );
  return { ...tests, failures };
}

export function failuresAsAnnotations(failures: readonly FailedTest[]): readonly Annotation[] {
  return failures.map(({ name, message, file, line }) => ({
    level: 'error',
    title: name,
    message: message === '' ? 'failed' : message,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    of: 'test',
  }));
}

function unproven(wanted: string, used: string, why: string): ActionEntry {
  return { what: 'unproven', wanted, used, why };
}
