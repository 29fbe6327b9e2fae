import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { startProcess } from '#execution/process/host-process.ts';
import { pipIndex, pipTrouble } from './pip-index.ts';
import type { Probe } from './probe.ts';

const log = (index: string, name: string): readonly string[] => [
  `Looking in indexes: ${index}`,
  `ERROR: Could not find a version that satisfies the requirement ${name} (from versions: none)`,
  `ERROR: No matching distribution found for ${name}`,
];

async function ask(lines: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Probe> {
  const trouble = pipTrouble(lines, env) ?? assert.fail('nothing was missed');
  const place = { folder: tmpdir(), env: { PATH: '/usr/bin:/bin', ...env }, start: startProcess };
  return pipIndex(trouble, { ...place, signal: new AbortController().signal });
}

test('the same words of pip are a package that the index has not, or an index that does not answer', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const isOpen = !(request.url ?? '').startsWith('/private');
    response.writeHead(!isOpen ? 401 : request.url === '/simple/known-tool/' ? 200 : 404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  try {
    const missing = await ask(log(`http://127.0.0.1:${port}/simple`, 'Flaskk'));
    assert.equal(missing.finding?.layer, 'dependency');
    assert.equal(missing.finding.cause, 'pip cannot install Flaskk: the index 127.0.0.1 has no such package');
    const known = await ask(log(`http://127.0.0.1:${port}/simple/`, 'Known_Tool==2'));
    assert.deepEqual([known.ok, known.said], [true, '127.0.0.1 has the package Known_Tool']);
    const closed = await ask(log(`http://127.0.0.1:${port}/private`, 'ours'));
    assert.equal(closed.finding?.layer, 'secrets');
    assert.deepEqual(asked, ['HEAD /simple/flaskk/', 'HEAD /simple/known-tool/', 'HEAD /private/ours/']);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  const dead = await ask(log('http://127.0.0.1:1/simple', 'flask'));
  assert.equal(dead.finding?.layer, 'network');
});

test('which index it was is told by the log or the environment, else nobody is asked', () => {
  const [, ...lines] = log('', 'flask');
  assert.equal(pipTrouble(lines, { PIP_INDEX_URL: 'https://py.example.org/simple' })?.index.path, '/simple/flask/');
  assert.equal(pipTrouble(lines, {}), undefined);
  assert.equal(pipTrouble(['all is well'], { PIP_INDEX_URL: 'https://py.example.org/simple' }), undefined);
});
