import type { Artifact, ArtifactDraft } from './artifacts.ts';

/** Whether what has the name already is from an earlier attempt of the job, or from another try of the same step. */
export function isReplacedBy(earlier: Artifact, wanted: Pick<ArtifactDraft, 'jobId' | 'attempt' | 'stepTry'>): boolean {
  if (earlier.jobId !== wanted.jobId) return false;
  if (earlier.attempt !== wanted.attempt) return earlier.attempt < wanted.attempt;
  return earlier.stepTry?.step === wanted.stepTry?.step && earlier.stepTry?.id !== wanted.stepTry?.id;
}
