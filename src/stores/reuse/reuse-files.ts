import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { captureTree, checkTree, clearPaths, layTree } from './kept-tree.ts';
import type { KeptEntry, TreePlace } from './kept-tree.ts';
import { sweepObjects } from './object-folder.ts';
import type { KeptFacts, KeptStep, ReuseStore, StepToKeep } from './reuse-store.ts';

const DAY_MS = 24 * 60 * 60_000;

export interface ReuseOptions {
  /** Of all kept steps together, each counted by itself. */
  readonly maxBytes?: number;
  /** Since it was used last. */
  readonly maxAgeMs?: number;
  /** Hard links for every file, not only for those that nobody may write to. */
  readonly linksAll?: boolean;
  readonly nowMs?: () => number;
  /** How long an object that no step names is let be. */
  readonly graceMs?: number;
}

/** Written last. The list of the tree has a file of its own, named by its digest. */
interface Head extends KeptStep {
  readonly v: 1;
  readonly tree: string;
}

/**
 * `<dir>/steps/<key>.json` for each step, `<dir>/trees/` for what its tree is, `<dir>/objects/` for content,
 * `<dir>/slots/` for what each place of a workflow was kept with last. Everything is written beside its place and renamed
 * into it.
 *
 * A restored file is a copy, which shares its blocks with the object where the file system can (reflink); a hard link only
 * when nobody may write to it, or with `linksAll`. An object whose stamp is not the one it was written with is read again,
 * and thrown away when its content is another.
 */
export function openFileReuseStore(dir: string, options: ReuseOptions = {}): ReuseStore {
  const { linksAll = false, nowMs = Date.now } = options;
  const headOf = (key: string): string => join(dir, 'steps', `${key}.json`);
  const placeIn = (workspace: string): TreePlace => ({ folder: dir, workspace, linksAll });
  return {
    async find(key) {
      const head = readHead(headOf(key));
      if (!head || !existsSync(treePath(dir, head))) return undefined;
      const now = new Date(nowMs());
      // Another process may be dropping it.
      if (existsSync(headOf(key))) utimesSync(headOf(key), now, now);
      return head;
    },

    async latest(slot) {
      const value = readJson(slotPath(dir, slot));
      return isKeptFacts(value) ? value : undefined;
    },

    async restore(kept, workspace, replaces) {
      const head = readHead(headOf(kept.key));
      const entries = head && readTree(dir, head);
      if (!entries) return err('what was kept is gone');
      const place = placeIn(workspace);
      const checked = await checkTree(entries, place, new Set(replaces));
      if (!checked.ok) {
        if (checked.error.endsWith('damaged')) rmSync(headOf(kept.key), { force: true });
        return checked;
      }
      try {
        clearPaths(workspace, replaces);
        await layTree(entries, place);
        return ok(undefined);
      } catch (cause) {
        return err(`in part only: ${cause instanceof Error ? cause.message : String(cause)}`);
      }
    },

    async keep(step) {
      const kept = await keepStep(dir, step, { place: placeIn(step.workspace), atMs: nowMs() });
      if (kept.ok) dropOld(dir, options);
      return kept;
    },
  };
}

async function keepStep(
  dir: string,
  step: StepToKeep,
  { place: from, atMs }: { readonly place: TreePlace; readonly atMs: number },
): Promise<Result<KeptStep, string>> {
  const { key, runId, end, facts } = step;
  const captured = await captureTree(step.paths, from);
  if (!captured.ok) return captured;
  const text = JSON.stringify(captured.value);
  const tree = createHash('sha256').update(text).digest('hex');
  const files = captured.value.filter((entry) => entry.kind === 'file');
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const head: Head = { v: 1, key, runId, atMs, end, files: files.length, bytes, tree };
  writeWhole(dir, treePath(dir, head), text);
  const place = join(dir, 'steps', `${key}.json`);
  writeWhole(dir, place, JSON.stringify(head));
  utimesSync(place, new Date(atMs), new Date(atMs));
  const latest: KeptFacts = { key, runId, facts };
  writeWhole(dir, slotPath(dir, step.slot), JSON.stringify(latest));
  return ok(head);
}

