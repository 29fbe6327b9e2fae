import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { z } from 'zod';
import { jobId, runId } from '#base/ids.ts';
import { openFileArtifacts } from '#stores/artifacts/artifact-files.ts';
import { openFileCache } from '#stores/cache/cache-files.ts';
import { createAccess } from './access.ts';
import { LOOPBACK, startServiceServer } from './service-server.ts';
import type { ServicePlace } from './service-server.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-services-'));
after(() => rmSync(root, { recursive: true, force: true }));

const ARTIFACTS = 'twirp/github.actions.results.api.v1.ArtifactService';
const CACHE = 'twirp/github.actions.results.api.v1.CacheService';
const IDS = { workflow_run_backend_id: 'run', workflow_job_run_backend_id: 'job' };

const order = {
  runId: runId('r-1'),
  jobId: jobId('build'),
  attempt: 1,
  contexts: { github: { ref: 'refs/heads/main' } },
};

async function openServices(place: ServicePlace = LOOPBACK) {
  const folder = mkdtempSync(join(root, 's-'));
  const artifacts = openFileArtifacts(join(folder, 'artifacts'));
  const cache = openFileCache(join(folder, 'cache'));
  const access = createAccess({ run: 'run', job: 'job', nowMs: Date.now() });
  const nowMs = (): number => Date.now();
  const setting = { order, artifacts, cache, nowMs, runName: 'run', jobName: () => 'job' };
  const server = await startServiceServer(setting, access, place);
  const ask = async (path: string, body: object, token = access.token) => {
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: z.record(z.string(), z.unknown()).parse(await response.json()) };
  };
  return { artifacts, cache, server, ask, access, [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose]() };
}

const text = (value: unknown): string => z.string().parse(value);

test('the token has the scope from which clients read whom they ask for', async () => {
  await using services = await openServices();
  const claims: unknown = JSON.parse(Buffer.from(services.access.token.split('.')[1] ?? '', 'base64url').toString());
  assert.equal(z.looseObject({ scp: z.string() }).parse(claims).scp, 'Actions.Results:run:job');
});

test('an address that is not of the network is not answered', async () => {
  await using services = await openServices({ host: '127.0.0.1', has: (address) => address === '127.0.0.2' });
  await assert.rejects(services.ask(`${ARTIFACTS}/ListArtifacts`, IDS), TypeError);
});

test('no token, that of another job and an address without its signature are refused', async () => {
  await using services = await openServices();
  const { ask, server } = services;
  const other = createAccess({ run: 'run', job: 'job', nowMs: Date.now() });
  assert.equal((await ask(`${ARTIFACTS}/ListArtifacts`, IDS, '')).status, 401);
  assert.equal((await ask(`${ARTIFACTS}/ListArtifacts`, IDS, other.token)).status, 401);
  assert.deepEqual(await ask(`${ARTIFACTS}/ListArtifacts`, { ...IDS, workflow_run_backend_id: 'other' }), {
    status: 403,
    body: { code: 'permission_denied', msg: 'the token is for another run' },
  });
  const made = await ask(`${ARTIFACTS}/CreateArtifact`, { ...IDS, name: 'a', version: 7 });
  const url = text(made.body['signed_upload_url']);
  assert.equal((await fetch(url.replace(/\?.*/, ''), { method: 'PUT', body: 'x' })).status, 403);
  assert.equal((await fetch(url.replace('/artifacts/', '/caches/'), { method: 'PUT', body: 'x' })).status, 403);
  assert.equal((await fetch(url, { method: 'PUT', body: 'x' })).status, 201);
  assert.equal((await fetch(`${server.url}elsewhere`)).status, 401);
});

test('what is no method and what is no request is said', async () => {
  await using services = await openServices();
  const { ask } = services;
  assert.deepEqual(await ask(`${ARTIFACTS}/toString`, IDS), {
    status: 404,
    body: { code: 'bad_route', msg: 'ArtifactService has no method toString' },
  });
  assert.equal((await ask(`${ARTIFACTS}/CreateArtifact`, IDS)).body['code'], 'invalid_argument');
  assert.deepEqual((await ask(`${ARTIFACTS}/CreateArtifact`, { ...IDS, name: 'a/b' })).body, {
    code: 'invalid_argument',
    msg: 'the name of the artifact, "a/b", has / in it, which not every file system takes',
  });
  assert.equal((await ask(`${ARTIFACTS}/FinalizeArtifact`, { ...IDS, name: 'never' })).status, 404);
});

