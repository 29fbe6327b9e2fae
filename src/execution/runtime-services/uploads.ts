// Files on their way in. A client sends a blob whole or in blocks, as Azure's storage has it, and then says that it is
// complete; nothing is ever held in memory.
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { invalid, Refusal } from './refusal.ts';

/** Of one blob; GitHub's for a cache entry. */
const MAX_BYTES = 10 * 1024 ** 3;
/** Azure's. */
const MAX_BLOCKS = 50_000;
/** Of one job, at one time. */
const MAX_UPLOADS = 1000;

export interface Upload {
  readonly id: string;
  /** Complete only once `isComplete`. */
  readonly file: string;
  readonly folder: string;
  bytes: number;
  blocks: number;
  isComplete: boolean;
}

export class Uploads {
  readonly #root: string;
  readonly #all = new Map<string, Upload>();

  /** `drafts` must be on the file system of the store that takes the files over. */
  constructor(drafts: string) {
    this.#root = join(drafts, `uploads-${randomUUID()}`);
  }

  async begin(): Promise<Upload> {
    if (this.#all.size >= MAX_UPLOADS) throw new Refusal(429, 'resource_exhausted', 'too many uploads at once');
    const id = randomUUID();
    const folder = join(this.#root, id);
    await mkdir(folder, { recursive: true });
    const upload: Upload = { id, folder, file: join(folder, 'blob'), bytes: 0, blocks: 0, isComplete: false };
    this.#all.set(id, upload);
    return upload;
  }

  get(id: string): Upload {
    const upload = this.#all.get(id);
    if (!upload) throw new Refusal(404, 'not_found', 'there is no such upload');
    return upload;
  }

  /** Its file has been taken over, or nobody wants it. */
  async drop({ id, folder }: Upload): Promise<void> {
    this.#all.delete(id);
    await rm(folder, { recursive: true, force: true });
  }

  async end(): Promise<void> {
    this.#all.clear();
    await rm(this.#root, { recursive: true, force: true });
  }
}

/** Put Blob. */
export async function putWhole(upload: Upload, body: Readable): Promise<void> {
  await receive(upload, body, upload.file);
  upload.isComplete = true;
}

/** Put Block: a part, under a name by which it is put in its place later. One that breaks off leaves nothing. */
export async function putBlock(upload: Upload, block: string, body: Readable): Promise<void> {
  if (++upload.blocks > MAX_BLOCKS) throw invalid('too many blocks');
  const draft = join(upload.folder, `part-${randomUUID()}`);
  await receive(upload, body, draft);
  await rename(draft, blockFile(upload, block));
}

/** Put Block List: the blob is these blocks, in this order. */
export async function putBlockList(upload: Upload, xml: string): Promise<void> {
  const names = [...xml.matchAll(/<(?:Latest|Uncommitted|Committed)>([^<]+)<\//g)].map((match) => match[1] ?? '');
  if (names.length > MAX_BLOCKS) throw invalid('too many blocks');
  await rm(upload.file, { force: true });
  for (const name of names) {
    const block = blockFile(upload, name);
    if (!(await stat(block).catch(() => undefined))) throw invalid(`there is no block ${name}`);
    await pipeline(createReadStream(block), createWriteStream(upload.file, { flags: 'a' }));
    await rm(block);
  }
  if (names.length === 0) await pipeline([], createWriteStream(upload.file));
  upload.isComplete = true;
}

/** A part at its place, as the older cache service has it. */
export async function putRange(upload: Upload, start: number, body: Readable): Promise<void> {
  if (!Number.isSafeInteger(start) || start < 0 || start > MAX_BYTES) throw invalid('the range lies outside the file');
  // Made by the first that comes; those that come at the same time write beside each other.
  await pipeline([], createWriteStream(upload.file, { flags: 'a' }));
  await receive(upload, body, upload.file, { flags: 'r+', start });
}

function blockFile({ folder }: Upload, name: string): string {
  return join(folder, `block-${createHash('sha256').update(name).digest('hex')}`);
}

async function receive(
  upload: Upload,
  body: Readable,
  file: string,
  options: { readonly flags?: string; readonly start?: number } = {},
): Promise<void> {
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      upload.bytes += chunk.length;
      if (upload.bytes > MAX_BYTES) done(new Refusal(413, 'resource_exhausted', 'the file is larger than 10 GB'));
      else done(null, chunk);
    },
  });
  await pipeline(body, counted, createWriteStream(file, options));
}
