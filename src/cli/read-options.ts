// What the options of `run`, `plan` and `resume` say, as values; what cannot be read is told in words.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isJsonObject, parseJson } from '#base/json.ts';
import type { JsonObject } from '#base/json.ts';
import { Secret } from '#base/secret.ts';
import { parseSecretFile } from './secret-file.ts';
import { UsageError } from './usage-error.ts';

export interface RunOptions {
  readonly job?: string;
  readonly event?: string;
  readonly eventFile?: string;
  readonly input: readonly string[];
  readonly var: readonly string[];
  readonly secret: readonly string[];
  readonly secretFile?: string;
  readonly localAction?: readonly string[];
  readonly dirty?: boolean;
  readonly debug?: boolean;
  /** False with `--no-replay`. */
  readonly replay?: boolean;
  /** False with `--no-reuse`. */
  readonly reuse?: boolean;
  readonly strict?: boolean;
  readonly serviceCommand?: readonly string[];
  readonly slots?: string;
  readonly format: 'text' | 'json';
  readonly matrix?: readonly string[];
  readonly fromGithub?: boolean;
  readonly pauseOnFailure?: boolean;
}

export function readPayload(options: RunOptions): JsonObject {
  if (options.eventFile === undefined) return {};
  if (!existsSync(options.eventFile)) throw new UsageError(`there is no file ${options.eventFile}`);
  const value = parseJson(readFileSync(options.eventFile, 'utf8'));
  if (isJsonObject(value)) return value;
  throw new UsageError(`${options.eventFile} does not hold an event: a JSON object, as GitHub sends it`);
}

export function readVariables({ var: given, debug }: Pick<RunOptions, 'var' | 'debug'>): JsonObject {
  const vars = Object.fromEntries(given.map((each) => pair(each, '--var')));
  return debug ? { ...vars, ACTIONS_STEP_DEBUG: 'true' } : vars;
}

export function readSecrets(options: Pick<RunOptions, 'secret' | 'secretFile'>): ReadonlyMap<string, Secret> {
  const secrets = new Map<string, Secret>();
  if (options.secretFile !== undefined) {
    if (!existsSync(options.secretFile)) throw new UsageError(`there is no file ${options.secretFile}`);
    const parsed = parseSecretFile(readFileSync(options.secretFile, 'utf8'));
    if (!parsed.ok) throw new UsageError(`${options.secretFile}: ${parsed.error}`);
    for (const [name, value] of parsed.value) secrets.set(name, new Secret(value));
  }
  for (const each of options.secret) {
    // A bare name takes the value from the environment, so that it is in no shell history.
    const [name, value] = each.includes('=') ? pair(each, '--secret') : [each, process.env[each]];
    if (value === undefined)
      throw new UsageError(`secret ${name}: give it as ${name}=value, or set ${name} in the environment`);
    secrets.set(name, new Secret(value));
  }
  return secrets;
}

/** `owner/name[/path]@ref=folder`: the folder stands in for the whole repository. */
export function readLocalActions(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((each) => {
      const [, repository = '', ref = '', folder = ''] =
        /^([^/@=]+\/[^/@=]+)(?:\/[^@=]*)?@([^=]+)=(.+)$/.exec(each) ?? [];
      const name = `${repository}@${ref}`;
      if (repository === '') throw new UsageError(`--local-action takes owner/repository@ref=folder, not "${each}"`);
      if (!existsSync(folder)) throw new UsageError(`--local-action ${name}: there is no folder ${folder}`);
      return [name, resolve(folder)];
    }),
  );
}

export function pair(text: string, option: string): [name: string, value: string] {
  const cut = text.indexOf('=');
  // The text itself may be a secret, so it is not repeated.
  if (cut < 1) throw new UsageError(`${option} takes NAME=value`);
  return [text.slice(0, cut).trim(), text.slice(cut + 1)];
}

export function slotsOf({ slots }: Pick<RunOptions, 'slots'>): { readonly slots?: number } {
  return slots === undefined ? {} : { slots: positive(slots) };
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`--slots takes a number from 1, not "${text}"`);
  return value;
}
