import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, type Sha256 } from '#base/ids.ts';
import { err, ok, type Result } from '#base/result.ts';
import { checkRows, isRecord, type RowRules } from './check-rows.ts';

export type DataSource = 'primary' | 'mirror' | 'last-known-good';

/** What stands beside a data set as `<name>.meta.json`. */
export interface DataMeta {
  readonly name: string;
  readonly source: DataSource;
  /** Where the rows came from when they were fetched; absent when nobody wrote it down. */
  readonly url?: string;
  /** ISO 8601; absent when nobody wrote it down: the age is then unknown, not zero. */
  readonly fetchedAt?: string;
  readonly rows: number;
  readonly sha256: Sha256;
}

export interface DataSet {
  readonly bytes: Buffer;
  readonly rows: number;
}

export interface KeptSet extends DataSet {
  readonly url?: string;
  readonly fetchedAt?: string;
}

export const dataPath = (dest: string, name: string): string => join(dest, `${name}.json`);
const metaPath = (dest: string, name: string): string => join(dest, `${name}.meta.json`);

/** Bytes as a data set that obeys the rules, or one line that says what is wrong with them. */
export function readBody(bytes: Buffer, rules: RowRules): Result<DataSet, string> {
  const body = parseJson(bytes);
  if (!body.ok) return body;
  const rows = checkRows(body.value, rules);
  return rows.ok ? ok({ bytes, rows: rows.value }) : rows;
}

/** A set written earlier (or committed) with what its meta file says; a hash that differs makes it invalid. */
export async function readKept(path: string, rules: RowRules): Promise<Result<KeptSet, string>> {
  const bytes = await readBytes(path);
  if (!bytes.ok) return bytes;
  const set = readBody(bytes.value, rules);
  if (!set.ok) return set;
  const metaBytes = await readBytes(path.replace(/(\.json)?$/, '.meta.json'));
  if (!metaBytes.ok) return metaBytes.error === MISSING ? set : err(`its meta file: ${metaBytes.error}`);
  const meta = parseJson(metaBytes.value);
  if (!meta.ok || !isRecord(meta.value)) return err('its meta file is not a JSON object');
  const promised = textAt(meta.value, 'sha256');
  if (promised !== undefined && promised.toLowerCase() !== hashOf(bytes.value)) {
    return err('its sha256 differs from the one in its meta file');
  }
  const url = textAt(meta.value, 'url');
  const fetchedAt = textAt(meta.value, 'fetchedAt');
  return ok({ ...set.value, ...(url !== undefined && { url }), ...(fetchedAt !== undefined && { fetchedAt }) });
}

/**
 * Puts a set and its meta file in place, each by a rename, so that a reader sees the old file or the new one, never a
 * part. Between the two renames the hashes differ: a reader that checks them must try again or keep what it had.
 */
export async function publishSet(
  dest: string,
  meta: Omit<DataMeta, 'sha256'>,
  bytes: Buffer,
): Promise<Result<void, string>> {
  try {
    await mkdir(dest, { recursive: true });
    const full: DataMeta = { ...meta, sha256: hashOf(bytes) };
    await replaceFile(dataPath(dest, meta.name), bytes);
    await replaceFile(metaPath(dest, meta.name), `${JSON.stringify(full, undefined, 2)}\n`);
    return ok(undefined);
  } catch (error) {
    return err(`cannot write ${dest} (${codeOf(error)})`);
  }
}

async function replaceFile(path: string, content: Buffer | string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, content, { flag: 'wx', flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

const MISSING = 'not there';

async function readBytes(path: string): Promise<Result<Buffer, string>> {
  try {
    return ok(await readFile(path));
  } catch (error) {
    const code = codeOf(error);
    return err(code === 'ENOENT' ? MISSING : `cannot be read (${code})`);
  }
}

function parseJson(bytes: Buffer): Result<unknown, string> {
  if (bytes.length === 0) return err('empty');
  try {
    // A byte order mark stays, and is refused: readers of the published file would stumble on it.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return ok(value);
  } catch {
    const start = JSON.stringify(bytes.subarray(0, 20).toString('utf8').trim());
    return err(`not JSON: ${bytes.length} bytes that start with ${start}`);
  }
}

function textAt(object: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = object[key];
  return typeof value === 'string' ? value : undefined;
}

function hashOf(bytes: Buffer): Sha256 {
  return sha256(createHash('sha256').update(bytes).digest('hex'));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}
