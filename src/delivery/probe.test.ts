import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { probeHttp, probeUntilHealthy } from './probe.ts';

test('a probe tells what it expected and what it found', async () => {
  const server = http.createServer((_request, response) => response.end('{"data":{"age":3},"list":[1]}'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const probe = { url: `http://127.0.0.1:${address.port}/`, timeoutMs: 5_000 };
  assert.equal((await probeHttp({ ...probe, expectJson: [{ path: 'list.0', value: 1 }], contains: 'age' })).ok, true);
  const wrong = await probeHttp({ ...probe, expectJson: [{ path: 'data.age', value: 4 }] });
  assert.equal(wrong.why, 'data.age is 3 instead of 4');
  assert.equal((await probeHttp({ ...probe, expectStatus: 204 })).why, 'status 200 instead of 204');
  assert.equal((await probeHttp({ ...probe, contains: 'nope' })).why, 'the answer does not contain "nope"');
  server.close();
  await once(server, 'close');
  const series = await probeUntilHealthy(probe, { attempts: 2, deadlineMs: 5_000, intervalMs: 1 });
  assert.equal(series.healthy, false);
  assert.deepEqual(
    series.readings.map(({ why }) => why),
    ['connection refused', 'connection refused'],
  );
});
