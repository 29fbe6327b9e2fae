// The HTTP side of a job's services, on loopback or in a network of its containers, for the time of the job only.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { StepTry } from '#stores/artifacts/artifacts.ts';
import type { Access } from './access.ts';
import { artifactService } from './artifact-service.ts';
import { askOldCache, CacheEntries, cacheService } from './cache-service.ts';
import { readJson, readText, sendDownload, sendJson } from './http-body.ts';
import { invalid, Refusal } from './refusal.ts';
import type { Download, ServiceSetting } from './service-setting.ts';
import { putBlock, putBlockList, putRange, putWhole, Uploads } from './uploads.ts';
import type { Upload } from './uploads.ts';

/** Where it listens, and who may ask there at all. */
export interface ServicePlace {
  readonly host: string;
  has(address: string): boolean;
}

export const LOOPBACK: ServicePlace = { host: '127.0.0.1', has: () => true };

const TWIRP = /^\/twirp\/github\.actions\.results\.api\.v1\.(ArtifactService|CacheService)\/(\w+)$/;
const OLD_CACHE = '/_apis/artifactcache/';
/** Three parts, as the client wants an address without a host name to have: account, container, blob. */
const BLOB = /^\/gantry\/(artifacts|caches|downloads)\/([\w-]+)(?:\/[^/]*)?$/;

export interface ServiceServer extends AsyncDisposable {
  /** With a slash at its end. */
  readonly url: string;
}

type Setting = Omit<ServiceSetting, 'uploadUrl' | 'downloads' | 'artifactUploads' | 'cacheUploads'>;

