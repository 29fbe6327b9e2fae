// gantry diagnose --log FILE: why a log from anywhere ends in a failure.
import { diagnose as diagnoseLog, NO_FAILURE } from '#diagnosis/diagnose.ts';
import type { Diagnosis } from '#diagnosis/diagnose.ts';
import type { FormTable } from '#diagnosis/log/form-table.ts';
import type { SkimmedLog } from '#diagnosis/log/log-skim.ts';
import { cleanLine } from '#diagnosis/log/clean-line.ts';
import { skimFile } from '#diagnosis/read-log-file.ts';
import { inline, truncate } from '#run/report/layout.ts';
import type { Paint } from '#run/report/words.ts';
import { EXIT } from '../exit-codes.ts';
import { choosePaint } from '../paint.ts';
import { UsageError } from '../usage-error.ts';

export interface DiagnoseOptions {
  readonly log?: string;
  readonly green?: string;
  readonly format: 'text' | 'json';
}

const WIDEST = 160;

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
  const { cause, layer, confidence, fix, signature } = diagnosis;
  const sureness = `${Math.round(confidence * 100)} % sure`;
  const about = [layer === 'unknown' ? 'layer not known' : layer, sureness, ...(signature ? [signature] : [])];
  const excerpt = excerptLines(diagnosis, log, paint);
  return [
    `${paint('bad', '✗')} ${paint('strong', inline(cause))}`,
    `  ${paint('dim', about.join(' · '))}`,
    ...(excerpt.length > 0 ? ['', ...excerpt] : []),
    ...(fix === undefined ? [] : ['', `  ${paint('accent', 'Fix')}  ${inline(fix)}`]),
    '',
  ].join('\n');
}

function excerptLines({ excerpt }: Diagnosis, log: SkimmedLog, paint: Paint): readonly string[] {
  const digits = String(excerpt.at(-1)?.end ?? 0).length;
  const shown: string[] = [];
  for (const [index, range] of excerpt.entries()) {
    if (index > 0) shown.push(`  ${' '.repeat(digits)} ${paint('dim', '⋮')}`);
    for (const { number, raw } of log.lines.filter((line) => line.number >= range.start && line.number <= range.end)) {
      const text = truncate(visible(raw), WIDEST);
      shown.push(`  ${paint('dim', `${String(number).padStart(digits)} │`)} ${text}`.trimEnd());
    }
  }
  return shown;
}

/** As the log has it, with its spaces, without what a terminal would obey. */
function visible(raw: string): string {
  return cleanLine(raw).replaceAll('\t', '    ').split(' ').map(inline).join(' ');
}
