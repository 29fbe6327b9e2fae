// Bodies in and out of the services: JSON within a limit, files by way of streams.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { invalid, Refusal } from './refusal.ts';
import type { Download } from './service-setting.ts';

/** A list of 50,000 blocks has about 4 MB. */
const MAX_TEXT_BYTES = 8 * 1024 * 1024;

export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > MAX_TEXT_BYTES) throw new Refusal(413, 'resource_exhausted', 'the request is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = await readText(request);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid('the request is no JSON');
  }
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Also a part of it, when that is asked for and it is a file. */
export async function sendDownload(
  request: IncomingMessage,
  response: ServerResponse,
  download: Download,
): Promise<void> {
  const body = await download.open();
  const headers = {
    'content-type': download.contentType,
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(download.fileName)}`,
  };
  if (body.kind === 'stream') {
    response.writeHead(200, headers);
    if (request.method === 'HEAD') response.end();
    else await pipeline(body.stream, response);
    return;
  }
  const { size } = await stat(body.path);
  const asked = request.headers['x-ms-range'] ?? request.headers.range;
  const range = rangeOf(typeof asked === 'string' ? asked : undefined, size);
  if (range === 'outside') throw new Refusal(416, 'out_of_range', 'the range lies outside the file');
  const { start, end } = range ?? { start: 0, end: size - 1 };
  response.writeHead(range ? 206 : 200, {
    ...headers,
    'accept-ranges': 'bytes',
    'content-length': end - start + 1,
    etag: `"${size}"`,
    ...(range ? { 'content-range': `bytes ${start}-${end}/${size}` } : {}),
  });
  if (request.method === 'HEAD' || size === 0) response.end();
  else await pipeline(createReadStream(body.path, { start, end }), response);
}

function rangeOf(text: string | undefined, size: number): { start: number; end: number } | 'outside' | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(text ?? '');
  if (!match) return undefined;
  const start = Number(match[1]);
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return start > end ? 'outside' : { start, end };
}
