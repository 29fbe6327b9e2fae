import { unreachable } from '#base/unreachable.ts';
import type { Report } from '#run/report/report.ts';

/** Every exit code of the command, in one place. */
export const EXIT = {
  passed: 0,
  failed: 1,
  usage: 2,
  /** Only with `--strict`; without it a degraded run ends with 0. */
  degraded: 10,
  unknown: 11,
  invalidWorkflow: 12,
  engineFault: 20,
  releaseRefused: 30,
  cancelled: 130,
} as const;

export function exitCodeOf(report: Report, strict: boolean): number {
  if (report.conclusion === 'cancelled') return EXIT.cancelled;
  switch (report.verdict) {
    case 'passed':
      return EXIT.passed;
    case 'degraded':
      return strict ? EXIT.degraded : EXIT.passed;
    case 'failed': {
      // A refused release is told apart from a failing test: the service is up, and what was live still is.
      const failing = report.jobs.flatMap((job) => job.steps).filter((step) => step.verdict === 'failed');
      return failing.length > 0 && failing.every((step) => step.release !== undefined)
        ? EXIT.releaseRefused
        : EXIT.failed;
    }
    case 'unknown':
    case null:
      return EXIT.unknown;
    default:
      return unreachable(report.verdict);
  }
}
