import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';
import { Secret } from '#base/secret.ts';
import { parseRetryAfterMs, sendWebhook, type Receipt, type WebhookRequest } from './webhook.ts';

const AT_MS = Date.parse('2026-11-23T12:00:00Z');
const PAYLOAD = { type: 'run.finished', verdict: 'degraded' };

let server: Server;
let host = '';
let received: { headers: IncomingHttpHeaders; body: string }[] = [];
/** What the receiver does with each request in turn; 200 when the list is used up. */
let answers: ((response: ServerResponse) => void)[] = [];

beforeEach(async () => {
  received = [];
  answers = [];
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      const answer = answers.shift();
      if (answer) answer(response);
      else response.end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  host = `127.0.0.1:${address.port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const status =
  (code: number, headers: Readonly<Record<string, string>> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(code, headers).end('no');
  };

function send(more: Partial<WebhookRequest> = {}): Promise<Receipt> {
  const url = `http://${host}/hooks/T0P-S3CRET?token=S3CRET`;
  return sendWebhook({
    url,
    payload: PAYLOAD,
    id: 'msg_1',
    atMs: AT_MS,
    timeoutMs: 5_000,
    attempts: 3,
    delayMs: 1,
    ...more,
  });
}

/** What a receiver does, written from the specification. */
function verify(key: Buffer): void {
  const { headers, body } = received.at(-1) ?? assert.fail('nothing was received');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  assert.equal(headers['webhook-signature'], `v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
}

test('a message arrives once, signed with the decoded whsec_ key', async () => {
  const key = Buffer.from('0123456789abcdef0123456789abcdef');
  const receipt = await send({ secret: new Secret(`whsec_${key.toString('base64')}`) });
  assert.deepEqual(receipt, { delivered: true, attempts: 1, status: 200 });
  assert.equal(received.length, 1);
  assert.equal(received[0]?.body, JSON.stringify(PAYLOAD));
  assert.equal(received[0]?.headers['webhook-id'], 'msg_1');
  assert.equal(Math.abs(Number(received[0]?.headers['webhook-timestamp']) - AT_MS / 1_000) < 60, true);
  verify(key);
});

test('a secret without whsec_ is the key itself', async () => {
  await send({ secret: new Secret('just words') });
  verify(Buffer.from('just words'));
});

test('without a secret nothing pretends to be signed', async () => {
  await send();
  assert.equal(received[0]?.headers['webhook-signature'], undefined);
});

test('429, 5xx and a cut connection are tried again with the same id', async () => {
  answers = [status(503), status(429), (response) => response.destroy()];
  const receipt = await send({ attempts: 4 });
  assert.deepEqual(receipt, { delivered: true, attempts: 4, status: 200 });
  assert.deepEqual(received.map(({ headers }) => headers['webhook-id']), ['msg_1', 'msg_1', 'msg_1', 'msg_1']); // prettier-ignore
});

test('when the attempts are used up, the receipt holds the last answer', async () => {
  answers = [status(500), status(502), status(503)];
  assert.deepEqual(await send(), { delivered: false, attempts: 3, status: 503, why: `${host} answered 503` });
});

for (const code of [301, 400, 404, 410]) {
  test(`an answer ${code} is final`, async () => {
    answers = [status(code, { location: '/elsewhere' })];
    assert.deepEqual(await send(), { delivered: false, attempts: 1, status: code, why: `${host} answered ${code}` });
    assert.equal(received.length, 1);
  });
}

test('a receiver that never answers is given up after the time limit of each attempt', async () => {
  answers = [() => undefined, () => undefined];
  const receipt = await send({ timeoutMs: 100, attempts: 2 });
  assert.deepEqual(receipt, { delivered: false, attempts: 2, why: `${host} timed out after 0.1 s` });
});

test('a receiver that is not there is named by its host alone', async () => {
  const gone = host;
  await new Promise((resolve) => server.close(resolve));
  const receipt = await send({ url: `http://user:S3CRET@${gone}/hooks/S3CRET`, attempts: 2 });
  assert.deepEqual(receipt, { delivered: false, attempts: 2, why: `${gone} refused the connection` });
  server.listen(0, '127.0.0.1');
});

test('user and password of the address are sent as basic authentication', async () => {
  await send({ url: `http://user:p%40ss@${host}/` });
  assert.equal(received[0]?.headers.authorization, `Basic ${Buffer.from('user:p@ss').toString('base64')}`);
});

test('what cannot work is not sent, and the receipt does not repeat the secret', async () => {
  const refused = [
    await send({ url: 'S3CRET' }),
    await send({ url: 'file:///S3CRET' }),
    await send({ secret: new Secret('whsec_S3CRET!') }),
    await send({ secret: new Secret(' ') }),
  ];
  assert.deepEqual(
    refused.map(({ attempts, why }) => [attempts, why]),
    [
      [0, 'not an http or https address'],
      [0, 'not an http or https address'],
      [0, 'the signing secret is not base64 after whsec_'],
      [0, 'the signing secret is empty'],
    ],
  );
  assert.equal(received.length, 0);
});

test('the wait that a receiver asks for is kept, and the next attempt carries its own time', async () => {
  answers = [status(429, { 'retry-after': '1' })];
  assert.equal((await send()).delivered, true);
  const [first = 0, second = 0] = received.map(({ headers }) => Number(headers['webhook-timestamp']));
  assert.ok(second > first);
});

test('cancelling ends the wait that a receiver asked for', async () => {
  const cancel = new AbortController();
  answers = [
    (response) => {
      response.on('close', () => cancel.abort());
      status(503, { 'retry-after': '3600', connection: 'close' })(response);
    },
  ];
  const receipt = await send({ signal: cancel.signal });
  assert.equal(receipt.delivered, false);
  assert.equal(receipt.attempts, 1);
});

test('Retry-After is read as seconds or as a date, and is capped', () => {
  assert.equal(parseRetryAfterMs('2', AT_MS), 2_000);
  assert.equal(parseRetryAfterMs('Mon, 23 Nov 2026 12:00:05 GMT', AT_MS), 5_000);
  assert.equal(parseRetryAfterMs('Mon, 23 Nov 2026 11:00:00 GMT', AT_MS), 0);
  assert.equal(parseRetryAfterMs('86400', AT_MS), 60_000);
  assert.equal(parseRetryAfterMs('soon', AT_MS), undefined);
  assert.equal(parseRetryAfterMs(null, AT_MS), undefined);
});
