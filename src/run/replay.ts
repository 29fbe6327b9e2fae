// A failed step run once more, to find out whether it fails again. Nothing that it makes counts.

/** What came of it. */
export type Replay =
  | { readonly kind: 'not-done'; readonly why: string }
  | {
      readonly kind: 'ended';
      /** Absent when a signal ended it. */
      readonly exitCode?: number;
      readonly signal?: string;
      readonly durationMs: number;
      /** The end of what it printed, redacted. */
      readonly output: string;
      /** Paths of the workspace that may not be as they were before the step. */
      readonly unlike: readonly string[];
    };

/** Whether a failed step can be run again at all, and how. */
export type Replayable =
  | { readonly kind: 'never'; readonly why: string }
  | {
      readonly kind: 'possible';
      /** A step that took longer is not run again. */
      readonly mostMs: number;
      /** Where a replay may write. */
      readonly own: readonly string[];
      readonly run: () => Promise<Replay>;
    };
