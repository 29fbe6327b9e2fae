/**
 * Runs the tests: a line per file, then every failure in full, then `N passed, N failed, N skipped`.
 *
 *     node scripts/test.ts [--no-skips] [part of a path…]
 *
 * Ends with 1 when a test failed, when none ran, and, in CI or with --no-skips, when one was skipped or left to do:
 * a test that did not run has proven nothing.
 */
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { collectOutcomes, type Outcome, type TestFile } from './test-outcomes.ts';

// Under a runner, the command speaks to it: what tests compare is what people see elsewhere.
delete process.env['GITHUB_ACTIONS'];

const patterns = ['test/**/*.test.ts', 'src/**/*.test.ts'];
const root = resolve(import.meta.dirname, '..');

function testFiles(parts: readonly string[]): readonly string[] {
  // End-to-end tests take longest, so they start first.
  const all = patterns.flatMap((pattern) => globSync(pattern, { cwd: root }).toSorted());
  return parts.length === 0
    ? all
    : all.filter((path) => parts.some((part) => path.includes(part.replace(/^\.\//, ''))));
}

function fileLine(file: TestFile): string {
  const count = (result: Outcome['result']): number => file.outcomes.filter((one) => one.result === result).length;
  const failed = count('failed');
  const notRun = count('skipped') + count('todo');
  const sign = failed > 0 ? '✗' : notRun > 0 ? '-' : '✓';
  const notes = [failed > 0 ? `${failed} failed` : '', notRun > 0 ? `${notRun} skipped` : ''].filter(
    (note) => note !== '',
  );
  const seconds = (file.durationMs / 1000).toFixed(1);
  return [`${sign} ${file.path}  ${file.outcomes.length} in ${seconds} s`, ...notes].join(', ');
}

function printFailures(files: readonly TestFile[]): void {
  for (const file of files) {
    const failures = file.outcomes.filter((one) => one.result === 'failed');
    if (failures.length === 0) continue;
    for (const one of failures) {
      console.log(`\n✗ ${one.name}\n  at ${one.place}`);
      if (one.reason !== '') console.log(indented(one.reason));
    }
    if (file.output !== '') console.log(`\n  what ${file.path} printed:\n${indented(lastLines(file.output, 200))}`);
  }
}

function printNotRun(notRun: readonly Outcome[], counted: boolean): void {
  if (notRun.length === 0) return;
  console.log(counted ? '\nThese did not run, and here that is a failure:' : '\nThese did not run:');
  for (const one of notRun) {
    console.log(`- ${one.name} (${one.place})${one.reason === '' ? '' : `: ${one.reason}`}`);
  }
}

const indented = (text: string): string => text.trimEnd().replaceAll(/^/gm, '    ');
const lastLines = (text: string, count: number): string => text.trimEnd().split('\n').slice(-count).join('\n');

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { 'no-skips': { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const skipsFail = values['no-skips'] || process.env['CI'] === 'true';
  const paths = testFiles(positionals);
  const files = await collectOutcomes(root, paths, (file) => console.log(fileLine(file)));
  const outcomes = files.flatMap((file) => file.outcomes);
  const passed = outcomes.filter((one) => one.result === 'passed');
  const failed = outcomes.filter((one) => one.result === 'failed');
  const notRun = outcomes.filter((one) => one.result === 'skipped' || one.result === 'todo');
  printFailures(files);
  printNotRun(notRun, skipsFail);
  const proven = passed.length > 0 && failed.length === 0 && !(skipsFail && notRun.length > 0);
  if (passed.length + failed.length === 0) console.log('\nNo test ran.');
  console.log(`\n${passed.length} passed, ${failed.length} failed, ${notRun.length} skipped`);
  return proven ? 0 : 1;
}

process.exitCode = await main();
