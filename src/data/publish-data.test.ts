import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { publishData, type DataRequest, type DataResult } from './publish-data.ts';

const NOW_MS = Date.parse('2026-11-23T12:00:00Z');
const DAY_MS = 86_400_000;
const ROWS = JSON.stringify([{ t: '12:00', kp: 1 }, { t: '15:00', kp: 2 }, { t: '18:00', kp: null }]); // prettier-ignore
const NOTHING_WILL_DO = 'no source answered with good data, and nothing kept will do';

let folder = '';
let dest = '';
let server: Server;
let base = '';
let host = '';
let seen: { url: string; authorization: string | undefined }[] = [];

/** What the upstream does at each address: every way in which a data service was seen to fail. */
const upstream: Readonly<Record<string, RequestListener>> = {
  '/good': (_request, response) => response.end(ROWS),
  '/500': (_request, response) => response.writeHead(500).end('{"rows": []}'),
  '/hang': () => undefined,
  '/stall': (_request, response) => response.write('[{"t":'),
  '/cut': (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('[{"t": "12:00"', () => response.destroy());
  },
  '/reset': (request) => request.socket.destroy(),
  '/garbage': (_request, response) => response.end('<html><body>Service notice</body></html>'),
  '/latin1': (_request, response) => response.end(Buffer.from('["caf\xe9"]', 'latin1')),
  '/nothing': (_request, response) => response.writeHead(204).end(),
  '/huge': (_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(' '.repeat(4_096)));
    };
    response.on('drain', more);
    more();
  },
  '/object': (_request, response) => response.end('{"error": "quota"}'),
  '/numbers': (_request, response) => response.end('[1, 2, 3]'),
  '/empty': (_request, response) => response.end('[]'),
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-data-'));
  dest = join(folder, 'data');
  seen = [];
  server = createServer((request, response) => {
    seen.push({ url: request.url ?? '', authorization: request.headers.authorization });
    const answer = upstream[(request.url ?? '').replace(/\?.*/, '')];
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  host = `127.0.0.1:${address.port}`;
  base = `http://${host}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

function publish(paths: readonly string[], more: Partial<DataRequest> = {}): Promise<DataResult> {
  const urls = paths.map((path) => base + path);
  return publishData({ name: 'kp', urls, dest, now: () => NOW_MS, ...more });
}

async function published(): Promise<{ text: string; meta: unknown }> {
  const text = await readFile(join(dest, 'kp.json'), 'utf8');
  return { text, meta: JSON.parse(await readFile(join(dest, 'kp.meta.json'), 'utf8')) };
}

async function keep(path: string, text: string, meta?: object): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  if (meta) await writeFile(path.replace('.json', '.meta.json'), JSON.stringify(meta));
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

test('data from the primary source is published as it came, with its meta file, and nothing else is left behind', async () => {
  const result = await publish(['/good', '/500']);
  assert.deepEqual(result, { kind: 'fresh', source: 'primary', url: `${base}/good`, rows: 3, ageMs: 0, tried: [] });
  assert.deepEqual(await published(), {
    text: ROWS,
    meta: {
      name: 'kp',
      source: 'primary',
      url: `${base}/good`,
      fetchedAt: '2026-11-23T12:00:00.000Z',
      rows: 3,
      sha256: hash(ROWS),
    },
  });
  assert.deepEqual((await readdir(dest)).toSorted(), ['kp.json', 'kp.meta.json']);
  assert.equal(seen.length, 1);
});

test('a mirror is used when the primary fails, and the result says why', async () => {
  const result = await publish(['/500', '/good']);
  assert.deepEqual(result, {
    kind: 'mirror',
    source: 'mirror',
    url: `${base}/good`,
    rows: 3,
    ageMs: 0,
    tried: [{ url: `${base}/500`, why: `${host} answered 500` }],
  });
});

const failures: readonly { readonly path: string; readonly why: () => string; readonly more?: Partial<DataRequest> }[] =
  [
    { path: '/500', why: () => `${host} answered 500` },
    { path: '/missing', why: () => `${host} answered 404` },
    { path: '/hang', why: () => 'timed out after 0.2 s', more: { timeoutMs: 200 } },
    { path: '/stall', why: () => 'timed out after 0.2 s', more: { timeoutMs: 200 } },
    { path: '/cut', why: () => `${host} cut the connection after 14 bytes` },
    { path: '/reset', why: () => `${host} cut the connection` },
    { path: '/garbage', why: () => 'not JSON: 40 bytes that start with "<html><body>Service"' },
    { path: '/latin1', why: () => 'not JSON: 8 bytes that start with "[\\"caf\ufffd\\"]"' },
    { path: '/nothing', why: () => 'empty' },
    { path: '/huge', why: () => 'larger than 64 KiB', more: { maxBytes: 65_536 } },
    { path: '/object', why: () => 'an object where a list of rows is wanted' },
    { path: '/object', why: () => 'nothing at data', more: { rowsAt: 'data' } },
    { path: '/object', why: () => 'a string where a list of rows is wanted, at error', more: { rowsAt: 'error' } },
    { path: '/numbers', why: () => 'row 1 is a number, not an object' },
    { path: '/empty', why: () => '0 rows, at least 1 wanted' },
    { path: '/good', why: () => '3 rows, at least 10 wanted', more: { minRows: 10 } },
    { path: '/good', why: () => 'row 1 has no field "speed"', more: { required: ['kp', 'speed'] } },
  ];

for (const { path, why, more } of failures) {
  const options = more ? ` with ${JSON.stringify(more)}` : '';
  test(`an upstream that answers as ${path}${options} publishes nothing and says why`, async () => {
    const result = await publish([path], more);
    assert.deepEqual(result, {
      kind: 'failed',
      why: NOTHING_WILL_DO,
      rows: 0,
      tried: [
        { url: base + path, why: why() },
        { url: join(dest, 'kp.json'), why: 'not there' },
      ],
    });
    await assert.rejects(readdir(dest), { code: 'ENOENT' });
  });
}

test('a server that is not there and an address that is none are told apart', async () => {
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const address = gone.address();
  assert.ok(address !== null && typeof address === 'object');
  await new Promise((resolve) => gone.close(resolve));
  const closed = `127.0.0.1:${address.port}`;
  const result = await publish([], { urls: [`http://${closed}/`, 'file:///etc/passwd', 'nonsense'] });
  assert.deepEqual(result.tried.slice(0, 3), [
    { url: `http://${closed}/`, why: `${closed} refused the connection` },
    { url: 'file:///etc/passwd', why: 'not an http or https address' },
    { url: 'not an address', why: 'not an http or https address' },
  ]);
});