test('a blob is its blocks in the order of the list, and one that did not come in whole is refused', async () => {
  await using services = await openServices();
  const { ask, artifacts } = services;
  const create = async (): Promise<string> => {
    const made = await ask(`${ARTIFACTS}/CreateArtifact`, { ...IDS, name: 'a', mime_type: 'text/plain' });
    return text(made.body['signed_upload_url']);
  };
  const put = async (url: string, query: string, body: string): Promise<number> =>
    (await fetch(`${url}&${query}`, { method: 'PUT', body })).status;
  let url = await create();
  for (const block of ['two', 'one']) assert.equal(await put(url, `comp=block&blockid=${block}`, `${block} `), 201);
  assert.equal((await ask(`${ARTIFACTS}/FinalizeArtifact`, { ...IDS, name: 'a' })).status, 404);
  assert.equal(await put(url, 'comp=blocklist', '<BlockList><Latest>nope</Latest></BlockList>'), 400);
  const list = '<BlockList><Latest>one</Latest><Latest>two</Latest></BlockList>';
  assert.equal(await put(url, 'comp=blocklist', list), 201);
  const wrong = { ...IDS, name: 'a', size: '8', hash: `sha256:${'0'.repeat(64)}` };
  assert.equal((await ask(`${ARTIFACTS}/FinalizeArtifact`, wrong)).status, 400);
  assert.deepEqual(await artifacts.list(order.runId), []);

  url = await create();
  assert.equal(await put(url, 'comp=block&blockid=x', 'one two '), 201);
  assert.equal(await put(url, 'comp=blocklist', '<BlockList><Latest>x</Latest></BlockList>'), 201);
  const done = await ask(`${ARTIFACTS}/FinalizeArtifact`, { ...IDS, name: 'a', size: '8' });
  assert.equal(done.status, 200);
  const signed = await ask(`${ARTIFACTS}/GetSignedArtifactURL`, { ...IDS, name: 'a' });
  const whole = await fetch(text(signed.body['signed_url']));
  assert.equal(await whole.text(), 'one two ');
  const part = await fetch(text(signed.body['signed_url']), { headers: { range: 'bytes=4-6' } });
  assert.deepEqual([part.status, part.headers.get('content-range'), await part.text()], [206, 'bytes 4-6/8', 'two']);
  const behind = await fetch(text(signed.body['signed_url']), { headers: { range: 'bytes=9-' } });
  assert.equal(behind.status, 416);
});

test('a block that breaks off leaves nothing behind, and the services leave nothing when they end', async () => {
  let drafts = '';
  {
    await using services = await openServices();
    drafts = services.artifacts.drafts;
    const made = await services.ask(`${ARTIFACTS}/CreateArtifact`, { ...IDS, name: 'a' });
    const url = text(made.body['signed_upload_url']);
    await new Promise<void>((resolve) => {
      const sending = request(`${url}&comp=block&blockid=x`, { method: 'PUT', headers: { 'content-length': 100 } });
      sending.on('error', () => resolve());
      sending.write('half');
      sending.on('socket', (socket) =>
        socket.on('connect', () => setImmediate(() => sending.destroy(new Error('gone')))),
      );
    });
    const listed = await fetch(`${url}&comp=blocklist`, {
      method: 'PUT',
      body: '<BlockList><Latest>x</Latest></BlockList>',
    });
    assert.equal(listed.status, 400);
  }
  assert.deepEqual(readdirSync(drafts), []);
});

test('a cache entry is reserved once, is not there before it is complete, and stays while the job may read it', async () => {
  await using services = await openServices();
  const { ask, cache } = services;
  const entry = { key: 'k-1', version: 'v' };
  const made = await ask(`${CACHE}/CreateCacheEntry`, entry);
  assert.equal((await ask(`${CACHE}/CreateCacheEntry`, entry)).body['ok'], false);
  assert.equal((await ask(`${CACHE}/FinalizeCacheEntryUpload`, { ...entry, size_bytes: '5' })).status, 400);
  assert.deepEqual((await ask(`${CACHE}/GetCacheEntryDownloadURL`, entry)).body, { ok: false });
  await fetch(text(made.body['signed_upload_url']), { method: 'PUT', body: 'whole' });
  assert.equal((await ask(`${CACHE}/FinalizeCacheEntryUpload`, { ...entry, size_bytes: '5' })).body['ok'], true);
  const found = await ask(`${CACHE}/GetCacheEntryDownloadURL`, { key: 'k-2', version: 'v', restore_keys: ['k-'] });
  assert.deepEqual([found.body['ok'], found.body['matched_key']], [true, 'k-1']);
  assert.equal(await (await fetch(text(found.body['signed_download_url']))).text(), 'whole');
  assert.equal((await ask(`${CACHE}/CreateCacheEntry`, entry)).body['ok'], false);
  using again = await cache.findArchive({ ...entry, scopes: ['refs/heads/main'] });
  assert.equal(again?.key, 'k-1');
  assert.equal(await cache.findArchive({ ...entry, scopes: ['refs/heads/other'] }), undefined);
});
