// The folders of one job: an empty workspace, and what belongs to the runner beside it.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RunId } from '#base/ids.ts';
import type { JobOrder } from '#run/job-order.ts';
import type { Removal } from './removal.ts';

export interface JobFolders {
  readonly root: string;
  /** GITHUB_WORKSPACE. The same path for the same job of every run while no two of them run at once: a virtual
   *  environment from the cache works only where it was made. */
  readonly workspace: string;
  /** Environment files, scripts, masks: private, needed by `resume`, gone with the job. */
  readonly private: string;
  /** RUNNER_TEMP */
  readonly temporary: string;
  /** RUNNER_TOOL_CACHE. It stays when the job is gone, and other jobs use it at the same time. */
  readonly tools: string;
}

/** For whom a place is wanted. */
type PlaceOrder = Pick<JobOrder, 'runId' | 'jobId' | 'project'>;

interface Places {
  readonly workRoot: string;
  readonly toolCache: string;
}

const MAX_PARALLEL_COPIES = 10_000;

/**
 * Takes the first free place for this job. A place is taken while its owner file names another run; the owner's own
 * run finds it again, with everything in it, when it is resumed.
 */
export function claimFolders({ workRoot, toolCache }: Places, order: PlaceOrder, isResumed: boolean): JobFolders {
  const name = folderName(order.jobId);
  for (let place = 1; place <= MAX_PARALLEL_COPIES; place++) {
    const root = join(workRoot, place === 1 ? name : `${name}-${place}`);
    const folders = { ...foldersIn(root, order), tools: toolCache };
    const owner = ownerFile(root);
    const isNew = mkdirSync(root, { recursive: true, mode: 0o700 }) !== undefined;
    if (!isNew && readFirstLine(owner) === order.runId) {
      if (!isResumed) emptyFolders(folders);
      else bringBack(folders);
      makeFolders(folders);
      return folders;
    }
    try {
      writeFileSync(owner, order.runId, { flag: 'wx' });
    } catch {
      continue;
    }
    if (!isNew) emptyFolders(folders);
    makeFolders(folders);
    return folders;
  }
  throw new Error(`no free workspace for job ${order.jobId}`);
}

/** With a run, its workspace stays for a look at what went wrong, until the place is needed again. */
export function releaseFolders(folders: JobFolders, keptOf: RunId | undefined, removal: Removal): void {
  if (keptOf === undefined) return removal.putAside(folders.root);
  writeFileSync(leftFile(folders.root), keptOf);
  removal.putAside(folders.private);
  removal.putAside(folders.temporary);
  rmSync(ownerFile(folders.root), { force: true });
}

function foldersIn(root: string, order: PlaceOrder): Omit<JobFolders, 'tools'> {
  const project = basename(order.project) || 'project';
  return { root, workspace: join(root, project), private: join(root, '_private'), temporary: join(root, '_temp') };
}

function emptyFolders(folders: JobFolders): void {
  for (const folder of [folders.workspace, putAsideFolder(folders.root), folders.private, folders.temporary])
    rmSync(folder, { recursive: true, force: true });
}

/** Where the workspace is while a copy of it stands in its place. */
export function putAsideFolder(root: string): string {
  return join(root, '_aside');
}

/** The engine may have died while a copy stood there. */
function bringBack({ root, workspace }: JobFolders): void {
  const aside = putAsideFolder(root);
  if (!existsSync(aside)) return;
  rmSync(workspace, { recursive: true, force: true });
  renameSync(aside, workspace);
}

function makeFolders(folders: JobFolders): void {
  for (const folder of [folders.workspace, folders.private, folders.temporary, folders.tools])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** Whose place it is: the run on its first line, below that the processes of its steps. */
export function ownerFile(root: string): string {
  return join(root, 'owner');
}

/** The run that has a place, or left it behind; '' when nobody knows. */
export function runOfPlace(root: string): { readonly runId: string; readonly isTaken: boolean } {
  const owner = readFirstLine(ownerFile(root));
  return { runId: owner ?? readFirstLine(leftFile(root)) ?? '', isTaken: owner !== undefined };
}

function leftFile(root: string): string {
  return join(root, 'left-by');
}

/** Whether this is still the workspace that the run left behind: another may have taken its place. */
export function isLeftBy(runId: RunId, workspace: string): boolean {
  const root = dirname(workspace);
  return !existsSync(ownerFile(root)) && existsSync(workspace) && readFirstLine(leftFile(root)) === runId;
}

function readFirstLine(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').split('\n', 1)[0];
  } catch {
    return undefined;
  }
}

/** A folder name that keeps what people recognise, and stays unique by a digest where letters had to go. */
function folderName(id: string): string {
  const plain = id.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 60);
  if (plain === id && !plain.startsWith('.')) return plain;
  return `${plain.replace(/^\.+/, '')}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}`;
}
