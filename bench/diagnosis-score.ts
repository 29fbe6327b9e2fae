import type { Diagnosis } from '#diagnosis/diagnose.ts';

export interface Case {
  readonly set: string;
  readonly log: string;
  readonly green?: string | undefined;
  readonly cause: readonly (readonly [number, number])[];
  readonly layer?: string | undefined;
  readonly project?: string | undefined;
}

export interface LineScore {
  /** At least one line of the cause is in it. */
  readonly isHit: boolean;
  readonly precision: number;
  /** Of all lines of the cause. */
  readonly recall: number;
  /** Of as many lines of the cause as an excerpt can hold. */
  readonly recallOfRoom: number;
  readonly lines: number;
}

export interface Judged extends LineScore {
  readonly diagnosis: Diagnosis;
}

export interface Measured {
  readonly one: Case;
  readonly bytes: number;
  readonly ms: number;
  readonly without: Judged;
  readonly tail: LineScore;
  readonly withGreen?: Judged;
  readonly difference?: LineScore;
  readonly onGreen?: Diagnosis;
}

const ROOM = 30;

export function linesOf(ranges: readonly (readonly [number, number])[]): ReadonlySet<number> {
  const lines = new Set<number>();
  for (const [first, last] of ranges) for (let line = first; line <= last; line++) lines.add(line);
  return lines;
}

export function scoreLines(chosen: ReadonlySet<number>, cause: ReadonlySet<number>): LineScore {
  const both = [...chosen].filter((line) => cause.has(line)).length;
  return {
    isHit: both > 0,
    precision: chosen.size === 0 ? 0 : both / chosen.size,
    recall: cause.size === 0 ? 0 : both / cause.size,
    recallOfRoom: cause.size === 0 ? 0 : Math.min(1, both / Math.min(ROOM, cause.size)),
    lines: chosen.size,
  };
}

export function harmonic(one: number, other: number): number {
  return one + other === 0 ? 0 : (2 * one * other) / (one + other);
}

/** Sets that name layers more coarsely than we do. A layer of ours that lies within theirs is right. */
const COARSE: Readonly<Record<string, readonly string[]>> = {
  infra: ['runner', 'resources', 'timeout'],
  config: ['configuration', 'secrets'],
  network: ['network', 'registry'],
  code: ['code', 'test'],
};

export function isRightLayer(told: string, truth: string): boolean {
  return told === truth || (COARSE[truth]?.includes(told) ?? false);
}

/** `logchunks/Java_ReactiveX@RxJava_failed_1.log.gz` and `cidiff/breakages_astor_1260.log.gz`: what the number counts. */
export function projectOf({ log, project }: Case): string {
  if (project !== undefined) return project;
  const name = log.split('/').at(-1) ?? log;
  return name
    .replace(/(?:_(?:failed|errored|passed))?_?\d*(?:\.\w+)*$/u, '')
    .replace(/^(?:breakages|other_cases)_/u, '');
}
