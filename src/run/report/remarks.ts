// What stands under a step or a job: why it is not simply passed, and what else is worth a line. Made once for terminal,
// Markdown and HTML; only what it looks like differs.
import type { FailedCommand, StepDiagnosis } from '../diagnosis.ts';
import type { LedgerEntry } from '../ledger.ts';
import { maskedInWords } from '../masked.ts';
import { reuseInWords } from '../reuse/words.ts';
import type { Report, ReportJob, ReportStep } from './report.ts';
import { testsInWords, waitInWords } from './words.ts';

export interface Remark {
  /** `reason` is in the tone of the step, `cause` stands out, the rest is for who reads on. */
  readonly kind: 'reason' | 'cause' | 'more';
  readonly text: string;
}

export function stepRemarks(step: ReportStep): readonly Remark[] {
  const reasons = stepReasons(step);
  const [cause, ...details] = step.diagnosis && isTelling(step, step.diagnosis) ? diagnosisInWords(step.diagnosis) : [];
  // That none ran is a reason by itself, and has been said.
  const tests = step.tests && !(step.tests.total === 0 && reasons.length > 0) ? [testsInWords(step.tests)] : [];
  const more = [...details, ...tests, ...maskedInWords(step.masked), ...(step.reuse ? [reuseInWords(step.reuse)] : [])];
  return [
    ...reasons.map((text) => ({ kind: 'reason', text }) as const),
    ...(cause === undefined ? [] : [{ kind: 'cause', text: cause } as const]),
    ...more.map((text) => ({ kind: 'more', text }) as const),
  ];
}

/** Of a failure that was let be, that nobody knows its cause is no news. */
function isTelling({ conclusion, verdict }: ReportStep, { layer }: StepDiagnosis): boolean {
  return layer !== 'unknown' || conclusion !== 'success' || verdict === 'failed';
}

function stepReasons(step: ReportStep): readonly string[] {
  const { verdict, conclusion, why, ledger } = step;
  if (verdict === 'passed') return [];
  const down = ledger.map(stepDownInWords);
  if (verdict === 'degraded' || (verdict === 'unknown' && conclusion === 'success' && down.length > 0)) return down;
  return why ? [withExitCode(step, why)] : [];
}

function withExitCode({ exitCode }: ReportStep, why: string): string {
  const isNews = exitCode !== undefined && exitCode !== 0 && !/\bexit/iu.test(why);
  return isNews ? `${why} (exit code ${exitCode})` : why;
}

function stepDownInWords({ what, wanted, used, why, cause }: LedgerEntry): string {
  // The cause has a line of its own under the step.
  if (what === 'masked') return `masked: ${wanted} (${cause ? why.replace(/ \(.*\)$/u, '') : why}; ${used})`;
  return what === 'unproven' ? `unproven: ${why}` : `${what}: ${used}`;
}

/** A job that failed because a step did says nothing that the step does not say better. */
export function jobWhy(job: ReportJob, report: Report): string {
  if (job.waitsFor) return waitInWords(job.waitsFor);
  // What ended the whole run is said once.
  if (job.conclusion === 'cancelled' && job.why === report.cancelled) return job.state === 'skipped' ? '' : 'cancelled';
  const saidByStep = job.steps.some((step) => step.conclusion === 'failure' && step.why);
  const why = saidByStep ? '' : (job.why ?? '');
  if (job.carriedFrom === undefined || job.state !== 'finished') return why;
  return `not run again, taken from ${job.carriedFrom}${why === '' ? '' : `: ${why}`}`;
}

/** The cause, what helps, how the machine itself is, and what is not as it was. */
function diagnosisInWords(diagnosis: StepDiagnosis): readonly string[] {
  const { cause, command, fix, changed = [], probes = [] } = diagnosis;
  // That the runner itself is well is said in any case: it is what one would doubt first.
  const told = probes.filter(({ ok, name }) => ok === false || name === 'echo test' || name === 'replay');
  return [
    `cause: ${cause} (${layerInWords(diagnosis)})`,
    // One that a mask hides is told beside the mask.
    ...(command && command.mask === undefined ? [`command: ${commandInWords(command)}`] : []),
    ...(fix === undefined ? [] : [`fix: ${fix}`]),
    ...told.map(({ name, said }) => `${name}: ${said}`),
    ...changed.map((line) => `changed: ${line}`),
  ];
}

/** `pip install "$NAME", line 3, status 1, with its values: pip install "flask"`. */
export function commandInWords({ text, line, status, mask, expanded }: FailedCommand): string {
  return [
    text,
    ...(line === undefined ? [] : [`line ${line}`]),
    ...(status === undefined ? [] : [`status ${status}`]),
    ...(mask === undefined ? [] : [`hidden by ${mask}`]),
    ...(expanded === undefined ? [] : [`with its values: ${expanded}`]),
  ].join(', ');
}

/** `dependency, 90 % sure`. */
export function layerInWords({ layer, confidence }: StepDiagnosis): string {
  return layer === 'unknown' ? 'layer not known' : `${layer}, ${Math.round(confidence * 100)} % sure`;
}
