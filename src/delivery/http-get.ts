import http from 'node:http';
import https from 'node:https';

const MAX_BODY_BYTES = 1_048_576;

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpAsk {
  readonly url: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * One GET on a connection of its own, redirects not followed. Not `fetch`: that keeps connections, which would
 * measure an old one, and it refuses some ports that people do use. A string is the reason why there is no answer.
 */
export function httpGet(ask: HttpAsk): Promise<HttpAnswer | string> {
  return new Promise((resolve) => {
    const limit = AbortSignal.timeout(Math.max(1, Math.ceil(ask.timeoutMs)));
    const signal = ask.signal === undefined ? limit : AbortSignal.any([limit, ask.signal]);
    const fail = (error: unknown): void => resolve(reason(error, limit, ask.timeoutMs));
    try {
      const client = ask.url.startsWith('https:') ? https : http;
      const request = client.get(ask.url, { agent: false, signal }, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_BODY_BYTES) request.destroy(new Error('the answer is longer than 1 MiB'));
          else chunks.push(chunk);
        });
        response.on('error', fail);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      });
      request.on('error', fail);
    } catch (error) {
      fail(error);
    }
  });
}

function reason(error: unknown, limit: AbortSignal, timeoutMs: number): string {
  if (limit.aborted) return `no answer within ${Math.ceil(timeoutMs)} ms`;
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return 'cancelled';
  return 'code' in error && error.code === 'ECONNREFUSED' ? 'connection refused' : error.message || error.name;
}
