/**
 * After a failure: is the machine itself well? The probes run where the step ran, as what it ran, all at once and within
 * seconds. The echo test comes first in the list: when even that fails, nothing of the log has to be believed.
 */
import { open, rm, statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { accuse, PROBE_MS } from './probe.ts';
import type { Probe, ProbePlace } from './probe.ts';

const WRITTEN_BYTES = 1 << 20;
/** What a build needs to get anywhere. */
const LOW_DISK_BYTES = 50 << 20;
const LOW_INODES = 1_000;
const LOW_MEMORY_BYTES = 64 << 20;

export async function probeRunner(place: ProbePlace): Promise<readonly Probe[]> {
  return Promise.all([echo(place), disk(place.folder), memory()]);
}

/** Shell, environment, arithmetic and clock, as the step had them. */
async function echo({ folder, env, start, signal }: ProbePlace): Promise<Probe> {
  const began = performance.now();
  let said = '';
  const script = 'printf "%s %s %s\\n" gantry "$((6 * 7))" "$(date +%s)"';
  const result = await start({
    argv: ['sh', '-c', script],
    cwd: folder,
    env,
    signal,
    timeoutMs: PROBE_MS,
    onOutput: (_stream, chunk) => {
      said = (said + chunk.toString('utf8')).slice(0, 1_000);
    },
  });
  const took = `${Math.round(performance.now() - began)} ms`;
  const [word, answer, clock] = said.trim().split(' ');
  const drift = Math.abs(Number(clock) - Date.now() / 1000);
  if (result.kind === 'cancelled') return { name: 'echo test', said: 'not done: the job was cancelled' };
  if (result.kind !== 'exited' || result.exitCode !== 0 || word !== 'gantry' || answer !== '42') {
    const how =
      result.kind === 'exited'
        ? `exit code ${result.exitCode}`
        : result.kind === 'timed-out'
          ? 'no answer'
          : result.kind;
    return accuse('echo test', `a shell that only prints a word fails too: ${how}`, {
      layer: 'runner',
      confidence: 0.95,
      cause: `the runner itself is not well: a shell that only prints a word ends with ${how}`,
    });
  }
  if (drift > 300) return { name: 'echo test', ok: false, said: `the clock is ${Math.round(drift)} s off` };
  return { name: 'echo test', ok: true, said: `the runner is fine: shell, environment and clock answer in ${took}` };
}

async function disk(folder: string): Promise<Probe> {
  const path = join(folder, `.gantry-probe-${process.pid}`);
  try {
    const { bavail, bsize, files, ffree } = await statfs(folder);
    const free = bavail * bsize;
    await using file = await open(path, 'w', 0o600);
    await file.writeFile(Buffer.alloc(WRITTEN_BYTES));
    await file.sync();
    if (free < LOW_DISK_BYTES || (files > 0 && ffree < LOW_INODES)) {
      const what = free < LOW_DISK_BYTES ? `${megabytes(free)} are free` : `room for ${ffree} files is left`;
      return accuse('disk', `it is almost full: ${what}`, {
        layer: 'resources',
        confidence: 0.7,
        cause: `the disk of the workspace is almost full: ${what}`,
        fix: 'make room: df -h, df -i',
      });
    }
    return { name: 'disk', ok: true, said: `1 MB was written to the workspace; ${megabytes(free)} are free` };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const isFull = /ENOSPC|EDQUOT/.test(why);
    return accuse('disk', `nothing can be written to the workspace: ${why}`, {
      layer: isFull ? 'resources' : 'runner',
      confidence: 0.9,
      cause: isFull ? 'the disk of the workspace is full' : `nothing can be written to the workspace: ${why}`,
      ...(isFull ? { fix: 'make room: df -h, df -i' } : {}),
    });
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}

async function memory(): Promise<Probe> {
  const free = freemem();
  if (free >= LOW_MEMORY_BYTES) return { name: 'memory', ok: true, said: `${megabytes(free)} are free` };
  return { name: 'memory', ok: false, said: `only ${megabytes(free)} are free` };
}

function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
}
