import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { startProcess, type StartProcess } from '#execution/process/host-process.ts';
import type { Probe, ProbePlace } from '../probe.ts';
import { askHosts } from './ask-hosts.ts';
import type { AskedHost } from './asked-hosts.ts';

let folder = '';
before(() => (folder = mkdtempSync(join(tmpdir(), 'gantry-hosts-'))));
after(() => rmSync(folder, { recursive: true, force: true }));

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.push(socket));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

const https = (host: string, port: number): AskedHost => ({ host, port, isTls: true, isHttp: true });
const http = (host: string, port: number): AskedHost => ({ host, port, isTls: false, isHttp: true });

async function ask(host: AskedHost, more: Partial<ProbePlace> = {}): Promise<Probe> {
  const place = { folder, env: { PATH: '/usr/bin:/bin' }, start: startProcess, signal: new AbortController().signal };
  const [probe] = await askHosts([host], { ...place, ...more });
  return probe ?? assert.fail('nothing was told');
}

test('a name that nobody has is told from a name service that does not answer', async () => {
  const nobody = await ask(https('no-such-host.invalid', 443));
  assert.equal(nobody.finding?.cause, 'there is no host of the name no-such-host.invalid');
  assert.equal(nobody.finding.layer, 'network');
  // A namespace of its own has no network, so no name service.
  const start: StartProcess = (spec) => startProcess({ ...spec, argv: ['unshare', '-rn', ...spec.argv] });
  const silent = await ask(https('example.org', 443), { start });
  assert.equal(
    silent.finding?.cause,
    'the name example.org could not be looked up: no name service answers on the runner',
  );
});

test('a port at which nothing listens', async () => {
  const { finding, said } = await ask(http('127.0.0.1', 1));
  assert.equal(finding?.layer, 'network');
  assert.equal(finding.cause, '127.0.0.1:1 cannot be connected to: nothing listens there');
  assert.equal(said, 'no connection to 127.0.0.1:1: ECONNREFUSED');
});

test('a server that has signed its certificate itself, unless the step trusts it', async () => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', cert, ...subject],
    { stdio: 'pipe' },
  );
  const port = await listen(
    createHttps({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) => response.end()),
  );
  const { finding } = await ask(https('localhost', port));
  assert.equal(finding?.cause, `the certificate of localhost:${port} is not accepted: it has signed it itself`);
  const env = { PATH: '/usr/bin:/bin', NODE_EXTRA_CA_CERTS: cert };
  assert.equal((await ask(https('localhost', port), { env })).ok, true);
});

test('what a server says first: it is well, it is not, it wants no more requests, it has another time', async () => {
  const answers: Readonly<Record<string, number>> = {
    '/': 404,
    '/well': 200,
    '/sick': 503,
    '/busy': 429,
    '/late': 200,
  };
  const server = createHttp((request, response) => {
    if (request.url === '/late') response.setHeader('date', new Date(Date.now() + 3_600_000).toUTCString());
    response.writeHead(answers[request.url ?? ''] ?? 500).end();
  });
  const port = await listen(server);
  const at = async (path: string): Promise<Probe> => ask({ ...http('127.0.0.1', port), path });
  assert.equal((await at('/')).ok, true);
  assert.equal((await at('/well')).said, `127.0.0.1:${port} answers`);
  assert.equal((await at('/sick')).finding?.layer, 'registry');
  assert.match((await at('/busy')).finding?.cause ?? '', /refuses more requests for now \(429\)$/);
  assert.match((await at('/late')).finding?.cause ?? '', /^the clock of the runner is 3[56]\d\d s behind that of 127/);
});

test('a server that takes a connection and says nothing is given up', async () => {
  const port = await listen(createServer((socket) => socket.on('error', () => undefined)));
  const { finding } = await ask(http('127.0.0.1', port));
  assert.equal(finding?.cause, `127.0.0.1:${port} takes a connection and gives no answer`);
});

test('the proxy that the environment names is used, and a refusal is its own', async () => {
  const asked: string[] = [];
  const proxy = createHttp((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200).end();
  });
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
  });
  const port = await listen(proxy);
  const env = {
    PATH: '/usr/bin:/bin',
    https_proxy: `http://user:pass@127.0.0.1:${port}`,
    http_proxy: `127.0.0.1:${port}`,
  };
  const refused = await ask(https('index.example.org', 443), { env });
  assert.equal(
    refused.finding?.cause,
    `the proxy http://127.0.0.1:${port} does not let the runner to index.example.org: 407`,
  );
  assert.equal((await ask(http('index.example.org', 80), { env })).ok, true);
  assert.deepEqual(asked, ['index.example.org:443', 'http://index.example.org:80/']);
  assert.equal((await ask(http('127.0.0.1', 1), { env: { ...env, no_proxy: '127.0.0.1' } })).ok, false);
});

test('where this Node cannot be started, names are looked up all the same', async () => {
  const start: StartProcess = async (spec) =>
    spec.argv[0] === process.execPath ? { kind: 'not-started', why: 'it is not there' } : startProcess(spec);
  assert.equal((await ask(https('localhost', 443), { start })).said, 'its name is known');
  assert.equal((await ask(https('no-such-host.invalid', 443), { start })).finding?.layer, 'network');
});