export async function startServiceServer(
  given: Setting,
  access: Access,
  place: ServicePlace = LOOPBACK,
): Promise<ServiceServer> {
  const downloads = new Map<string, Download>();
  const artifactUploads = new Uploads(given.artifacts.drafts);
  const cacheUploads = new Uploads(given.cache.drafts);
  let url = '';
  const signed = (path: string): string => `${url}${path.slice(1)}?sig=${access.sign(path)}`;
  const setting: ServiceSetting = {
    ...given,
    artifactUploads,
    cacheUploads,
    uploadUrl: (area, upload) => signed(`/gantry/${area}/${upload.id}`),
    downloads: {
      offer(download) {
        const id = randomUUID();
        downloads.set(id, download);
        return signed(`/gantry/downloads/${id}/${encodeURIComponent(download.fileName)}`);
      },
    },
  };
  const entries = new CacheEntries(setting);
  const services = new Services(setting, { access, entries, downloads });
  const server = createServer({ requestTimeout: 0 }, (request, response) => void services.answer(request, response));
  // The token is asked for as well; whoever has no business here is not even answered.
  server.on('connection', (socket) => {
    if (!place.has(socket.remoteAddress ?? '')) socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, place.host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the services of the job have no port');
  url = `http://${place.host}:${address.port}/`;
  return {
    url,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      entries[Symbol.dispose]();
      await Promise.all([artifactUploads.end(), cacheUploads.end()]);
    },
  };
}

interface Parts {
  readonly access: Access;
  readonly entries: CacheEntries;
  readonly downloads: ReadonlyMap<string, Download>;
}

class Services {
  readonly #setting: ServiceSetting;
  readonly #parts: Parts;
  readonly #methods: Readonly<
    Record<string, Readonly<Record<string, (body: unknown, stepTry: StepTry | undefined) => Promise<object>>>>
  >;

  constructor(setting: ServiceSetting, parts: Parts) {
    this.#setting = setting;
    this.#parts = parts;
    this.#methods = { ArtifactService: artifactService(setting), CacheService: cacheService(parts.entries, setting) };
  }

  /** Never throws: what goes wrong is the answer. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('x-ms-request-id', randomUUID());
    response.setHeader('x-ms-version', '2025-01-05');
    try {
      await this.#route(request, response);
    } catch (cause) {
      if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
      }
      const known = cause instanceof Refusal ? cause : new Refusal(500, 'internal', messageOf(cause));
      // What is left of the request is not read: after the answer the connection ends.
      if (!request.readableEnded) response.setHeader('connection', 'close');
      sendJson(response, known.status, { code: known.code, msg: known.message });
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://services');
    const blob = BLOB.exec(pathname);
    if (blob) {
      if (!this.#parts.access.isSigned(pathname, searchParams.get('sig') ?? ''))
        throw new Refusal(403, 'permission_denied', 'the address is not signed');
      return this.#blob({ area: blob[1] ?? '', id: blob[2] ?? '', searchParams }, request, response);
    }
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (!this.#parts.access.isToken(token))
      throw new Refusal(401, 'unauthenticated', 'the token is not that of the job');
    const twirp = TWIRP.exec(pathname);
    const stepTry = this.#parts.access.stepTryOf(token);
    if (twirp) return this.#twirp(twirp[1] ?? '', twirp[2] ?? '', { request, response, stepTry });
    if (pathname.startsWith(OLD_CACHE))
      return this.#oldCache(pathname.slice(OLD_CACHE.length), searchParams, { request, response });
    throw new Refusal(404, 'bad_route', `there is no ${pathname}`);
  }

  async #twirp(service: string, name: string, { request, response, stepTry }: Call): Promise<void> {
    const methods = this.#methods[service] ?? {};
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (request.method !== 'POST' || !method) throw new Refusal(404, 'bad_route', `${service} has no method ${name}`);
    sendJson(response, 200, await method(await readJson(request), stepTry));
  }

  async #oldCache(rest: string, query: URLSearchParams, { request, response }: Exchange): Promise<void> {
    const { entries } = this.#parts;
    const id = /^caches\/(\d+)$/.exec(rest)?.[1];
    if (request.method === 'PATCH' && id !== undefined) {
      const start = /^bytes (\d+)-/.exec(request.headers['content-range'] ?? '')?.[1];
      if (start === undefined) throw invalid('a part needs a Content-Range');
      await putRange(entries.upload(Number(id)), Number(start), request);
      response.writeHead(204).end();
      return;
    }
    const json = async (): Promise<unknown> => readJson(request);
    const answer = await askOldCache(entries, { method: request.method ?? '', rest, query, json });
    if (!answer) throw new Refusal(404, 'bad_route', `the cache has no ${rest}`);
    if (answer.body) sendJson(response, answer.status, answer.body);
    else response.writeHead(answer.status).end();
  }

  async #blob(
    { area, id, searchParams }: BlobAddress,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (area === 'downloads') {
      const download = this.#parts.downloads.get(id);
      if (!download || (request.method !== 'GET' && request.method !== 'HEAD'))
        throw new Refusal(404, 'not_found', 'there is no such download');
      return sendDownload(request, response, download);
    }
    if (request.method !== 'PUT') throw new Refusal(405, 'unimplemented', 'an upload is put');
    const upload = (area === 'caches' ? this.#setting.cacheUploads : this.#setting.artifactUploads).get(id);
    await putPart(upload, searchParams, request);
    response.writeHead(201, { etag: `"${upload.id}"`, 'last-modified': new Date(this.#setting.nowMs()).toUTCString() });
    response.end();
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Call extends Exchange {
  /** Of the action that calls. */
  readonly stepTry: StepTry | undefined;
}

interface BlobAddress {
  readonly area: string;
  readonly id: string;
  readonly searchParams: URLSearchParams;
}

async function putPart(upload: Upload, query: URLSearchParams, request: IncomingMessage): Promise<void> {
  switch (query.get('comp')) {
    case 'block': {
      const block = query.get('blockid') ?? '';
      if (block === '') throw invalid('a block needs a blockid');
      return putBlock(upload, block, request);
    }
    case 'blocklist':
      return putBlockList(upload, await readText(request));
    case null:
      return putWhole(upload, request);
    default:
      throw new Refusal(501, 'unimplemented', `comp=${query.get('comp') ?? ''} is not known`);
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
