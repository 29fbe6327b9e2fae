// Signed webhooks after https://www.standardwebhooks.com: id and time are part of what is signed.
import { createHmac } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { backoffMs } from '#base/backoff.ts';
import type { JsonObject } from '#base/json.ts';
import { err, ok, type Result } from '#base/result.ts';
import type { Secret } from '#base/secret.ts';

export interface WebhookRequest {
  /** http or https; a user and password in it are sent as basic authentication. */
  readonly url: string;
  /** `whsec_` and base64, or the raw key. Without one nothing is signed. */
  readonly secret?: Secret;
  readonly payload: JsonObject;
  /** The same for every attempt, so that the receiver can drop duplicates. */
  readonly id: string;
  /** Now, in milliseconds since 1970. Later attempts carry their own time. */
  readonly atMs: number;
  /** For one attempt. */
  readonly timeoutMs: number;
  /** At least 1. */
  readonly attempts: number;
  /** Before the second attempt; doubles. */
  readonly delayMs: number;
  readonly signal?: AbortSignal;
}

export interface Receipt {
  readonly delivered: boolean;
  /** Requests made. */
  readonly attempts: number;
  /** Of the last answer, when there was one. */
  readonly status?: number;
  /** Why it was not delivered. Names the host alone: path and query of a webhook are often its password. */
  readonly why?: string;
}

type Attempt =
  | { readonly kind: 'delivered'; readonly status: number }
  | { readonly kind: 'refused'; readonly status: number; readonly why: string }
  | { readonly kind: 'again'; readonly status?: number; readonly why: string; readonly retryAfterMs?: number };

// A receiver may ask for patience, but not keep a run open for an hour.
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * Delivers once the receiver answers 2xx. Tries again on 429, 5xx and network trouble, with backoff or as `Retry-After`
 * asks (60 s at most); any other answer is final, redirects included. Never throws.
 */
export async function sendWebhook(request: WebhookRequest): Promise<Receipt> {
  const address = URL.parse(request.url);
  if (address === null || !/^https?:$/.test(address.protocol)) {
    return { delivered: false, attempts: 0, why: 'not an http or https address' };
  }
  const key = signingKey(request.secret);
  if (!key.ok) return { delivered: false, attempts: 0, why: key.error };
  const startedMs = performance.now();
  const body = JSON.stringify(request.payload);
  for (let attempt = 1; ; attempt += 1) {
    const nowMs = request.atMs + (performance.now() - startedMs);
    const headers = signedHeaders(request.id, nowMs, body, key.value);
    const result = await sendOnce(address, { request, headers, body, nowMs });
    if (result.kind === 'delivered') return { delivered: true, attempts: attempt, status: result.status };
    const status = result.status === undefined ? {} : { status: result.status };
    const receipt: Receipt = { delivered: false, attempts: attempt, ...status, why: result.why };
    if (result.kind === 'refused' || attempt >= request.attempts || request.signal?.aborted) return receipt;
    const pauseMs = Math.max(backoffMs(request.delayMs, attempt, Math.random()), result.retryAfterMs ?? 0);
    if (!(await waited(pauseMs, request.signal))) return receipt;
  }
}

interface Sending {
  readonly request: WebhookRequest;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly nowMs: number;
}

async function sendOnce(address: URL, sending: Sending): Promise<Attempt> {
  const { request, headers, body, nowMs } = sending;
  const timeout = AbortSignal.timeout(request.timeoutMs);
  const bare = new URL(address);
  bare.username = '';
  bare.password = '';
  try {
    const response = await fetch(bare, {
      method: 'POST',
      headers: { ...headers, ...basicAuthorization(address) },
      body,
      redirect: 'manual',
      signal: request.signal ? AbortSignal.any([timeout, request.signal]) : timeout,
    });
    // The answer's body is nobody's business; unread, it would hold the connection.
    await response.body?.cancel().catch(() => undefined);
    return judge(response, address.host, nowMs);
  } catch (error) {
    if (request.signal?.aborted) return { kind: 'again', why: 'cancelled' };
    if (timeout.aborted)
      return { kind: 'again', why: `${address.host} timed out after ${request.timeoutMs / 1_000} s` };
    return { kind: 'again', why: `${address.host} ${networkWhy(error)}` };
  }
}

function judge(response: Response, host: string, nowMs: number): Attempt {
  const { status } = response;
  if (response.ok) return { kind: 'delivered', status };
  const why = `${host} answered ${status}`;
  if (status !== 429 && status < 500) return { kind: 'refused', status, why };
  const retryAfterMs = parseRetryAfterMs(response.headers.get('retry-after'), nowMs);
  return { kind: 'again', status, why, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** `Retry-After` of RFC 9110, as a wait from now: seconds or a date; capped; undefined when it is neither. */
export function parseRetryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const waitMs = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(0, waitMs), MAX_RETRY_AFTER_MS);
}

function signedHeaders(id: string, nowMs: number, body: string, key: Buffer | undefined): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'gantry',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
  };
  if (key === undefined) return headers;
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}

function signingKey(secret: Secret | undefined): Result<Buffer | undefined, string> {
  if (secret === undefined) return ok(undefined);
  const text = secret.reveal().trim();
  // An HMAC with an empty key can be made by anyone.
  if (text === '') return err('the signing secret is empty');
  if (!text.startsWith('whsec_')) return ok(Buffer.from(text, 'utf8'));
  const encoded = text.slice('whsec_'.length);
  const wellFormed = /^[A-Za-z0-9+/]+={0,2}$/.test(encoded);
  return wellFormed ? ok(Buffer.from(encoded, 'base64')) : err('the signing secret is not base64 after whsec_');
}

function basicAuthorization(address: URL): Record<string, string> {
  if (address.username === '' && address.password === '') return {};
  const pair = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

const NETWORK_WHY: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'cut the connection',
  UND_ERR_SOCKET: 'cut the connection',
  ENOTFOUND: 'does not resolve',
  EAI_AGAIN: 'does not resolve just now',
};

function networkWhy(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  if (typeof code !== 'string') return 'could not be reached';
  return NETWORK_WHY[code] ?? `could not be reached (${code})`;
}

async function waited(pauseMs: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await wait(pauseMs, undefined, signal ? { signal } : {});
    return true;
  } catch {
    return false;
  }
}
