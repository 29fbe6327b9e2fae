import type { Result } from '#base/result.ts';
import type { Annotation, TestCounts } from '#run/events.ts';
import type { StepFacts } from '#run/reuse/facts.ts';

/** How the step had ended, so far as it is not in its tree. */
export interface KeptEnd {
  /** The environment files of the step as it wrote them, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly annotations: readonly Annotation[];
  readonly exitCode?: number;
  readonly tests?: TestCounts;
}

/** A step that was kept. */
export interface KeptStep {
  readonly key: string;
  readonly runId: string;
  readonly atMs: number;
  readonly end: KeptEnd;
  /** Of its tree; folders and links are not counted. */
  readonly files: number;
  readonly bytes: number;
}

/** What a place in a workflow was kept with last; the step itself may be gone by now. */
export interface KeptFacts {
  readonly key: string;
  readonly runId: string;
  readonly facts: StepFacts;
}

export interface StepToKeep {
  readonly key: string;
  /** The place of the step in its workflow. */
  readonly slot: string;
  readonly runId: string;
  readonly facts: StepFacts;
  readonly end: KeptEnd;
  readonly workspace: string;
  /** Relative to the workspace: files, links and folders, each by itself, a folder before what is in it. */
  readonly paths: readonly string[];
}

/**
 * What steps made, by a key that covers all they depend on. A kept step never changes; keeping under a key again takes the
 * place of what was there.
 *
 * Trees: files with their modes and modification times, links as links, empty folders. Nothing is read or written through a
 * link, and nothing outside the workspace.
 * Trust: what comes back is what was kept. Content that is damaged, by whatever way, is found before anything of the
 * workspace is touched, and is then gone from the store.
 * Concurrency: any number of processes may keep, restore and drop at once; a reader has a whole step or none.
 * Limits: what was not used for the longest time goes first when there is too much, or when it is too old.
 */
export interface ReuseStore {
  /** Undefined when nothing whole is kept under the key. What is found counts as used now. */
  find(key: string): Promise<KeptStep | undefined>;
  latest(slot: string): Promise<KeptFacts | undefined>;
  /**
   * Takes `replaces` (relative paths) out of the workspace and puts the step's tree there. An error says why the tree
   * cannot be had; unless it begins with "in part", the workspace is as it was.
   */
  restore(kept: KeptStep, workspace: string, replaces: readonly string[]): Promise<Result<undefined, string>>;
  /** An error says why the step cannot be kept; nothing of it is kept then. */
  keep(step: StepToKeep): Promise<Result<KeptStep, string>>;
}
