// One data set: sources in order → checked → published; else what is already known good stays, with its true age.
import { formatDuration } from '#base/duration.ts';
import { err, ok, type Result } from '#base/result.ts';
import type { RowRules } from './check-rows.ts';
import { dataPath, publishSet, readBody, readKept, type DataSource, type KeptSet } from './data-files.ts';
import { fetchBody, shownUrl } from './fetch-body.ts';

export interface DataRequest extends RowRules {
  /** Becomes the file name: letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  /** The primary, then its mirrors. All must obey the same rules. */
  readonly urls: readonly string[];
  /** Folder that gets `<name>.json` (the body as it came) and `<name>.meta.json`. */
  readonly dest: string;
  /** File with the last known good body, `*.meta.json` beside it. */
  readonly snapshot?: string;
  /** What is kept may not be older than this, and its age must be known. Default: any age will do. */
  readonly maxAgeMs?: number;
  /** For each source. Default 10 s. */
  readonly timeoutMs?: number;
  /** For each body. Default 20 MiB. */
  readonly maxBytes?: number;
  /** Cancels: the result is `failed`, and nothing is published after it. */
  readonly signal?: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly fetch?: typeof fetch;
}

/** A source that was not used, and why. `url` is fit to be shown; for kept data it is the file's path. */
export interface Tried {
  readonly url: string;
  readonly why: string;
}

export type DataResult =
  | {
      readonly kind: 'fresh' | 'mirror';
      readonly source: 'primary' | 'mirror';
      readonly url: string;
      readonly rows: number;
      readonly ageMs: number;
      readonly tried: readonly Tried[];
    }
  | {
      readonly kind: 'stale';
      readonly source: 'last-known-good';
      /** The file it was kept in. */
      readonly keptIn: string;
      readonly rows: number;
      /** Since it was fetched; absent when nobody knows. */
      readonly ageMs?: number;
      readonly tried: readonly Tried[];
    }
  /** No source and nothing kept will do, or it could not be written: the folder still holds what it held. */
  | { readonly kind: 'failed'; readonly why: string; readonly rows: 0; readonly tried: readonly Tried[] };

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 20 * 1_024 * 1_024;
// Clocks differ a little; a time further ahead than this is not a time at which anything was fetched.
const CLOCK_SKEW_MS = 300_000;

/** Publishes the best that can be had of one data set. Expected failures are in the result; it throws for bugs only. */
export async function publishData(request: DataRequest): Promise<DataResult> {
  if (!/^[A-Za-z0-9_][\w.-]*$/.test(request.name)) {
    return failed(`name ${JSON.stringify(request.name)} is not fit for a file name`, []);
  }
  const tried: Tried[] = [];
  for (const [index, url] of request.urls.entries()) {
    const source = index === 0 ? 'primary' : 'mirror';
    const set = await fetchSet(request, url);
    if (request.signal?.aborted) return failed('cancelled', tried);
    if (!set.ok) {
      tried.push({ url: shownUrl(url), why: set.error });
      continue;
    }
    const fetchedAt = new Date(request.now()).toISOString();
    const meta = { name: request.name, source, url: shownUrl(url), fetchedAt, rows: set.value.rows } as const;
    const written = await publishSet(request.dest, meta, set.value.bytes);
    if (!written.ok) return failed(written.error, tried);
    const kind = index === 0 ? 'fresh' : 'mirror';
    return { kind, source, url: meta.url, rows: meta.rows, ageMs: 0, tried };
  }
  return keepLastGood(request, tried);
}

async function fetchSet(request: DataRequest, url: string): Promise<ReturnType<typeof readBody>> {
  const body = await fetchBody(url, {
    timeoutMs: request.timeoutMs ?? TIMEOUT_MS,
    maxBytes: request.maxBytes ?? MAX_BYTES,
    fetch: request.fetch ?? fetch,
    ...(request.signal && { signal: request.signal }),
  });
  return body.ok ? readBody(body.value, request) : body;
}

async function keepLastGood(request: DataRequest, before: readonly Tried[]): Promise<DataResult> {
  const tried = [...before];
  const places = [dataPath(request.dest, request.name), ...(request.snapshot ? [request.snapshot] : [])];
  for (const path of places) {
    const kept = youngEnough(await readKept(path, request), request);
    if (!kept.ok) {
      tried.push({ url: path, why: kept.error });
      continue;
    }
    const { bytes, rows, url, fetchedAt } = kept.value;
    const source: DataSource = 'last-known-good';
    const meta = { name: request.name, source, ...(url && { url }), ...(fetchedAt && { fetchedAt }), rows } as const;
    const written = await publishSet(request.dest, meta, bytes);
    if (!written.ok) return failed(written.error, tried);
    const ageMs = ageOf(kept.value, request.now());
    return { kind: 'stale', source, keptIn: path, rows, ...(ageMs !== undefined && { ageMs }), tried };
  }
  return failed('no source answered with good data, and nothing kept will do', tried);
}

function youngEnough(kept: Result<KeptSet, string>, request: DataRequest): Result<KeptSet, string> {
  if (!kept.ok || request.maxAgeMs === undefined) return kept;
  const ageMs = ageOf(kept.value, request.now());
  const limit = formatDuration(request.maxAgeMs);
  if (ageMs === undefined) return err(`of unknown age, at most ${limit} wanted`);
  return ageMs > request.maxAgeMs ? err(`${formatDuration(ageMs)} old, at most ${limit} wanted`) : ok(kept.value);
}

function ageOf(kept: KeptSet, nowMs: number): number | undefined {
  const fetchedMs = Date.parse(kept.fetchedAt ?? '');
  if (Number.isNaN(fetchedMs) || fetchedMs > nowMs + CLOCK_SKEW_MS) return undefined;
  return Math.max(0, nowMs - fetchedMs);
}

function failed(why: string, tried: readonly Tried[]): DataResult {
  return { kind: 'failed', why, rows: 0, tried };
}
