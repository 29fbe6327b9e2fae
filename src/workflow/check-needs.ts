import type { Job } from './model.ts';
import type { Located } from './position.ts';
import { didYouMean, report, type Reading } from './reading.ts';

/** `needs:` must name other jobs of the workflow, and never lead back. */
export function checkNeeds(reading: Reading, jobs: readonly Job[], keys: readonly string[]): void {
  const known = new Set(keys.map((key) => key.toLowerCase()));
  for (const job of jobs) {
    for (const need of job.needs) {
      if (need.value.toLowerCase() === job.key.toLowerCase()) {
        report(reading, { code: 'WF015', at: need.at, message: `job "${job.key}" needs itself` });
      } else if (!known.has(need.value.toLowerCase())) {
        const hint = didYouMean(
          reading,
          need.value,
          keys.filter((key) => key !== job.key),
        );
        const message = `job "${job.key}" needs "${need.value}", which does not exist${hint}`;
        report(reading, { code: 'WF014', at: need.at, message });
      }
    }
  }
  reportCycles(reading, jobs);
}

interface Visit {
  readonly job: Job;
  next: number;
}

/** Depth first, with a stack of its own: a chain of jobs may be as long as the file. */
function reportCycles(reading: Reading, jobs: readonly Job[]): void {
  const byKey = new Map(jobs.map((job) => [job.key, job]));
  const done = new Set<string>();
  const told = new Set<Located<string>>();
  for (const start of jobs) {
    const path: Visit[] = done.has(start.key) ? [] : [{ job: start, next: 0 }];
    const onPath = new Map<string, number>(path.map((visit) => [visit.job.key, 0]));
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const need = visit.job.needs[visit.next++];
      if (need === undefined) {
        done.add(visit.job.key);
        onPath.delete(visit.job.key);
        path.pop();
        continue;
      }
      const job = byKey.get(need.value);
      if (job === undefined || done.has(job.key) || job === visit.job) continue;
      const index = onPath.get(job.key);
      if (index === undefined) {
        onPath.set(job.key, path.length);
        path.push({ job, next: 0 });
      } else reportCycle(reading, path.slice(index), told);
    }
  }
}

/** Says a circle at every `needs:` of it, as GitHub does; one that is part of several circles is told once. */
function reportCycle(reading: Reading, circle: readonly Visit[], told: Set<Located<string>>): void {
  for (const [index, { job, next }] of circle.entries()) {
    const need = job.needs[next - 1];
    if (need === undefined || told.has(need)) continue;
    told.add(need);
    const message = `jobs need each other in a circle: ${showCycle(circle, index)}`;
    report(reading, { code: 'WF016', at: need.at, message });
  }
}

/** The circle as the job at `start` sees it; of a long one its beginning and its end. */
function showCycle(circle: readonly Visit[], start: number): string {
  const keyAt = (step: number): string => circle[(start + step) % circle.length]?.job.key ?? '';
  const keysOf = (from: number, to: number): readonly string[] =>
    Array.from({ length: to - from }, (_, step) => keyAt(from + step));
  const count = circle.length;
  const shown = count > 12 ? [...keysOf(0, 6), '…', ...keysOf(count - 5, count)] : keysOf(0, count);
  return [...shown, keyAt(0)].join(' → ');
}
