// How often the kernel has ended a process of this process's own control group for want of memory, since the group was made.
import { readFileSync } from 'node:fs';

/** Undefined where the kernel does not tell. */
export function oomKills(): number | undefined {
  for (const file of files()) {
    const count = /^oom_kill (\d+)$/m.exec(readOr(file))?.[1];
    if (count !== undefined) return Number(count);
  }
  return undefined;
}

function files(): readonly string[] {
  const groups = readOr('/proc/self/cgroup');
  const unified = /^0::(.*)$/m.exec(groups)?.[1] ?? '';
  const memory = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1] ?? '';
  return [
    `/sys/fs/cgroup/memory${memory}/memory.oom_control`,
    `/sys/fs/cgroup${unified}/memory.events`,
    // Inside a container its own group is the root of what it sees.
    '/sys/fs/cgroup/memory/memory.oom_control',
    '/sys/fs/cgroup/memory.events',
  ];
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
