import { err, ok, type Result } from '#base/result.ts';

export interface FetchLimits {
  /** For the whole answer, body included. */
  readonly timeoutMs: number;
  /** Of the body, unpacked. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
  readonly fetch: typeof fetch;
}

/** The whole body of one source, or one line that says why there is none. Redirects are followed. */
export async function fetchBody(url: string, limits: FetchLimits): Promise<Result<Buffer, string>> {
  const address = URL.parse(url);
  if (address === null || !/^https?:$/.test(address.protocol)) return err('not an http or https address');
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  let received = 0;
  try {
    const response = await limits.fetch(withoutCredentials(address), {
      headers: requestHeaders(address),
      signal: limits.signal ? AbortSignal.any([timeout, limits.signal]) : timeout,
    });
    if (!response.ok) {
      await response.body?.cancel().catch(() => undefined);
      return err(`${address.host} answered ${response.status}`);
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytesOf(response)) {
      received += chunk.byteLength;
      // Leaving the loop closes the connection: nothing beyond the limit is read.
      if (received > limits.maxBytes) return err(`larger than ${formatBytes(limits.maxBytes)}`);
      chunks.push(chunk);
    }
    return ok(Buffer.concat(chunks));
  } catch (error) {
    if (limits.signal?.aborted) return err('cancelled');
    if (timeout.aborted) return err(`timed out after ${formatSeconds(limits.timeoutMs)}`);
    return err(networkWhy(address.host, error, received));
  }
}

/** The address as reports and meta files may show it: no user, no password, no value of a key or token. */
export function shownUrl(url: string): string {
  const address = URL.parse(url);
  if (address === null) return 'not an address';
  address.username = '';
  address.password = '';
  address.hash = '';
  const secret = [...address.searchParams.keys()].filter((key) => /key|token|secret|passw|auth|sig/i.test(key));
  for (const key of secret) address.searchParams.set(key, '***');
  return address.href;
}

async function* bytesOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  for await (const chunk of response.body) if (chunk instanceof Uint8Array) yield chunk;
}

function withoutCredentials(address: URL): URL {
  const bare = new URL(address);
  bare.username = '';
  bare.password = '';
  return bare;
}

function requestHeaders(address: URL): Record<string, string> {
  const headers = { accept: 'application/json', 'user-agent': 'gantry' };
  if (address.username === '' && address.password === '') return headers;
  // fetch refuses an address with a user in it; this is what a browser would send for it.
  const pair = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`;
  return { ...headers, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

const NETWORK_WHY: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'cut the connection',
  ENOTFOUND: 'does not resolve',
  EAI_AGAIN: 'does not resolve just now',
  ENETUNREACH: 'cannot be reached',
  EHOSTUNREACH: 'cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'does not take connections',
};

function networkWhy(host: string, error: unknown, received: number): string {
  if (received > 0) return `${host} cut the connection after ${formatBytes(received)}`;
  const code = codeOf(error instanceof Error ? error.cause : undefined);
  // Headers came, then the socket closed: undici says so with a code of its own.
  if (code === 'UND_ERR_SOCKET') return `${host} cut the connection`;
  const known = code === undefined ? undefined : NETWORK_WHY[code];
  if (known !== undefined) return `${host} ${known}`;
  return `${host} could not be read${code === undefined ? '' : ` (${code})`}`;
}

function codeOf(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}

function formatSeconds(durationMs: number): string {
  return `${Number((durationMs / 1_000).toFixed(2))} s`;
}

function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} bytes`;
  const kib = bytes / 1_024;
  return kib < 1_024 ? `${Number(kib.toFixed(1))} KiB` : `${Number((kib / 1_024).toFixed(1))} MiB`;
}
