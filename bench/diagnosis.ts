/**
 * How well failures are explained, on a set of failed logs whose causes are known, beside the plainest methods.
 *
 *     node bench/diagnosis.ts --set DIR [--json]
 *
 * DIR/cases.jsonl holds a case a line: {set, log, green?, cause: [[first, last]…], causeSecondReader?, layer?}. Lines
 * count from 1, split at line feeds; logs may be packed by gzip. A target that is missed is said so and changes no exit
 * code.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { diagnose } from '#diagnosis/diagnose.ts';
import type { Diagnosis } from '#diagnosis/diagnose.ts';
import type { SkimmedLog } from '#diagnosis/log/log-skim.ts';
import { skimFile } from '#diagnosis/read-log-file.ts';
import { render } from './diagnosis-report.ts';
import { linesOf, scoreLines } from './diagnosis-score.ts';
import type { Case, Measured } from './diagnosis-score.ts';

const Range = z.tuple([z.number(), z.number()]);
const CaseLine = z.object({
  set: z.string(),
  log: z.string(),
  green: z.string().optional(),
  cause: z.array(Range),
  layer: z.string().optional(),
  project: z.string().optional(),
});

const TAIL = 50;

async function read(path: string, green?: SkimmedLog): Promise<SkimmedLog> {
  const log = await skimFile(path, green?.forms);
  if (!log.ok) throw new Error(`${path}: ${log.error}`);
  return log.value;
}

function excerptLines(diagnosis: Diagnosis): ReadonlySet<number> {
  return linesOf(diagnosis.excerpt.map(({ start, end }) => [start, end] as const));
}

async function measure(folder: string, one: Case): Promise<Measured> {
  const cause = linesOf(one.cause);
  const startedAt = performance.now();
  const log = await read(join(folder, one.log));
  const alone = diagnose(log);
  const ms = performance.now() - startedAt;
  const tail = linesOf([[log.lineCount - TAIL + 1, log.lineCount]]);
  const without = { ...scoreLines(excerptLines(alone), cause), diagnosis: alone };
  const base = { one, bytes: log.byteCount, ms, without, tail: scoreLines(tail, cause) };
  if (one.green === undefined) return base;
  const green = await read(join(folder, one.green));
  const withGreen = diagnose(await read(join(folder, one.log), green), { green: green.forms });
  const difference = new Set(log.lines.filter(({ form }) => !green.forms.has(form)).map(({ number }) => number));
  return {
    ...base,
    withGreen: { ...scoreLines(excerptLines(withGreen), cause), diagnosis: withGreen },
    difference: scoreLines(difference, cause),
    onGreen: diagnose(green),
  };
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { set: { type: 'string' }, json: { type: 'boolean' } } });
  if (values.set === undefined) {
    process.stderr.write('name the set: npm run bench:diagnosis -- --set DIR\n');
    return 2;
  }
  const folder = values.set;
  const cases = readFileSync(join(folder, 'cases.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => CaseLine.parse(JSON.parse(line)));
  const measured: Measured[] = [];
  for (const one of cases) measured.push(await measure(folder, one));
  process.stdout.write(render(measured, values.json ?? false));
  return 0;
}

process.exitCode = await main();
