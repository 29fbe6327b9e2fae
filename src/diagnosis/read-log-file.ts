import { createReadStream, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { FormTable } from './log/form-table.ts';
import { LogSkim } from './log/log-skim.ts';
import type { SkimmedLog } from './log/log-skim.ts';

const CHUNK_BYTES = 1 << 18;
const PIECES_A_TURN = 32;

/** Reads a log from a file of any size, packed by gzip or not. The error says in words what is wrong with the file. */
export async function skimFile(path: string, known?: FormTable): Promise<Result<SkimmedLog, string>> {
  const skim = new LogSkim(known);
  try {
    if (await beginsLikeGzip(path)) {
      const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
      const unpacked = createGunzip({ chunkSize: CHUNK_BYTES });
      file.on('error', (error) => unpacked.destroy(error));
      for await (const chunk of file.pipe(unpacked)) skim.add(asBytes(chunk));
    } else await readPlain(path, (chunk) => skim.add(chunk));
  } catch (cause) {
    return err(reasonOf(cause));
  }
  const log = skim.finish();
  if (log.byteCount === 0) return err('it is empty');
  if (log.isBinary) return err('it is not text: it holds bytes of value zero');
  return ok(log);
}

/**
 * Reads without a thread in between: for each piece that would cost more than it saves, the system reads ahead by itself.
 * Now and then others get their turn.
 */
async function readPlain(path: string, take: (chunk: Uint8Array) => void): Promise<void> {
  await using file = await open(path);
  const memory = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  for (let turn = 1; ; turn++) {
    const count = readSync(file.fd, memory);
    if (count === 0) return;
    take(memory.subarray(0, count));
    if (turn % PIECES_A_TURN === 0) await setImmediate();
  }
}

function asBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError('a file was not read as bytes');
}

async function beginsLikeGzip(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'reading it is not permitted',
  ENOTDIR: 'there is no such file',
  Z_DATA_ERROR: 'its gzip data is damaged',
  Z_BUF_ERROR: 'its gzip data ends too early',
};

function reasonOf(cause: unknown): string {
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return (
    (typeof code === 'string' ? REASONS[code] : undefined) ?? (cause instanceof Error ? cause.message : String(cause))
  );
}