test('what an earlier run published stays when every source fails, and keeps the time it was fetched', async () => {
  await publish(['/good'], { now: () => NOW_MS - DAY_MS });
  const result = await publish(['/500']);
  assert.deepEqual(result, {
    kind: 'stale',
    source: 'last-known-good',
    keptIn: join(dest, 'kp.json'),
    rows: 3,
    ageMs: DAY_MS,
    tried: [{ url: `${base}/500`, why: `${host} answered 500` }],
  });
  assert.deepEqual(await published(), {
    text: ROWS,
    meta: {
      name: 'kp',
      source: 'last-known-good',
      url: `${base}/good`,
      fetchedAt: '2026-11-22T12:00:00.000Z',
      rows: 3,
      sha256: hash(ROWS),
    },
  });
});

test('the snapshot is used when the published file was damaged', async () => {
  await publish(['/good']);
  await writeFile(join(dest, 'kp.json'), ROWS.replace('12:00', '13:00'));
  const snapshot = join(folder, 'snapshots', 'kp.json');
  await keep(snapshot, '[{"t":"old"}]', { url: 'https://example.org/kp', fetchedAt: '2026-11-20T12:00:00Z' });
  const result = await publish(['/hang'], { timeoutMs: 50, snapshot });
  assert.deepEqual(result, {
    kind: 'stale',
    source: 'last-known-good',
    keptIn: snapshot,
    rows: 1,
    ageMs: 3 * DAY_MS,
    tried: [
      { url: `${base}/hang`, why: 'timed out after 0.05 s' },
      { url: join(dest, 'kp.json'), why: 'its sha256 differs from the one in its meta file' },
    ],
  });
  assert.deepEqual(await published(), {
    text: '[{"t":"old"}]',
    meta: {
      name: 'kp',
      source: 'last-known-good',
      url: 'https://example.org/kp',
      fetchedAt: '2026-11-20T12:00:00Z',
      rows: 1,
      sha256: hash('[{"t":"old"}]'),
    },
  });
});

