import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { z } from 'zod';
import { ReleaseSpecSchema, SwitchSchema, VersionSchema } from './protocol.ts';
import type { SupervisorStatus } from './protocol.ts';
import type { Supervisor } from './supervisor.ts';

const MAX_BODY_BYTES = 4 * 1_048_576;

export interface ControlOptions {
  readonly supervisor: Supervisor;
  readonly publicPort: number;
  /** Ends everything; the process exits after the answer is written. */
  readonly shutdown: () => Promise<void>;
  readonly exit: () => void;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** The control API. Who may open the socket is settled by its private folder. */
export function createControl(options: ControlOptions): Server {
  return createServer((request, response) => {
    void answer(options, request).then(
      (reply) => send(response, reply),
      (error: unknown) => send(response, { status: 500, body: { error: String(error) } }),
    );
  });
}

async function answer(options: ControlOptions, request: IncomingMessage): Promise<Reply> {
  const { supervisor } = options;
  const endpoint = `${request.method} ${request.url}`;
  if (endpoint === 'GET /status') return { status: 200, body: statusOf(options) };
  const text = await readBody(request);
  switch (endpoint) {
    case 'POST /start':
      return withBody(ReleaseSpecSchema, text, async (spec) => {
        const started = await supervisor.start(spec);
        return started.ok ? { status: 200, body: started.value } : { status: 409, body: { error: started.error } };
      });
    case 'POST /switch':
      return withBody(SwitchSchema, text, async ({ version, keepPrevious }) => {
        const switched = await supervisor.switchTo(version, keepPrevious === true);
        return switched.ok ? { status: 200, body: {} } : { status: 409, body: { error: switched.error } };
      });
    case 'POST /stop':
      return withBody(VersionSchema, text, async ({ version }) => {
        await supervisor.stop(version);
        return { status: 200, body: {} };
      });
    case 'POST /shutdown':
      await options.shutdown();
      request.socket.once('close', options.exit);
      return { status: 200, body: {} };
    default:
      return { status: 404, body: { error: `no such request: ${endpoint}` } };
  }
}

async function withBody<T>(schema: z.ZodType<T>, text: string, act: (value: T) => Promise<Reply>): Promise<Reply> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { status: 400, body: { error: 'the request is not JSON' } };
  }
  const parsed = schema.safeParse(json);
  // Only the places: values may be secret.
  if (!parsed.success) {
    return {
      status: 400,
      body: { error: `wrong: ${parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')}` },
    };
  }
  return act(parsed.data);
}

function statusOf({ supervisor, publicPort }: ControlOptions): SupervisorStatus {
  const { live, releases } = supervisor.status();
  return { version: 1, pid: process.pid, publicPort, live, releases: [...releases] };
}

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) reject(new Error('the request is longer than 4 MiB'));
      else chunks.push(chunk);
    });
    request.once('error', reject);
    request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}

function send(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}
