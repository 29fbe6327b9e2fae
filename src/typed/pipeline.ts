import type { EventName, EventTable } from './events.ts';
import type { Concurrency, Defaults, Job, Permissions } from './jobs.ts';
import type { OneOrMore, Scalar, Text, Values } from './steps.ts';

/** An event's activity types and filters; `{}` lets everything through. */
export type Filters<E extends EventName> = {
  readonly [F in EventTable[E]['filter']]?: OneOrMore<string>;
} & ([EventTable[E]['type']] extends [never] ? unknown : { readonly types?: OneOrMore<EventTable[E]['type']> });

export interface Schedule {
  /** Minute, hour, day, month, weekday. */
  readonly cron: string;
  readonly timezone?: string;
}

export interface DispatchInput {
  readonly description?: string;
  readonly type?: 'string' | 'boolean' | 'number' | 'choice' | 'environment';
  readonly required?: boolean;
  readonly default?: string | number | boolean;
  readonly options?: readonly string[];
}

export interface CallInput {
  readonly description?: string;
  readonly type: 'string' | 'boolean' | 'number';
  readonly required?: boolean;
  readonly default?: Scalar;
}

export interface CallSecret {
  readonly description?: string;
  readonly required?: boolean;
}

export interface CallOutput {
  readonly description?: string;
  readonly value: Text;
}

export interface Callable {
  readonly inputs?: { readonly [name: string]: CallInput };
  readonly secrets?: { readonly [name: string]: CallSecret | null };
  readonly outputs?: { readonly [name: string]: CallOutput };
}

interface OwnShape {
  readonly schedule?: readonly Schedule[];
  readonly workflow_dispatch?: { readonly inputs?: { readonly [name: string]: DispatchInput } } | null;
  readonly workflow_call?: Callable | null;
}

export type EventFilters = OwnShape & {
  readonly [E in Exclude<EventName, keyof OwnShape>]?: Filters<E> | null;
};

export type Triggers = OneOrMore<Exclude<EventName, 'schedule'>> | EventFilters;

/** `Ids` holds, for each job, the ids of its steps. */
export interface Pipeline<Ids = Record<string, string>> {
  readonly name?: string;
  readonly description?: string;
  readonly 'run-name'?: Text;
  readonly on: Triggers;
  readonly permissions?: Permissions;
  readonly concurrency?: Concurrency;
  readonly env?: Values;
  readonly defaults?: Defaults;
  readonly jobs: { readonly [Name in keyof Ids]: Job<NoInfer<keyof Ids>, Ids[Name]> };
}

/**
 * A pipeline: GitHub's workflow language and Gantry's seven keys, typed. `gantry.ts` exports it by default. It is given
 * back as it is; the file is evaluated when Gantry reads it, and what it makes is checked as `gantry.yml` would be.
 */
export function pipeline<const Ids>(definition: Pipeline<Ids>): Pipeline<Ids> {
  return definition;
}
