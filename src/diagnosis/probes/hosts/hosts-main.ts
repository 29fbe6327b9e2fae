/**
 * Run where the step ran, with its environment, user and limits: finds each host by name, connects, shakes hands, asks for
 * nothing but a head, through the proxy that the environment names. Prints one line of JSON for each as soon as it
 * knows; whoever started it ends it when the time is up.
 */
import { lookup } from 'node:dns/promises';
import { request } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { AskedHost, HostAnswer, ToldHost } from './asked-hosts.ts';

/** When it has to be over, by the clock, and then an address for each host: `https://host:443/path`, `tcp://host:22`. */
const [deadline = '0', ...addresses] = process.argv.slice(2);
/** Also when this process was slow to begin. */
const LEAST_MS = 200;
const budgetMs = Math.max(LEAST_MS, Number(deadline) - Date.now());

function fromAddress(address: string): AskedHost {
  const [, scheme = '', host = '', port = '0', path = '/'] = /^(\w+):\/\/(.+):(\d+)(\/.*)?$/u.exec(address) ?? [];
  return {
    host,
    port: Number(port),
    isTls: scheme === 'https' || scheme === 'tls',
    isHttp: scheme.startsWith('http'),
    path,
  };
}

class Stopped extends Error {
  readonly answer: HostAnswer;

  constructor(answer: HostAnswer) {
    super(answer.kind);
    this.answer = answer;
  }
}

async function tell(target: AskedHost): Promise<void> {
  const proxy = proxyFor(target);
  const shown = proxy && `${proxy.protocol}//${proxy.host}`;
  const told = (answer: HostAnswer): ToldHost => ({
    host: target.host,
    port: target.port,
    ...(shown ? { proxy: shown } : {}),
    answer,
  });
  const stage: Stage = { stuck: { kind: 'not-resolved', code: 'EAI_AGAIN' } };
  let answer: HostAnswer;
  try {
    answer = await Promise.race([ask(target, { proxy, stage }), outOfTime(stage)]);
  } catch (error) {
    answer = error instanceof Stopped ? error.answer : { kind: 'not-connected', code: codeOf(error) };
  }
  process.stdout.write(`${JSON.stringify(told(answer))}\n`);
}

/** What is to be told when the time is up now. */
interface Stage {
  stuck: HostAnswer;
}

async function outOfTime(stage: Stage): Promise<HostAnswer> {
  await new Promise((done) => setTimeout(done, budgetMs));
  return stage.stuck;
}

interface Way {
  readonly proxy: URL | undefined;
  readonly stage: Stage;
}

async function ask(target: AskedHost, { proxy, stage }: Way): Promise<HostAnswer> {
  const first = proxy ? { host: proxy.hostname, port: Number(proxy.port) || 80 } : target;
  await resolve(first.host);
  stage.stuck = { kind: 'not-connected', code: 'ETIMEDOUT' };
  const plain = proxy && target.isTls ? await tunnel(target, proxy) : await connect(first.host, first.port);
  stage.stuck = { kind: 'no-answer' };
  const socket = target.isTls ? await shakeHands(plain, target.host) : plain;
  if (target.isHttp) return head(socket, target, proxy);
  return { kind: 'connected' };
}

async function resolve(host: string): Promise<void> {
  try {
    await lookup(host.replace(/^\[|\]$/g, ''));
  } catch (error) {
    throw new Stopped({ kind: 'not-resolved', code: codeOf(error) });
  }
}

function connect(host: string, port: number): Promise<Socket> {
  return new Promise((done, fail) => {
    const socket = connectTcp({ host: host.replace(/^\[|\]$/g, ''), port });
    socket.once('connect', () => done(socket));
    socket.once('error', (error) => fail(new Stopped({ kind: 'not-connected', code: codeOf(error) })));
  });
}

function tunnel({ host, port }: AskedHost, proxy: URL): Promise<Socket> {
  return new Promise((done, fail) => {
    const asking = request({
      host: proxy.hostname,
      port: Number(proxy.port) || 80,
      method: 'CONNECT',
      path: `${host}:${port}`,
      headers: { host: `${host}:${port}`, ...credentials(proxy) },
    });
    asking.once('connect', ({ statusCode = 0 }, socket: Socket) => {
      if (statusCode === 200) done(socket);
      else fail(new Stopped({ kind: 'refused-by-proxy', status: statusCode }));
    });
    asking.once('response', ({ statusCode = 0 }) =>
      fail(new Stopped({ kind: 'refused-by-proxy', status: statusCode })),
    );
    asking.once('error', (error) => fail(new Stopped({ kind: 'not-connected', code: codeOf(error) })));
    asking.end();
  });
}

function shakeHands(socket: Socket, host: string): Promise<Socket> {
  return new Promise((done, fail) => {
    const secure = connectTls({ socket, servername: host });
    secure.once('secureConnect', () => done(secure));
    secure.once('error', (error) => fail(new Stopped({ kind: 'not-trusted', code: codeOf(error) })));
  });
}

function head(
  socket: Socket,
  { host, port, isTls, path = '/' }: AskedHost,
  proxy: URL | undefined,
): Promise<HostAnswer> {
  return new Promise((done) => {
    const isPlainProxy = proxy !== undefined && !isTls;
    const asking = request({
      createConnection: () => socket,
      method: 'HEAD',
      path: isPlainProxy ? `http://${host}:${port}${path}` : path,
      headers: {
        host: `${host}:${port}`,
        'user-agent': 'gantry',
        connection: 'close',
        ...(isPlainProxy ? credentials(proxy) : {}),
      },
    });
    asking.once('response', ({ statusCode = 0, headers: { date } }) => {
      const theirs = date === undefined ? NaN : Date.parse(date);
      const clock = Number.isNaN(theirs) ? {} : { clockAheadS: Math.round((Date.now() - theirs) / 1000) };
      socket.destroy();
      done(
        isPlainProxy && statusCode === 407
          ? { kind: 'refused-by-proxy', status: statusCode }
          : { kind: 'answered', status: statusCode, ...clock },
      );
    });
    asking.once('error', () => done({ kind: 'no-answer' }));
    asking.end();
  });
}

function credentials({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** As curl and most tools have it. */
function proxyFor({ host, isTls, isHttp }: AskedHost): URL | undefined {
  if (!isHttp) return undefined;
  const { env } = process;
  const written = isTls
    ? (env['https_proxy'] ?? env['HTTPS_PROXY'] ?? env['all_proxy'] ?? env['ALL_PROXY'])
    : (env['http_proxy'] ?? env['HTTP_PROXY'] ?? env['all_proxy'] ?? env['ALL_PROXY']);
  const without = (env['no_proxy'] ?? env['NO_PROXY'] ?? '')
    .split(',')
    .map((each) => each.trim().replace(/^\*?\./, ''));
  if (!written || without.some((each) => each === '*' || (each !== '' && (host === each || host.endsWith(`.${each}`)))))
    return undefined;
  const url = URL.parse(written.includes('://') ? written : `http://${written}`);
  return url?.protocol === 'http:' ? url : undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

await Promise.all(addresses.map(async (address) => tell(fromAddress(address))));
// A look-up that nobody waits for any more must not keep this process alive.
process.exit(0);
