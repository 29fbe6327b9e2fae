import { createHash } from 'node:crypto';
import { sha256 } from '#base/ids.ts';
import type { LogEnd } from '#run/events.ts';
import type { LogBatch, LogLine, LogStore } from './log-store.ts';

interface MemoryLog {
  readonly batches: LogBatch[];
  end: LogEnd | undefined;
}

/** Logs that live as long as this object: for tests and for runs that leave nothing behind. */
export function openMemoryLogStore(): LogStore {
  const logs = new Map<string, MemoryLog>();
  const keyOf = (runId: string, jobId: string): string => JSON.stringify([runId, jobId]);
  const isOf = (key: string, runId: string): boolean => key.startsWith(`[${JSON.stringify(runId)},`);
  return {
    open(runId, jobId) {
      const log: MemoryLog = { batches: logs.get(keyOf(runId, jobId))?.batches ?? [], end: undefined };
      logs.set(keyOf(runId, jobId), log);
      return {
        append(batch) {
          if (log.end) throw new Error('append to a log that has ended');
          if (batch.bytes.length === 0) return;
          if (batch.bytes.at(-1) !== 0x0a) throw new Error('append of a line that is not whole');
          // Copied: the caller may use its buffer again.
          log.batches.push({ ...batch, bytes: Uint8Array.from(batch.bytes) });
        },
        flush() {},
        end() {
          log.end ??= endOf(log.batches);
          return log.end;
        },
      };
    },
    read: (runId, jobId, options = {}) => readLines(logs.get(keyOf(runId, jobId))?.batches ?? [], options),
    size: (runId) =>
      [...logs]
        .filter(([key]) => isOf(key, runId))
        .flatMap(([, log]) => log.batches)
        .reduce((sum, { bytes }) => sum + bytes.length, 0),
    remove(runId) {
      for (const key of logs.keys()) if (isOf(key, runId)) logs.delete(key);
    },
    lastAtMs: (runId, jobId) => logs.get(keyOf(runId, jobId))?.batches.at(-1)?.atMs,
    end: (runId, jobId) => logs.get(keyOf(runId, jobId))?.end,
  };
}

function endOf(batches: readonly LogBatch[]): LogEnd {
  const hash = createHash('sha256');
  let bytes = 0;
  let lines = 0;
  for (const batch of batches) {
    hash.update(batch.bytes);
    bytes += batch.bytes.length;
    lines += batch.lines;
  }
  return { bytes, lines, sha256: sha256(hash.digest('hex')) };
}

function* readLines(
  batches: readonly LogBatch[],
  options: { readonly afterSeq?: number; readonly step?: number },
): Generator<LogLine> {
  let seq = 0;
  for (const { step, stream, atMs, bytes } of batches) {
    const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length - 1)
      .toString('utf8')
      .split('\n');
    for (const text of lines) {
      seq += 1;
      const isWanted = seq > (options.afterSeq ?? 0) && (options.step === undefined || options.step === step);
      if (isWanted) yield { seq, step, stream, atMs, text };
    }
  }
}