/** What was used last is dropped last; then what no step names any more. */
function dropOld(dir: string, options: ReuseOptions): void {
  const { maxBytes = 10 * 1024 ** 3, maxAgeMs = 30 * DAY_MS, nowMs = Date.now, graceMs = DAY_MS / 24 } = options;
  const steps = list(join(dir, 'steps')).flatMap((name) => {
    const place = join(dir, 'steps', name);
    const head = readHead(place);
    const usedAtMs = statSync(place, { throwIfNoEntry: false })?.mtimeMs;
    return head && usedAtMs !== undefined ? [{ place, head, usedAtMs }] : [];
  });
  let bytes = 0;
  const kept: Head[] = [];
  for (const { place, head, usedAtMs } of steps.toSorted((a, b) => b.usedAtMs - a.usedAtMs)) {
    bytes += head.bytes;
    if (bytes <= maxBytes && nowMs() - usedAtMs <= maxAgeMs) kept.push(head);
    else rmSync(place, { force: true });
  }
  if (kept.length === steps.length) return;
  const named = new Set<string>();
  for (const head of kept) {
    named.add(head.tree);
    for (const entry of readTree(dir, head) ?? []) if (entry.kind === 'file') named.add(entry.sha256);
  }
  sweepObjects(dir, named, Date.now() - graceMs);
  for (const name of list(join(dir, 'trees')))
    if (!named.has(name) && isOlder(join(dir, 'trees', name), Date.now() - graceMs))
      rmSync(join(dir, 'trees', name), { force: true });
}

function isOlder(file: string, thanMs: number): boolean {
  const seen = statSync(file, { throwIfNoEntry: false });
  return seen !== undefined && seen.ctimeMs < thanMs;
}

function treePath(dir: string, { tree }: { readonly tree: string }): string {
  return join(dir, 'trees', tree);
}

function slotPath(dir: string, slot: string): string {
  return join(dir, 'slots', `${createHash('sha256').update(slot).digest('hex')}.json`);
}

function writeWhole(dir: string, place: string, text: string): void {
  const draft = join(dir, 'tmp', randomUUID());
  for (const folder of [dirname(draft), dirname(place)]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, place);
}

function readHead(file: string): Head | undefined {
  const value = readJson(file);
  return isHead(value) ? value : undefined;
}

/** Undefined unless it is what was written: its name is its digest. */
function readTree(dir: string, head: Head): readonly KeptEntry[] | undefined {
  const text = readText(treePath(dir, head));
  if (text === undefined || createHash('sha256').update(text).digest('hex') !== head.tree) return undefined;
  const value: unknown = JSON.parse(text);
  return isTree(value) ? value : undefined;
}

function isHead(value: unknown): value is Head {
  if (!isRecord(value)) return false;
  const { v, key, runId, tree, end } = value;
  const isNamed = typeof key === 'string' && typeof runId === 'string' && typeof tree === 'string';
  return v === 1 && isNamed && /^[0-9a-f]{64}$/.test(tree) && isRecord(end) && isRecord(end['files']);
}

function isKeptFacts(value: unknown): value is KeptFacts {
  if (!isRecord(value) || !isRecord(value['facts'])) return false;
  const { v, work, files, variables, tools } = value['facts'];
  return v === 1 && [work, files, variables, tools].every(isRecord);
}

/** No path of it leads out of the workspace. */
function isTree(value: unknown): value is readonly KeptEntry[] {
  return Array.isArray(value) && value.every((entry: unknown) => isRecord(entry) && isInside(entry['path']));
}

function isInside(path: unknown): boolean {
  return typeof path === 'string' && !isAbsolute(path) && !path.split('/').includes('..');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
