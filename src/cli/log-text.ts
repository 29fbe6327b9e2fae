// The log as people read it: under the name of each step what it does, then what it printed, then why it did not succeed,
// also when nothing of it ever ran.
import { formatDuration } from '#base/duration.ts';
import { inline, keepingColours, printable, wrap } from '#run/report/layout.ts';
import { stepRemarks } from '#run/report/remarks.ts';
import type { Report } from '#run/report/report.ts';
import { reportStep } from '#run/report/report.ts';
import { runMark, stepMark, verdictInWords } from '#run/report/words.ts';
import type { Mark, Paint } from '#run/report/words.ts';
import type { LogLine } from '#stores/logs/log-store.ts';
import type { LogStep } from './log-steps.ts';

export interface LogTextOptions {
  readonly write: (text: string) => void;
  readonly paint: Paint;
  /** Of the terminal: what was printed may colour it, and do nothing else to it. Absent: it goes elsewhere, as it is. */
  readonly width?: number;
  readonly withTimes: boolean;
}

const RUNNING: Mark = { sign: '·', tone: 'accent', word: 'running' };

/** Takes lines of several steps in any order. Each step is named when it begins, and again when others came between. */
export class LogText {
  readonly #options: LogTextOptions;
  readonly #begun = new Set<string>();
  readonly #ended = new Set<string>();
  #current: string | undefined;

  constructor(options: LogTextOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#begun.size === 0;
  }

  begin(step: LogStep): void {
    const key = keyOf(step);
    if (this.#current === key) return;
    const { write, paint } = this.#options;
    const { sign, tone } = step.result ? stepMark(reportStep(step.result)) : RUNNING;
    const name = inline(step.name === '' ? step.jobName : `${step.jobName} / ${step.name}`);
    const took = step.result ? `  ${formatDuration(step.result.durationMs)}` : '';
    const again = this.#begun.has(key) ? '  goes on' : took;
    // The job itself has one when nothing else tells that it failed.
    const mark = step.index >= 0 ? `${paint(tone, sign)} ` : step.hasFailed ? `${paint('bad', '✗')} ` : '';
    write(`${this.isEmpty ? '' : '\n'}${mark}${paint('strong', name)}${paint('dim', again)}\n`);
    if (!this.#begun.has(key)) for (const line of step.commands) this.#row(paint('dim', printable(line)));
    this.#begun.add(key);
    this.#current = key;
  }

  line(step: LogStep, { text, atMs }: LogLine): void {
    this.begin(step);
    const { paint, width, withTimes } = this.#options;
    const time = withTimes ? paint('dim', `${new Date(atMs).toISOString()} `) : '';
    this.#row(`${time}${width === undefined ? text : keepingColours(text)}`);
  }

  /** Once: why it did not succeed. */
  end(step: LogStep): void {
    const key = keyOf(step);
    if (!step.result || this.#ended.has(key)) return;
    this.#ended.add(key);
    const shown = reportStep(step.result);
    const reasons = stepRemarks(shown).filter(({ kind }) => kind === 'reason');
    // A step that ended well after others came between has nothing more to say.
    if (reasons.length > 0 || !this.#begun.has(key)) this.begin(step);
    const { sign, tone } = stepMark(shown);
    const { paint, width = Number.POSITIVE_INFINITY } = this.#options;
    for (const { text } of reasons)
      for (const [index, line] of wrap(inline(text), width - 4).entries())
        this.#row(paint(tone, `${index === 0 ? sign : ' '} ${line}`));
  }

  /** Behind the last line of a run that was followed. */
  close(report: Report): void {
    const { write, paint } = this.#options;
    const { sign, tone } = runMark(report);
    const verdict = paint('strong', paint(tone, `${sign} ${inline(verdictInWords(report))}`));
    write(`${this.isEmpty ? '' : '\n'}${verdict}${paint('dim', ` · run ${report.run}`)}\n`);
  }

  #row(text: string): void {
    this.#options.write(`${`  ${text}`.trimEnd()}\n`);
  }
}

function keyOf({ jobId, index }: LogStep): string {
  return `${index} ${jobId}`;
}
