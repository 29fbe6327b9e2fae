import type { StepRun } from './step-run.ts';

/** A line of Gantry's own in the log of the step. */
export function announce(run: StepRun, index: number, text: string): void {
  say(run, index, `gantry: ${text}`);
}

export function say(run: StepRun, index: number, text: string): void {
  const output = run.openOutput(index);
  output.write('engine', Buffer.from(`${text}\n`));
  output.end();
}
