// What broke, and why, in one line: for messages and for whoever reads only the end of things.
import type { Layer } from './diagnosis.ts';
import type { StepResult } from './events.ts';
import type { JobOrder } from './job-order.ts';
import { stepVerdict, worst } from './verdict.ts';

export interface Failure {
  /** `job / step`, or the job alone. */
  readonly where: string;
  /** How it ended: one line, as the report has it. */
  readonly why: string;
  /** What was found out about that; absent when nothing was. */
  readonly cause?: string;
  readonly layer: Layer;
  /** 0 to 1: of cause and layer. */
  readonly confidence: number;
  readonly fix?: string;
}

/** Less than this is no more than that the step has failed. */
const LEAST = 0.2;

export function failureOf(jobName: string, step: StepResult): Failure | undefined {
  if (step.conclusion !== 'failure' && step.refuted !== true) return undefined;
  const { diagnosis, why = 'failed' } = step;
  const { cause, layer = 'unknown', confidence = 0, fix } = diagnosis ?? {};
  const isKnown = cause !== undefined && confidence >= LEAST;
  return {
    where: `${jobName} / ${step.name}`,
    why,
    ...(isKnown ? { cause } : {}),
    layer,
    confidence,
    ...(fix === undefined ? {} : { fix }),
  };
}

/** `exit code 6: curl: (6) Could not resolve host: example.org (network, 85 % sure)`. */
export function failureInWords({ why, cause, layer, confidence }: Omit<Failure, 'where'>): string {
  if (cause === undefined) return why;
  const sure = layer === 'unknown' ? '' : ` (${layer}, ${Math.round(confidence * 100)} % sure)`;
  return `${why}: ${cause}${sure}`;
}

type Evidence = JobOrder['evidence'];

/** The steps of a job are part of the run so far for those behind them. */
export function withStep(evidence: Evidence, jobName: string, step: StepResult): Evidence {
  if (step.conclusion === 'skipped') return evidence;
  const failure = failureOf(jobName, step);
  const { total, failed, skipped } = step.tests ?? {};
  const isCounted = total !== undefined && failed !== undefined && skipped !== undefined;
  return {
    verdict: worst(evidence.verdict, stepVerdict(step)),
    ledger: step.ledger.length === 0 ? evidence.ledger : [...evidence.ledger, ...step.ledger],
    tests: isCounted
      ? [...evidence.tests, { total, failed, skipped, where: `${jobName} / ${step.name}` }]
      : evidence.tests,
    failures: failure ? [...evidence.failures, failure] : evidence.failures,
  };
}
