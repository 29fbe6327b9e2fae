import { setTimeout as delay } from 'node:timers/promises';
import { isJsonObject, parseJson } from '#base/json.ts';
import type { JsonValue } from '#base/json.ts';
import { httpGet } from './http-get.ts';

export interface JsonExpectation {
  /** Keys and array indexes with dots between: `data.ageHours`, `items.0.id`. */
  readonly path: string;
  readonly value: JsonValue;
}

export interface HttpProbe {
  readonly url: string;
  /** Default: any 2xx. */
  readonly expectStatus?: number;
  readonly expectJson?: readonly JsonExpectation[];
  readonly contains?: string;
  readonly timeoutMs: number;
}

/** What one probe saw. `why` is there exactly when `ok` is false. */
export interface Reading {
  readonly atMs: number;
  readonly ok: boolean;
  readonly status?: number;
  readonly latencyMs: number;
  readonly why?: string;
}

export interface ProbeSchedule {
  /** Most probes made; default: as many as fit before the deadline. */
  readonly attempts?: number;
  /** How long to go on, counted from the call. */
  readonly deadlineMs: number;
  readonly intervalMs: number;
  /** Good readings in a row that count as healthy; default 1. */
  readonly consecutive?: number;
  readonly signal?: AbortSignal;
  /** Asked before each probe: a reason why further probes are in vain (the process ended). */
  readonly giveUp?: () => Promise<string | undefined>;
}

export interface ProbeSeries {
  readonly healthy: boolean;
  readonly readings: readonly Reading[];
  readonly why?: string;
}

export async function probeHttp(probe: HttpProbe, signal?: AbortSignal): Promise<Reading> {
  const atMs = Date.now();
  const begun = performance.now();
  const answer = await httpGet({ url: probe.url, timeoutMs: probe.timeoutMs, signal });
  const latencyMs = Math.round(performance.now() - begun);
  if (typeof answer === 'string') return { atMs, ok: false, latencyMs, why: answer };
  const why = objection(probe, answer);
  return why === undefined
    ? { atMs, ok: true, status: answer.status, latencyMs }
    : { atMs, ok: false, status: answer.status, latencyMs, why };
}

/** Probes until enough good readings came in a row; every reading is kept. At least one probe is made. */
export async function probeUntilHealthy(probe: HttpProbe, schedule: ProbeSchedule): Promise<ProbeSeries> {
  const endsAt = performance.now() + schedule.deadlineMs;
  const wanted = schedule.consecutive ?? 1;
  const attempts = schedule.attempts ?? Number.POSITIVE_INFINITY;
  const readings: Reading[] = [];
  let row = 0;
  for (;;) {
    if (schedule.signal?.aborted) return { healthy: false, readings, why: 'cancelled' };
    const vain = await schedule.giveUp?.();
    if (vain !== undefined) return { healthy: false, readings, why: vain };
    // A slow last probe does not run far over the deadline.
    const timeoutMs = Math.min(probe.timeoutMs, Math.max(50, endsAt - performance.now()));
    const reading = await probeHttp({ ...probe, timeoutMs }, schedule.signal);
    readings.push(reading);
    row = reading.ok ? row + 1 : 0;
    if (row >= wanted) return { healthy: true, readings };
    const isOver = performance.now() + schedule.intervalMs >= endsAt;
    if (readings.length >= attempts || isOver) {
      return { healthy: false, readings, why: reading.why ?? `fewer than ${wanted} good answers in a row` };
    }
    await delay(schedule.intervalMs, undefined, { signal: schedule.signal }).catch(() => undefined);
  }
}

/** The value at a dotted path; undefined when there is none. */
function jsonAt(value: JsonValue, path: string): JsonValue | undefined {
  let here: JsonValue | undefined = value;
  for (const key of path.split('.').filter((part) => part !== '')) {
    if (isJsonArray(here)) here = here[Number(key)];
    else if (isJsonObject(here)) here = Object.hasOwn(here, key) ? here[key] : undefined;
    else return undefined;
  }
  return here;
}

function objection(probe: HttpProbe, answer: { readonly status: number; readonly body: string }): string | undefined {
  const { status, body } = answer;
  const isStatusGood = probe.expectStatus === undefined ? status >= 200 && status < 300 : status === probe.expectStatus;
  if (!isStatusGood) return `status ${status} instead of ${probe.expectStatus ?? '2xx'}`;
  if (probe.contains !== undefined && !body.includes(probe.contains)) {
    return `the answer does not contain ${JSON.stringify(probe.contains)}`;
  }
  if (probe.expectJson === undefined || probe.expectJson.length === 0) return undefined;
  const json = parseJson(body);
  if (json === undefined) return 'the answer is not JSON';
  for (const { path, value } of probe.expectJson) {
    const found = jsonAt(json, path);
    if (!isSameJson(found, value)) {
      return `${path} is ${found === undefined ? 'missing' : JSON.stringify(found)} instead of ${JSON.stringify(value)}`;
    }
  }
  return undefined;
}

function isSameJson(a: JsonValue | undefined, b: JsonValue): boolean {
  if (isJsonArray(a) && isJsonArray(b)) {
    return a.length === b.length && a.every((item, at) => isSameJson(item, b[at] ?? null));
  }
  if (isJsonObject(a) && isJsonObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && isSameJson(a[key], b[key] ?? null))
    );
  }
  return a === b;
}

// Array.isArray makes `any[]` of a readonly array.
function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
