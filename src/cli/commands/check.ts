import { choosePaint } from '../paint.ts';
import { EXIT } from '../exit-codes.ts';
import { describeDiagnostics, everyWorkflow, findWorkflow, readPipeline } from '../find-workflow.ts';
import type { ReadFile } from '../find-workflow.ts';
import { loadCalled } from '../load-called.ts';
import { expectShortLife } from '../short-life.ts';
import { checkActions } from '../check-actions.ts';
import type { UsingWorkflow } from '../check-actions.ts';
import { projectRoot } from '#engine/project.ts';
import type { LoadedWorkflow } from '#run/make-plan.ts';
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';

export async function check(files: readonly string[], options: { readonly format: 'text' | 'json' }): Promise<number> {
  expectShortLife();
  const given =
    files.length > 0 ? files : everyWorkflow(projectRoot(process.cwd())).map((file) => relative(process.cwd(), file));
  const wanted = given.length > 0 ? given : [findWorkflow(undefined, process.cwd())];
  const own = await Promise.all(wanted.map((file) => readPipeline(findWorkflow(file, process.cwd()))));
  // Without a network: what is called in this project is looked at, what would have to be fetched is not.
  const places = { project: projectRoot(process.cwd()), signal: AbortSignal.timeout(60_000) };
  const called = await Promise.all(own.map(async (read) => loadCalled(read, places)));
  const using = [...own.flatMap(usingOf), ...called.flatMap((each) => Object.values(each.called)).map(usingCalled)];
  const actions = checkActions(onlyOnce(using), places.project);
  const reads = onceEach([...own, ...called.flatMap((each) => each.reads), ...actions]);
  const diagnostics = reads.flatMap((read) => read.diagnostics);
  const errors = diagnostics.filter((each) => each.severity === 'error').length;
  if (options.format === 'json') {
    const listed = diagnostics.map(({ at, ...rest }) => ({ ...rest, line: at.line, column: at.column }));
    process.stdout.write(`${JSON.stringify({ version: 1, diagnostics: listed }, null, 2)}\n`);
  } else {
    const paint = choosePaint({ isTerminal: process.stdout.isTTY, env: process.env });
    for (const read of reads)
      if (read.diagnostics.length > 0) process.stdout.write(`${describeDiagnostics(read, paint)}\n`);
    const warnings = diagnostics.length - errors;
    const amount = `${own.length} ${own.length === 1 ? 'file' : 'files'}`;
    process.stdout.write(
      `${amount}: ${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}\n`,
    );
  }
  return errors > 0 ? EXIT.invalidWorkflow : EXIT.passed;
}

function usingOf({ workflow, text }: ReadFile): readonly UsingWorkflow[] {
  return workflow ? [{ workflow, text }] : [];
}

function usingCalled({ workflow }: LoadedWorkflow): UsingWorkflow {
  return { workflow, text: readFileSync(workflow.file, 'utf8') };
}

function onlyOnce(using: readonly UsingWorkflow[]): readonly UsingWorkflow[] {
  return [...new Map(using.map((each) => [resolve(each.workflow.file), each])).values()];
}

/** A file that is checked by itself and called by others says everything once. */
function onceEach(reads: readonly ReadFile[]): readonly ReadFile[] {
  const told = new Set<string>();
  return reads.map((read) => ({
    ...read,
    diagnostics: read.diagnostics.filter(({ file, at, code, message }) => {
      const what = JSON.stringify([resolve(file), at.line, at.column, code, message]);
      return !told.has(what) && told.add(what);
    }),
  }));
}
