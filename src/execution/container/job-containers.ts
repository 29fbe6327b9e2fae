// The network, the services and the container of one job: made before its steps, gone after them.
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '#base/json.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { eventFile } from '../job/event-file.ts';
import type { JobFolders } from '../job/workspace.ts';
import type { StartProcess } from '../process/host-process.ts';
import { ask } from './container-engine.ts';
import type { ContainerEngine } from './container-engine.ts';
import type { Mount } from './container-paths.ts';
import { startInside } from './container-process.ts';
import type { ContainerSpec } from './container-spec.ts';
import { createContainer, createNetwork, environmentArguments } from './engine-commands.ts';
import type { CreateSpec, Ownership } from './engine-commands.ts';
import { removeOwned } from './clean-up.ts';
import { waitUntilReady } from './service-health.ts';

export interface ContainersSetting {
  readonly engine: ContainerEngine;
  readonly labels: Ownership;
  readonly container: ContainerSpec | undefined;
  readonly services: ReadonlyMap<string, ContainerSpec>;
  readonly folders: JobFolders;
  readonly machine: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** A line, or several, for the job's log. */
  readonly tell: (text: string) => void;
}

export interface JobContainers {
  /** Of the context `job`: `container` and `services`. */
  readonly context: JsonObject;
  readonly network: string;
  /** Where steps run, and under which names they see the job's folders; absent when that is this machine. */
  readonly inside?: { readonly start: StartProcess; readonly mounts: readonly Mount[] };
  readonly end: () => Promise<void>;
}

const PULL_LIMIT_MS = 15 * 60_000;
const STEP_LIMIT_MS = 60_000;

function jobMounts(folders: JobFolders): readonly Mount[] {
  const project = folders.workspace.slice(folders.root.length + 1);
  return [
    { host: folders.workspace, inside: `/__w/${project}/${project}` },
    { host: folders.temporary, inside: '/__w/_temp' },
    { host: folders.tools, inside: '/__t' },
    { host: join(folders.temporary, '_github_home'), inside: '/github/home' },
    { host: eventFile(folders.temporary), inside: '/github/workflow/event.json' },
    { host: folders.private, inside: '/__w/_runner_files' },
    // For actions in JavaScript: the images need not hold a Node.
    { host: process.execPath, inside: '/__e/node24/bin/node', readOnly: true },
  ];
}

export async function startJobContainers(setting: ContainersSetting): Promise<Result<JobContainers, string>> {
  const end = async (): Promise<void> => {
    const left = await removeOwned(setting.engine, (owned) => owned.job === setting.labels.job);
    for (const why of left) setting.tell(`a container or network of the job was not removed: ${why}`);
  };
  await end();
  const started = await start(setting, end);
  if (!started.ok) await end();
  return started;
}

async function start(setting: ContainersSetting, end: () => Promise<void>): Promise<Result<JobContainers, string>> {
  const { engine, labels, signal, tell } = setting;
  const name = `gantry-${createHash('sha256').update(labels.job).digest('hex').slice(0, 16)}`;
  tell(`containers by ${engine.name} ${engine.version}; network ${name}`);
  const network = await ask(engine, createNetwork(name, labels), { signal, timeoutMs: STEP_LIMIT_MS });
  if (!network.ok) return err(`its network: ${network.why}`);
  const ids = new Map<string, string>();
  for (const [service, spec] of setting.services) {
    tell(`service ${service}: ${spec.image}`);
    const id = await startOne(setting, spec, { name: `${name}-${ids.size + 1}`, network: name, alias: service });
    if (!id.ok) return err(`service ${service}: ${id.error}`);
    ids.set(service, id.value);
  }
  const services: Record<string, JsonObject> = {};
  for (const [service, id] of ids) {
    const ready = await waitUntilReady(engine, id, { name: service, signal, tell });
    if (!ready.ok) return err(`service ${service}: ${ready.error}`);
    const ports = await portsOf(engine, id);
    tell(
      `service ${service} is ready${Object.entries(ports)
        .map(([inner, outer]) => `; port ${inner} is ${outer} here`)
        .join('')}`,
    );
    services[service] = { id, network: name, ports };
  }
  if (!setting.container) return ok({ context: { services }, network: name, end });
  tell(`container: ${setting.container.image}`);
  const inside = await startContainer(setting, setting.container, name);
  if (!inside.ok) return err(`its container: ${inside.error}`);
  const { id, ...rest } = inside.value;
  return ok({ context: { services, container: { id, network: name } }, network: name, inside: rest, end });
}

