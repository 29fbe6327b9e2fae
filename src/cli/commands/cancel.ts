import { EXIT } from '../exit-codes.ts';
import { UsageError } from '../usage-error.ts';
import { findRun, isDriven, loadRun, openProject } from './history.ts';

export function cancel(given: string | undefined, options: { readonly force?: boolean } = {}): number {
  const { stores } = openProject();
  const id = findRun(stores, given);
  const run = loadRun(stores, id);
  if (run.finished) throw new UsageError(`run ${id} has finished already`);
  const force = options.force ? { force: true as const } : {};
  stores.journal.append(id, [
    { type: 'run.cancel-requested', v: 1, atMs: Date.now(), reason: 'gantry cancel', ...force },
  ]);
  process.stdout.write(
    isDriven(stores, id)
      ? `${id} is asked to end\n`
      : `${id} was interrupted, and is cancelled now; gantry resume ${id} runs what is due at its end\n`,
  );
  return EXIT.passed;
}