test('a snapshot without a meta file is of unknown age, never new', async () => {
  const snapshot = join(folder, 'kp.json');
  await keep(snapshot, ROWS);
  const result = await publish(['/500'], { snapshot });
  assert.ok(result.kind === 'stale' && result.ageMs === undefined);
  const { meta } = await published();
  assert.deepEqual(meta, { name: 'kp', source: 'last-known-good', rows: 3, sha256: hash(ROWS) });
});

for (const [fetchedAt, why] of [
  ['2026-11-20T12:00:00Z', '3 d 0 h old, at most 2 d 0 h wanted'],
  ['2027-11-20T12:00:00Z', 'of unknown age, at most 2 d 0 h wanted'],
  ['yesterday', 'of unknown age, at most 2 d 0 h wanted'],
] as const) {
  test(`kept data fetched ${fetchedAt} will not do when it may be two days old`, async () => {
    const snapshot = join(folder, 'kp.json');
    await keep(snapshot, ROWS, { fetchedAt });
    const result = await publish(['/500'], { snapshot, maxAgeMs: 2 * DAY_MS });
    assert.equal(result.kind, 'failed');
    assert.deepEqual(result.tried.at(-1), { url: snapshot, why });
  });
}

test('user, password and keys in an address are sent, and shown nowhere', async () => {
  const url = `http://reader:hunter2@${host}/good?api_key=hunter3&limit=10`;
  const result = await publishData({
    name: 'kp',
    urls: [`${url}&then=`.replace('/good', '/500'), url],
    dest,
    now: () => NOW_MS,
  });
  assert.equal(result.kind, 'mirror');
  assert.equal(seen[1]?.authorization, `Basic ${Buffer.from('reader:hunter2').toString('base64')}`);
  assert.equal(seen[1]?.url, '/good?api_key=hunter3&limit=10');
  const { meta } = await published();
  assert.doesNotMatch(JSON.stringify([result, meta]), /hunter/);
});

test('a name that would leave the folder is refused before anything is fetched', async () => {
  const result = await publish(['/good'], { name: '../kp' });
  assert.equal(result.kind, 'failed');
  assert.deepEqual(seen, []);
});

test('a folder that cannot be written is a failure that says so', async () => {
  await writeFile(join(folder, 'file'), '');
  const blocked = join(folder, 'file', 'data');
  const result = await publish(['/good'], { dest: blocked });
  assert.deepEqual(result, { kind: 'failed', why: `cannot write ${blocked} (ENOTDIR)`, rows: 0, tried: [] });
});

test('a cancelled fetch publishes nothing, not even what is kept', async () => {
  const snapshot = join(folder, 'kp.json');
  await keep(snapshot, ROWS);
  const cancel = new AbortController();
  server.once('request', () => cancel.abort());
  const result = await publish(['/hang', '/good'], { snapshot, signal: cancel.signal });
  assert.deepEqual(result, { kind: 'failed', why: 'cancelled', rows: 0, tried: [] });
});
