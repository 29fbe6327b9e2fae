/**
 * What the step was allowed, and whether it came to the end of that: memory of its control group and whom the kernel ended for
 * want of it, processes, open files. Read where the step ran.
 */
import { accuse, ask } from './probe.ts';
import type { Probe, ProbePlace } from './probe.ts';

/** Lines of a name and a number. The first file of each that can be read is the one. */
const READ = `
unified=$(sed -n 's/^0:://p' /proc/self/cgroup)
memory=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
pids=$(sed -n 's/^[0-9]*:pids://p' /proc/self/cgroup)
first() {
  name=$1; shift
  for file do [ -r "$file" ] && { echo "$name $(cat "$file")"; return; }; done
}
root=/sys/fs/cgroup
first memory "$root$unified/memory.max" "$root/memory$memory/memory.limit_in_bytes" "$root/memory.max" "$root/memory/memory.limit_in_bytes"
first processes "$root$unified/pids.current" "$root/pids$pids/pids.current" "$root/pids.current" "$root/pids/pids.current"
first most-processes "$root$unified/pids.max" "$root/pids$pids/pids.max" "$root/pids.max" "$root/pids/pids.max"
for file in "$root$unified/memory.events" "$root/memory$memory/memory.oom_control" "$root/memory.events" "$root/memory/memory.oom_control"; do
  [ -r "$file" ] && { sed -n 's/^oom_kill /killed /p' "$file"; break; }
done
echo "files $(ulimit -n)"
exit 0`;

/** Version 1 of control groups says "no limit" with a number of this size. */
const NO_LIMIT = 2 ** 60;

export interface Limits extends Probe {
  /** Whom the kernel has ended while the job ran, as far as it tells. */
  readonly killed: number;
}

export async function limits(place: ProbePlace): Promise<Limits> {
  const answer = await ask(place, ['sh', '-c', READ]);
  const told = new Map(
    (answer?.stdout ?? '').split('\n').map((line) => {
      const [name = '', value = ''] = line.split(' ');
      return [name, Number(value)] as const;
    }),
  );
  if (answer?.exitCode !== 0) return { name: 'limits', said: 'not read: there was no answer', killed: 0 };
  const bytes = told.get('memory') ?? NO_LIMIT;
  const before = place.oomKillsBefore;
  const killed = before === undefined ? 0 : Math.max(0, (told.get('killed') ?? 0) - before);
  const processes = told.get('processes') ?? 0;
  const most = told.get('most-processes') ?? NaN;
  const memory = bytes < NO_LIMIT ? `memory ${Math.round(bytes / 2 ** 20)} MB` : 'memory without a limit';
  if (most > 0 && processes >= most * 0.95)
    return {
      ...accuse('limits', `${processes} of at most ${most} processes run`, {
        layer: 'resources',
        confidence: 0.8,
        cause: `there is no room for another process: ${processes} of at most ${most} run`,
        fix: 'start fewer at once, or raise the limit of processes',
      }),
      killed,
    };
  if (killed > 0)
    return {
      name: 'limits',
      ok: false,
      said: `the kernel has ended ${killed} of its processes for want of memory; ${memory}`,
      killed,
    };
  const files = told.get('files');
  const said = [
    memory,
    ...(processes > 0 ? [`${processes} processes${most > 0 ? ` of at most ${most}` : ''}`] : []),
    ...(files === undefined || Number.isNaN(files) ? [] : [`${files} open files each`]),
  ].join(', ');
  return { name: 'limits', ok: true, said, killed };
}
