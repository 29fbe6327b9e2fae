// `container:` and `services:` with their expressions evaluated.
import { z } from 'zod';
import { isJsonObject } from '#base/json.ts';
import type { JsonValue } from '#base/json.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { splitWords } from '#base/split-words.ts';
import { evaluateValue } from '#workflow/expressions.ts';
import type { Scope } from '#workflow/expressions.ts';
import type { Container, Job, Template } from '#workflow/model.ts';
import { INSERT, soleExpression } from '#workflow/template-text.ts';

export interface ContainerSpec {
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly options: readonly string[];
  /** In the place of the image's own. */
  readonly entrypoint?: string;
  readonly command: readonly string[];
  readonly credentials?: { readonly username: string; readonly password: string };
}

const Text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const Login = z.object({ username: z.string(), password: z.string() });
const Written = z.strictObject({
  image: z.string().default(''),
  env: z.record(z.string(), Text).default({}),
  ports: z.array(Text).default([]),
  volumes: z.array(z.string()).default([]),
  options: z.string().default(''),
  entrypoint: z.string().default(''),
  command: z.string().default(''),
  credentials: Login.optional(),
});

export interface Evaluation {
  readonly scope: Scope;
  evaluate(text: string): string;
  evaluateAll(templates: Container['env']): Readonly<Record<string, string>>;
}

/** Undefined: its image evaluates to nothing, so there is none. Throws what `evaluate` throws. */
export function resolveContainer(
  container: Container,
  evaluation: Evaluation,
): Result<ContainerSpec | undefined, string> {
  const whole = wholeValue(container.image.value, evaluation);
  if (isJsonObject(whole)) return fromValue(whole);
  const { credentials, options, entrypoint, command } = container;
  const textOf = (template: Template | undefined): string => (template ? evaluation.evaluate(template.value) : '');
  const login = credentials && Login.safeParse(evaluation.evaluateAll(credentials));
  if (login?.success === false) return err('credentials: there is no username and password');
  return checked({
    image: evaluation.evaluate(container.image.value),
    env: evaluation.evaluateAll(container.env),
    ports: container.ports.map((port) => evaluation.evaluate(port.value)),
    volumes: container.volumes.map((volume) => evaluation.evaluate(volume.value)),
    options: textOf(options),
    entrypoint: textOf(entrypoint),
    command: textOf(command),
    ...(login && { credentials: login.data }),
  });
}

export function resolveServices(
  services: Job['services'],
  evaluation: Evaluation,
): Result<ReadonlyMap<string, ContainerSpec>, string> {
  const found = new Map<string, ContainerSpec>();
  const inserted = services[INSERT];
  const whole = inserted && wholeValue(inserted.image.value, evaluation);
  if (inserted && whole !== null && !isJsonObject(whole ?? null))
    return err('services: the expression makes no mapping');
  const resolved = isJsonObject(whole ?? null)
    ? Object.entries(isJsonObject(whole ?? null) ? (whole ?? {}) : {}).map(
        ([name, value]) => [name, typeof value === 'string' ? checked({ image: value }) : fromValue(value)] as const,
      )
    : Object.entries(services)
        .filter(([name]) => name !== INSERT)
        .map(([name, service]) => [name, resolveContainer(service, evaluation)] as const);
  for (const [name, spec] of resolved) {
    if (!spec.ok) return err(`service ${name}: ${spec.error}`);
    if (spec.value) found.set(name, spec.value);
  }
  return ok(found);
}

function wholeValue(text: string, { scope }: Evaluation): JsonValue | undefined {
  if (soleExpression(text) === undefined) return undefined;
  const value = evaluateValue(text, scope);
  return value.ok ? value.value : undefined;
}

function fromValue(value: unknown): Result<ContainerSpec | undefined, string> {
  const read = Written.safeParse(value);
  return read.success ? checked(read.data) : err(z.prettifyError(read.error).replaceAll('\n', ' '));
}

interface Unchecked extends Partial<Omit<ContainerSpec, 'options' | 'command' | 'image' | 'credentials'>> {
  readonly image: string;
  readonly options?: string;
  readonly command?: string;
  readonly credentials?: ContainerSpec['credentials'] | undefined;
}

function checked(written: Unchecked): Result<ContainerSpec | undefined, string> {
  const image = written.image.trim();
  if (image === '') return ok(undefined);
  // It would be taken for an option of the engine's command.
  if (image.startsWith('-')) return err(`"${image}" is not an image`);
  const options = splitWords(written.options ?? '');
  if (!options.ok) return err(`options: ${options.error}`);
  if (options.value.some((word) => /^--net(work)?(=|$)/.test(word)))
    return err('options: --network is not allowed, because the job has a network of its own');
  const command = splitWords(written.command ?? '');
  if (!command.ok) return err(`command: ${command.error}`);
  return ok({
    image: image.replace(/^docker:\/\//, ''),
    env: written.env ?? {},
    ports: written.ports ?? [],
    volumes: written.volumes ?? [],
    options: options.value,
    ...(written.entrypoint ? { entrypoint: written.entrypoint } : {}),
    command: command.value,
    ...(written.credentials ? { credentials: written.credentials } : {}),
  });
}
