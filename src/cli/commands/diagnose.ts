// gantry diagnose --log FILE: why a log from anywhere ends in a failure.
import { diagnose as diagnoseLog, NO_FAILURE } from '#diagnosis/diagnose.ts';
import type { Diagnosis } from '#diagnosis/diagnose.ts';
import type { FormTable } from '#diagnosis/log/form-table.ts';
import type { SkimmedLog } from '#diagnosis/log/log-skim.ts';
import { skimFile } from '#diagnosis/read-log-file.ts';
import type { Paint } from '#run/report/words.ts';
import { describeDiagnosis } from '../diagnosis-text.ts';
import { EXIT } from '../exit-codes.ts';
import { choosePaint } from '../paint.ts';
import { UsageError } from '../usage-error.ts';

export interface DiagnoseOptions {
  readonly log?: string;
  readonly green?: string;
  readonly format: 'text' | 'json';
}

export async function diagnose(options: DiagnoseOptions): Promise<number> {
  if (options.log === undefined) throw new UsageError('name the log: gantry diagnose --log FILE');
  const green = options.green === undefined ? undefined : (await read(options.green)).forms;
  const log = await read(options.log, green);
  const diagnosis = diagnoseLog(log, green && { green });
  const paint = choosePaint({ isTerminal: process.stdout.isTTY, env: process.env });
  process.stdout.write(
    options.format === 'json'
      ? `${JSON.stringify({ version: 1, ...diagnosis }, null, 2)}\n`
      : describe(diagnosis, log, paint),
  );
  return EXIT.passed;
}

async function read(path: string, known?: FormTable): Promise<SkimmedLog> {
  const log = await skimFile(path, known);
  if (!log.ok) throw new UsageError(`cannot read the log ${path}: ${log.error}`);
  return log.value;
}

/** The cause first, then who it concerns, what shows it, and what to do. */
function describe(diagnosis: Diagnosis, log: SkimmedLog, paint: Paint): string {
  if (diagnosis.cause === NO_FAILURE) return `${paint('good', '✓')} ${NO_FAILURE}\n`;
  const shown = log.lines.filter(({ number }) =>
    diagnosis.excerpt.some(({ start, end }) => start <= number && number <= end),
  );
  const lines = shown.map(({ number, raw }) => ({ number, text: raw }));
  return describeDiagnosis(diagnosis, { lines, where: '' }, paint);
}