async function startContainer(
  setting: ContainersSetting,
  spec: ContainerSpec,
  network: string,
): Promise<Result<{ readonly id: string; readonly start: StartProcess; readonly mounts: readonly Mount[] }, string>> {
  const { engine, folders, machine } = setting;
  const mounts = jobMounts(folders);
  mkdirSync(join(folders.temporary, '_github_home'), { recursive: true });
  const id = await startOne(setting, spec, {
    name: `${network}-job`,
    network,
    mounts,
    workdir: mounts[0]?.inside ?? '/',
    // As on GitHub: idle, so that the steps can be run in it one after the other.
    entrypoint: 'tail',
    command: ['-f', '/dev/null'],
  });
  if (!id.ok) return id;
  const asked = await ask(engine, ['inspect', '--format', '{{range .Config.Env}}{{println .}}{{end}}', id.value]);
  const path = asked.stdout
    .split('\n')
    .find((line) => line.startsWith('PATH='))
    ?.slice('PATH='.length);
  const inside = {
    engine,
    container: id.value,
    mounts,
    machine,
    path: path ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  };
  return ok({ id: id.value, mounts, start: startInside(inside) });
}

type Part = Pick<CreateSpec, 'name' | 'network'> & Partial<CreateSpec>;

async function startOne(setting: ContainersSetting, spec: ContainerSpec, part: Part): Promise<Result<string, string>> {
  const { engine, labels, signal } = setting;
  const env = environmentArguments(spec.env);
  const login = spec.credentials && writeLogin(setting.folders, spec.image, spec.credentials);
  const args = createContainer({
    image: spec.image,
    labels,
    ports: spec.ports,
    env: env.args,
    mounts: [],
    volumes: spec.volumes,
    options: spec.options,
    ...(spec.entrypoint === undefined ? {} : { entrypoint: spec.entrypoint }),
    command: spec.command,
    ...part,
  });
  try {
    const created = await ask(engine, args, { env: { ...env.env, ...login?.env }, signal, timeoutMs: PULL_LIMIT_MS });
    if (!created.ok) return err(created.why);
    const id = created.stdout.trim().split('\n').at(-1) ?? '';
    const started = await ask(engine, ['start', id], { signal, timeoutMs: STEP_LIMIT_MS });
    return started.ok ? ok(id) : err(started.why);
  } finally {
    if (login) rmSync(login.folder, { recursive: true, force: true });
  }
}

/** What the engine's `login` would write, in a folder that lives as long as the one command that needs it. */
function writeLogin(
  folders: JobFolders,
  image: string,
  { username, password }: NonNullable<ContainerSpec['credentials']>,
): { readonly folder: string; readonly env: Readonly<Record<string, string>> } {
  const first = image.split('/')[0] ?? '';
  // As the engine reads it: a name without a dot or a port is a folder of Docker Hub.
  const registry = image.includes('/') && /[.:]|^localhost$/.test(first) ? first : 'https://index.docker.io/v1/';
  const folder = join(folders.private, 'login');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'config.json');
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  writeFileSync(file, JSON.stringify({ auths: { [registry]: { auth } } }), { mode: 0o600 });
  return { folder, env: { DOCKER_CONFIG: folder, REGISTRY_AUTH_FILE: file } };
}

/** By the port inside, the port of this machine: `6379/tcp -> 127.0.0.1:49153`. */
async function portsOf(engine: ContainerEngine, id: string): Promise<Record<string, string>> {
  const asked = await ask(engine, ['port', id]);
  const ports: Record<string, string> = {};
  for (const line of asked.stdout.split('\n')) {
    const found = /^(\d+)\/(tcp|udp) -> .*:(\d+)$/.exec(line.trim());
    const [, inner, protocol, outer] = found ?? [];
    if (inner !== undefined && outer !== undefined) ports[protocol === 'udp' ? `${inner}/udp` : inner] ??= outer;
  }
  return ports;
}
