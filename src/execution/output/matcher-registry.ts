// The problem matchers of a job: whatever step registers one, it holds for all output from there to the end of the job.
import { readFileSync, writeFileSync } from 'node:fs';
import { readProblemMatchers } from './problem-matcher.ts';
import type { ProblemMatcher } from './problem-matcher.ts';

export interface MatcherRegistry {
  /** The newest first: the first that matches a line has it. */
  readonly current: () => readonly ProblemMatcher[];
  /** Those of the same owners make room for them. */
  add(matchers: readonly ProblemMatcher[]): void;
  remove(owners: readonly string[]): void;
}

/** `file` remembers them for a job that is taken up again. */
export function openMatcherRegistry(file: string): MatcherRegistry {
  let matchers = remembered(file);
  const without = (owners: readonly string[]): readonly ProblemMatcher[] => {
    const gone = new Set(owners.map((owner) => owner.toLowerCase()));
    return matchers.filter(({ owner }) => !gone.has(owner.toLowerCase()));
  };
  const set = (next: readonly ProblemMatcher[]): void => {
    matchers = next;
    writeFileSync(file, JSON.stringify({ problemMatcher: next.map(asWritten) }), { mode: 0o600 });
  };
  return {
    current: () => matchers,
    add: (added) => set([...added, ...without(added.map(({ owner }) => owner))]),
    remove: (owners) => set(without(owners)),
  };
}

function remembered(file: string): readonly ProblemMatcher[] {
  try {
    const read = readProblemMatchers(readFileSync(file, 'utf8'));
    return read.ok ? read.value : [];
  } catch {
    return [];
  }
}

function asWritten({ owner, severity, patterns }: ProblemMatcher): unknown {
  return { owner, severity, pattern: patterns.map(({ regexp, groups, loop }) => ({ regexp, ...groups, loop })) };
}
