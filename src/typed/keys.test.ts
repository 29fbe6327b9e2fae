// The types know just the keys that the reader knows. What is compared are types: a difference does not compile.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventTable as EventRules } from '#workflow/events.ts';
import { KEYS } from '#workflow/key-table.ts';
import type { EventName, EventTable } from './events.ts';
import type {
  CallJob,
  Concurrency,
  ContainerKeys,
  Defaults,
  Environment,
  RunsOn,
  ServiceKeys,
  StepsJob,
  Strategy,
} from './jobs.ts';
import type { CallInput, CallOutput, CallSecret, Callable, DispatchInput, Pipeline, Schedule } from './pipeline.ts';
import type {
  CancelStep,
  Expectation,
  Fallback,
  ParallelStep,
  Retry,
  RunStep,
  UsesStep,
  WaitAllStep,
  WaitStep,
} from './steps.ts';

/** `snapshot` has no type: it is refused in a pipeline of Gantry's own. */
type Place = Exclude<keyof typeof KEYS, 'snapshot'>;

/** Keys that a member of the union may have. */
type KeysOf<T> = T extends unknown ? { [K in keyof T]-?: [T[K]] extends [undefined] ? never : K }[keyof T] : never;
type ObjectsOf<T> = T extends
  string | number | boolean | null | readonly unknown[] | { toString(): string; toJSON(): string }
  ? never
  : T;

type Honoured<P extends Place> =
  | (typeof KEYS)[P]['honoured'][number]
  | ((typeof KEYS)[P] extends { readonly gantry: readonly (infer K)[] } ? K : never);
type Refused<P extends Place> = (typeof KEYS)[P] extends { readonly notHonoured: infer N } ? keyof N : never;

type Missing<P extends Place, T> = Exclude<Honoured<P>, KeysOf<ObjectsOf<T>>>;
type Unknown<P extends Place, T> = Exclude<KeysOf<ObjectsOf<T>>, Honoured<P> | Refused<P>>;
type Same<P extends Place, T> = [Missing<P, T>] extends [never]
  ? [Unknown<P, T>] extends [never]
    ? true
    : `the reader does not know ${Unknown<P, T> & string}`
  : `the type lacks ${Missing<P, T> & string}`;

// A line that does not compile names the key: add it in src/typed/, with its type.
const same: { readonly [P in Place]: true } = {
  workflow: true satisfies Same<'workflow', Pipeline>,
  defaults: true satisfies Same<'defaults', Defaults>,
  defaultsRun: true satisfies Same<'defaultsRun', NonNullable<Defaults['run']>>,
  job: true satisfies Same<'job', StepsJob | CallJob>,
  runsOn: true satisfies Same<'runsOn', RunsOn>,
  environment: true satisfies Same<'environment', Environment>,
  strategy: true satisfies Same<'strategy', Strategy>,
  step: true satisfies Same<'step', RunStep | UsesStep>,
  wait: true satisfies Same<'wait', WaitStep>,
  'wait-all': true satisfies Same<'wait-all', WaitAllStep>,
  cancel: true satisfies Same<'cancel', CancelStep>,
  parallel: true satisfies Same<'parallel', ParallelStep>,
  fallback: true satisfies Same<'fallback', Fallback>,
  retry: true satisfies Same<'retry', Retry>,
  advisory: true satisfies Same<'advisory', NonNullable<RunStep['advisory']>>,
  expect: true satisfies Same<'expect', Expectation>,
  expectTests: true satisfies Same<'expectTests', NonNullable<Expectation['tests']>>,
  schedule: true satisfies Same<'schedule', Schedule>,
  dispatch: true satisfies Same<'dispatch', { readonly inputs?: unknown }>,
  dispatchInput: true satisfies Same<'dispatchInput', DispatchInput>,
  call: true satisfies Same<'call', Callable>,
  callInput: true satisfies Same<'callInput', CallInput>,
  callSecret: true satisfies Same<'callSecret', CallSecret>,
  callOutput: true satisfies Same<'callOutput', CallOutput>,
  concurrency: true satisfies Same<'concurrency', Concurrency>,
  container: true satisfies Same<'container', ContainerKeys>,
  service: true satisfies Same<'service', ServiceKeys>,
  credentials: true satisfies Same<'credentials', NonNullable<ContainerKeys['credentials']>>,
};

type Listed<Rules, Key extends string> = Rules extends { readonly [K in Key]: infer List }
  ? List extends readonly []
    ? string
    : List extends readonly (infer Item)[]
      ? Item
      : never
  : never;
type Equal<A, B> = [A, B] extends [B, A] ? true : false;
type Agree<E> = E extends EventName & keyof EventRules
  ? Equal<EventTable[E]['type'], Listed<EventRules[E], 'types'>> extends true
    ? Equal<EventTable[E]['filter'], Listed<EventRules[E], 'filters'>>
    : false
  : false;
/** Events whose types or filters differ, and those that only one side has. */
type EventsThatDiffer = {
  [E in EventName | keyof EventRules]: Agree<E> extends true ? never : E;
}[EventName | keyof EventRules];

// The same for events, their activity types and their filters: a line that does not compile names them.
const eventsAgree = true satisfies [EventsThatDiffer] extends [never] ? true : EventsThatDiffer;

test('every place of the key table is compared', () => {
  assert.deepEqual(
    Object.keys(same),
    Object.keys(KEYS).filter((place) => place !== 'snapshot'),
  );
});

test('events are compared', () => {
  assert.ok(eventsAgree);
});
