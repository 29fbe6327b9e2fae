// What goes over the control socket, and what the supervisor keeps in live.json. One schema for both ends.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/** How to run one release. `env` may hold secrets: it is written only to live.json, which is private (0600). */
export const ReleaseSpecSchema = z.object({
  version: z.string().min(1),
  argv: z.array(z.string()).min(1),
  cwd: z.string().min(1),
  env: z.record(z.string(), z.string()),
});
export type ReleaseSpec = z.infer<typeof ReleaseSpecSchema>;

export const VersionSchema = z.object({ version: z.string().min(1) });
export const SwitchSchema = VersionSchema.extend({ keepPrevious: z.boolean().optional() });

const ReleaseStatusSchema = z.object({
  version: z.string(),
  /** `waiting`: it crashed and is started again after a pause; `exited`: it ended and nobody starts it. */
  state: z.enum(['running', 'waiting', 'exited']),
  port: z.number().optional(),
  pid: z.number().optional(),
  /** Times it was started again after a crash. */
  restarts: z.number(),
  lastExit: z.string().optional(),
});
export type ReleaseStatus = z.infer<typeof ReleaseStatusSchema>;

export const SupervisorStatusSchema = z.object({
  version: z.literal(1),
  pid: z.number(),
  publicPort: z.number(),
  live: z.string().optional(),
  releases: z.array(ReleaseStatusSchema),
});
export type SupervisorStatus = z.infer<typeof SupervisorStatusSchema>;

export const StartedSchema = z.object({ port: z.number(), pid: z.number() });
export type Started = z.infer<typeof StartedSchema>;

const IdentitySchema = z.object({ pid: z.number(), startTicks: z.string(), boot: z.string() });

export const LiveFileSchema = z.object({
  version: z.literal(1),
  publicPort: z.number(),
  socketPath: z.string(),
  /** Absent: nothing is live. */
  live: z.string().optional(),
  /** Stopped by a person: a new supervisor does not start the release again. */
  stopped: z.boolean(),
  releases: z.array(z.object({ spec: ReleaseSpecSchema, process: IdentitySchema.optional() })),
});
export type LiveFile = z.infer<typeof LiveFileSchema>;

/** The exit codes by which a supervisor that could not start says why. */
export const SUPERVISOR_EXIT = { usage: 2, alreadyRunning: 3, portInUse: 4 } as const;

/** The response header by which the router says which release answered. */
export const RELEASE_HEADER = 'gantry-release';

function liveFilePath(envDir: string): string {
  return join(envDir, 'live.json');
}

/** A short path in a private folder: socket paths end at 107 bytes, and an environment's folder may be deep. */
export function defaultSocketPath(envDir: string): string {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  const name = `${createHash('sha256').update(resolve(envDir)).digest('hex').slice(0, 16)}.sock`;
  const folder =
    runtime !== undefined && runtime !== '' && runtime.length < 60
      ? join(runtime, 'gantry')
      : join(tmpdir().length < 60 ? tmpdir() : '/tmp', `gantry-${userInfo().uid}`);
  return join(folder, name);
}

/** Makes the socket's folder; throws when it belongs to somebody else, who could then pose as the supervisor. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = statSync(folder);
  if (stat.uid !== userInfo().uid) throw new Error(`${folder} belongs to another user`);
  if ((stat.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}

/** Undefined when there is none, or it cannot be read as one. */
export function readLiveFile(envDir: string): LiveFile | undefined {
  try {
    const parsed = LiveFileSchema.safeParse(JSON.parse(readFileSync(liveFilePath(envDir), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export function writeLiveFile(envDir: string, file: LiveFile): void {
  writeFileAtomically(liveFilePath(envDir), `${JSON.stringify(file, undefined, 2)}\n`);
}

/** Either the old content or the new one is there, whatever happens in between. Private to the user. */
export function writeFileAtomically(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.new`;
  const fd = openSync(temporary, 'w', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
}
