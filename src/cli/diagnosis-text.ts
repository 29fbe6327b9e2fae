// A diagnosis for people: the cause first, then whose it is, the lines that show it, and what helps.
import type { StepDiagnosis } from '#run/diagnosis.ts';
import { inline, truncate } from '#run/report/layout.ts';
import { commandInWords, layerInWords } from '#run/report/remarks.ts';
import type { Paint } from '#run/report/words.ts';
import { visible } from './visible.ts';

export interface LogExcerpt {
  /** In the order of the log; where numbers do not follow each other, something is left out. */
  readonly lines: readonly { readonly number: number; readonly text: string }[];
  /** Whose log it is; '' when that is plain. */
  readonly where: string;
}

const WIDEST = 160;

export function describeDiagnosis(diagnosis: StepDiagnosis, { lines, where }: LogExcerpt, paint: Paint): string {
  const { cause, command, fix, signature, probes = [], changed = [] } = diagnosis;
  const about = [where, layerInWords(diagnosis), signature ?? ''].filter((each) => each !== '').map(inline);
  const blocks = [
    lines.length === 0 ? [] : numbered(lines, paint),
    command ? [`  ${paint('dim', 'Command')}  ${inline(commandInWords(command))}`] : [],
    fix === undefined ? [] : [`  ${paint('accent', 'Fix')}  ${inline(fix)}`],
    [
      ...probes.map(({ ok, name, said }) => `  ${probeMark(ok, paint)} ${name}: ${inline(said)}`),
      ...changed.map((line) => `  ${paint('dim', 'changed')}  ${inline(line)}`),
    ],
  ];
  return [
    `${paint('bad', '✗')} ${paint('strong', inline(cause))}`,
    `  ${paint('dim', about.join(' · '))}`,
    ...blocks.filter((block) => block.length > 0).flatMap((block) => ['', ...block]),
    '',
  ].join('\n');
}

function numbered(lines: LogExcerpt['lines'], paint: Paint): readonly string[] {
  const digits = String(lines.at(-1)?.number ?? 0).length;
  return lines.flatMap(({ number, text }, index) => {
    const before = lines[index - 1]?.number;
    const gap = before === undefined || number === before + 1 ? [] : [`  ${' '.repeat(digits)} ${paint('dim', '⋮')}`];
    const line = `  ${paint('dim', `${String(number).padStart(digits)} │`)} ${truncate(visible(text), WIDEST)}`;
    return [...gap, line.trimEnd()];
  });
}

function probeMark(ok: boolean | undefined, paint: Paint): string {
  if (ok === undefined) return paint('dim', '·');
  return ok ? paint('good', '✓') : paint('bad', '✗');
}
