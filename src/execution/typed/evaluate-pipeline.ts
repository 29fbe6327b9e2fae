// Runs the code of a pipeline file. It comes from a repository, so it runs in a process of its own that may read the
// project and Gantry's package, has no environment, no children, no workers and no network, and is ended when it takes
// too long. What comes back is data, or one diagnostic.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { parseJson } from '#base/json.ts';
import { Evaluated } from './evaluation.ts';
import type { Problem } from './evaluation.ts';

/** Far more than any pipeline takes, since the machine may be busy with the jobs of others. */
const LIMIT_MS = 20_000;
const MAX_HEAP_MB = 256;
const MAX_RESULT_BYTES = 64 * 1024 * 1024;
const MAX_PRINTED_BYTES = 16 * 1024;

export interface PipelineCode {
  /** Path of the pipeline, and its text. */
  readonly file: string;
  readonly text: string;
  /** The folder that it may import from. */
  readonly root: string;
  /** How long it may take; default twenty seconds. */
  readonly limitMs?: number;
}

export type Evaluation =
  | (Extract<Evaluated, { kind: 'value' }> & {
      /** The beginning of what the code printed. */
      readonly printed: string;
    })
  | Problem
  | { readonly kind: 'no-end'; readonly why: string };

export async function evaluatePipeline({ file, text, root, limitMs = LIMIT_MS }: PipelineCode): Promise<Evaluation> {
  const { program, api } = ownPrograms();
  const realRoot = realpathSync(root);
  const child = spawn(
    process.execPath,
    [
      '--permission',
      ...[...new Set([dirname(program), dirname(api), realRoot])].map((folder) => `--allow-fs-read=${folder}`),
      `--max-old-space-size=${MAX_HEAP_MB}`,
      '--disable-warning=ExperimentalWarning',
      program,
      realRoot,
      realpathSync(file),
      api,
    ],
    { cwd: realRoot, env: {}, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] },
  );
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, limitMs);
  try {
    const [result, printed, complaints] = await Promise.all([
      collect(resultPipe(child), MAX_RESULT_BYTES),
      collect(child.stdout, MAX_PRINTED_BYTES),
      collect(child.stderr, MAX_PRINTED_BYTES),
      feed(child, text),
      ended(child),
    ]);
    if (isLate) return { kind: 'no-end', why: `the pipeline was not evaluated within ${limitMs / 1000} s` };
    const evaluated = Evaluated.safeParse(parseJson(result));
    if (!evaluated.success) return { kind: 'no-end', why: whyNoResult(complaints) };
    return evaluated.data.kind === 'value' ? { ...evaluated.data, printed: printed + complaints } : evaluated.data;
  } finally {
    clearTimeout(timer);
  }
}

function ownPrograms(): { readonly program: string; readonly api: string } {
  const bundled = join(import.meta.dirname, 'evaluate.js');
  const [program, api] = existsSync(bundled)
    ? [bundled, join(import.meta.dirname, 'api.js')]
    : [join(import.meta.dirname, 'evaluate-main.ts'), join(import.meta.dirname, '../../typed/api.ts')];
  return { program: realpathSync(program), api: realpathSync(api) };
}

function whyNoResult(complaints: string): string {
  if (/heap out of memory/i.test(complaints)) return `the pipeline needs more than ${MAX_HEAP_MB} MB of memory`;
  return 'the pipeline ended its process, or waits for something that never comes';
}

function resultPipe(child: ChildProcess): Readable {
  const stream = child.stdio[3];
  if (stream && 'read' in stream) return stream;
  throw new Error('the process that evaluates a pipeline has no pipe for its result');
}

/** The text of a stream, read to its end and kept up to a bound. */
async function collect(stream: Readable, maxBytes: number): Promise<string> {
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (bytes < maxBytes) kept.push(chunk.subarray(0, maxBytes - bytes));
    bytes += chunk.length;
  }
  return Buffer.concat(kept).toString('utf8');
}

/** A process that ended before it read everything is told of by its missing result. */
function feed(child: ChildProcess, text: string): Promise<void> {
  return new Promise((done) => {
    child.stdin?.on('error', () => done());
    child.stdin?.end(text, () => done());
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', () => done());
  });
}
