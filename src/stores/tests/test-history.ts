import type { FlakyTest } from '#run/events.ts';

/** Which step's tests: the same file, job and step of every run. */
export interface TestPlace {
  readonly workflow: string;
  readonly job: string;
  readonly step: string;
}

/** What the reports of one step tell, when it has ended. */
export interface SeenTests {
  readonly place: TestPlace;
  readonly run: string;
  readonly atMs: number;
  /** Absent when what ran is no commit, or more than one. */
  readonly commit?: string;
  readonly failed: readonly string[];
  readonly passed: ReadonlySet<string>;
  /** Those that failed and passed within the run itself. */
  readonly flaky: readonly FlakyTest[];
}

export interface TestNews {
  /** Those of the run itself, and those that failed before at the same commit and pass now. */
  readonly flaky: readonly FlakyTest[];
  /** Of tests that fail now: in how many earlier runs they were flaky. */
  readonly before: ReadonlyMap<string, number>;
}

/** A test that was flaky at least once. */
export interface FlakyRecord extends TestPlace {
  readonly name: string;
  /** Runs in which it was flaky. */
  readonly times: number;
  /** Runs of its step since it was flaky first, that one included. */
  readonly runs: number;
  readonly lastRun: string;
  readonly lastAtMs: number;
  readonly lastHow: FlakyTest['how'];
}

/**
 * Remembers which tests were flaky, over runs and processes; several may write at once. `record` is called once for each
 * step of each run that has a test report, and answers with what is known after it. Names come in redacted. What is old
 * is forgotten: failures after 30 days, and of a step's runs all but the newest 1,000.
 */
export interface TestHistory {
  record(seen: SeenTests): TestNews;
  /** The one that was flaky last comes first. */
  flaky(): readonly FlakyRecord[];
}
