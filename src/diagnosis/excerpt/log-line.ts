import { cleanLine } from '../log/clean-line.ts';
import type { FormTable } from '../log/form-table.ts';
import type { SkimmedLog } from '../log/log-skim.ts';

/** A line as the analysis sees it. */
export interface LogLine {
  readonly number: number;
  readonly text: string;
  readonly form: number;
  /** How often its form came in the whole log. */
  readonly count: number;
  readonly isAlarming: boolean;
  /** Its form is not in the green log. False when there is no green log: then nothing is known to be new. */
  readonly isNew: boolean;
}

export function logLines(log: SkimmedLog, green: FormTable | undefined): readonly LogLine[] {
  return log.lines.map(({ number, raw, form, isAlarming }) => ({
    number,
    text: cleanLine(withoutJob(raw)),
    form,
    count: log.forms.countOf(form),
    isAlarming,
    isNew: green !== undefined && !green.has(form),
  }));
}

/** The names of the job and the step that GitHub's command line tool puts before each line of a log. */
const JOB_AND_STEP = /^[^\t]{1,200}\t[^\t]{1,200}\t(?=\uFEFF?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z(?: |$))/u;

function withoutJob(raw: string): string {
  return raw.includes('\t') ? raw.replace(JOB_AND_STEP, '') : raw;
}

/** What a system writes at the head of a step, before what the step says. */
const HEAD = /^(?:##\[(?:end)?group\]|shell: |env:$|with:$| {2}[\w-]+: )/u;

export function isHead(text: string): boolean {
  return HEAD.test(text);
}

/** The text of a line without what its tool puts before each: `[ERROR] `, `npm ERR! `, `E   `, `#12 3.456 `. */
export function withoutPrefix(text: string): string {
  return text.slice(prefixOf(text).length);
}

const PREFIX =
  /^(?:\[(?:ERROR|error|INFO|info|WARN|WARNING|warn|DEBUG|FATAL|main|[\w-]{1,20})\]\s?|npm (?:ERR!|error) ?|pnpm ERR! ?|E {2,}(?=\S)|#\d+ \d+\.\d+ ?|##\[(?:error|warning|debug)\]|remote: |\s*\d{1,2}> ?|(?:stderr|stdout)[:|] ?)/u;

export function prefixOf(text: string): string {
  return PREFIX.exec(text)?.[0] ?? '';
}

export function indentOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (character === ' ') columns++;
    else if (character === '\t') columns += 4;
    else return columns;
  }
  return columns;
}
