/**
 * Runs the tests: a line per file, then every failure in full, then `N passed, N failed, N skipped`.
 *
 *     node scripts/test.ts [--no-skips] [part of a path…]
 *
 * Ends with 1 when a test failed, when none ran, and, in CI or with --no-skips, when one was skipped or left to do:
 * a test that did not run has proven nothing.
 */
import { globSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { run } from 'node:test';
import { styleText, inspect } from 'node:util';

/** The machines this runs on have two cores. */
const concurrency = 2;
/** A file that takes longer than this hangs. End-to-end tests may install packages. */
const fileTimeoutMs = 15 * 60_000;
const patterns = ['src/**/*.test.ts', 'test/**/*.test.ts'];

/** One test as it ended. Suites are not tests, and are left out. */
type Outcome = {
  readonly file: string;
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'skipped' | 'todo';
  readonly place: string;
  readonly reason: string;
};

type Tally = { readonly outcomes: readonly Outcome[]; readonly output: ReadonlyMap<string, string> };

const root = resolve(import.meta.dirname, '..');

function testFiles(filters: readonly string[]): readonly string[] {
  const all = globSync(patterns, { cwd: root, exclude: (path) => path.includes('node_modules') }).toSorted();
  return filters.length === 0 ? all : all.filter((path) => filters.some((part) => path.includes(part)));
}

async function runFiles(files: readonly string[]): Promise<Tally> {
  const outcomes: Outcome[] = [];
  const output = new Map<string, string>();
  const startedAt = new Map<string, number>();
  const keep = (file: string | undefined, message: string): void => {
    if (file !== undefined) output.set(file, (output.get(file) ?? '') + message);
  };
  const events = run({
    files: files.map((path) => resolve(root, path)),
    concurrency,
    timeout: fileTimeoutMs,
    // Node 24 has node:sqlite behind a warning that says nothing about a test.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  for await (const event of events) {
    if (event.type === 'test:stdout' || event.type === 'test:stderr') keep(event.data.file, event.data.message);
    if (event.type === 'test:dequeue') startedAt.set(event.data.name, startedAt.get(event.data.name) ?? Date.now());
    if (event.type === 'test:pass' || event.type === 'test:fail') {
      const outcome = asOutcome(event);
      if (outcome !== undefined) outcomes.push(outcome);
    }
    if (event.type === 'test:summary' && event.data.file !== undefined) {
      printFile(event.data.file, outcomes, event.data.duration_ms);
    }
  }
  return { outcomes, output };
}
