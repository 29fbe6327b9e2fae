import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namedHosts } from './named-hosts.ts';

const told = (line: string): readonly string[] =>
  namedHosts(line.split('\n')).map(({ host, port, isTls }) => `${host}:${port}${isTls ? ' tls' : ''}`);

test('hosts are found in what the tools say', () => {
  for (const [line, host] of [
    ['curl: (6) Could not resolve host: files.example.org', 'files.example.org:443 tls'],
    ["Temporary failure resolving 'deb.example.org'", 'deb.example.org:443 tls'],
    ['E: Failed to fetch http://deb.example.org/debian/x.deb  404', 'deb.example.org:80'],
    [
      'npm error network request to https://npm.example.org/left-pad failed, reason: getaddrinfo ENOTFOUND npm.example.org',
      'npm.example.org:443 tls',
    ],
    ["HTTPSConnectionPool(host='py.example.org', port=443): Max retries exceeded", 'py.example.org:443 tls'],
    ["fatal: unable to access 'https://user:secret@git.example.org:8443/a.git/'", 'git.example.org:8443 tls'],
    ['ssh: connect to host git.example.org port 2222: Connection refused', 'git.example.org:2222'],
    ['curl: (7) Failed to connect to api.example.org port 8080 after 1 ms', 'api.example.org:8080'],
    ['dial tcp 10.1.2.3:5432: connect: connection refused', '10.1.2.3:5432'],
  ] as const)
    assert.deepEqual(told(line), [host], line);
});

test('a server of the step itself, or of its job, is nobody that the network could keep away', () => {
  for (const line of [
    'connect ECONNREFUSED 127.0.0.1:3000',
    'GET http://localhost:8080/health failed',
    'error: http://[::1]:9000/ refused',
    'psql: could not connect to server: http://postgres:5432/',
  ])
    assert.deepEqual(told(line), [], line);
});

test('no more than four are asked, each once', () => {
  const lines = [1, 1, 2, 3, 4, 5].map((number) => `error: https://h${number}.example.org/x`).join('\n');
  assert.deepEqual(
    told(lines).map((each) => each.slice(0, 2)),
    ['h1', 'h2', 'h3', 'h4'],
  );
});
