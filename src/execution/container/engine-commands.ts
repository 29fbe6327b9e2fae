// What a container engine is asked, as arguments of its command. Docker and Podman understand all of it. Pure.
import type { Mount } from './container-paths.ts';

export type Arguments = readonly string[];

/** Whose container or network it is, so that a later engine finds what a dead one left. */
export interface Ownership {
  /** `run/job` */
  readonly job: string;
  /** `host:pid:ticks` of the engine that made it. */
  readonly owner: string;
}

export const JOB_LABEL = 'gantry.job';
export const OWNER_LABEL = 'gantry.owner';

export interface CreateSpec {
  readonly name: string;
  readonly image: string;
  readonly labels: Ownership;
  readonly network: string;
  readonly alias?: string;
  readonly ports: readonly string[];
  /** Names of variables; the values are in the environment of the command, where no other user reads them. */
  readonly env: Arguments;
  readonly mounts: readonly Mount[];
  /** As the workflow writes them: `source:target[:ro]`. */
  readonly volumes: readonly string[];
  /** Words of `options:`. */
  readonly options: readonly string[];
  readonly workdir?: string;
  readonly entrypoint?: string;
  readonly command: readonly string[];
}

function labelArguments({ job, owner }: Ownership): Arguments {
  return ['--label', `${JOB_LABEL}=${job}`, '--label', `${OWNER_LABEL}=${owner}`];
}

export function createNetwork(name: string, labels: Ownership): Arguments {
  return ['network', 'create', ...labelArguments(labels), name];
}

export function createContainer(spec: CreateSpec): Arguments {
  return ['create', ...containerArguments(spec)];
}

/** For a container action: in the foreground, and gone when it has ended. */
export function runContainer(spec: CreateSpec): Arguments {
  return ['run', '--rm', ...containerArguments(spec)];
}

function containerArguments(spec: CreateSpec): Arguments {
  return [
    '--name',
    spec.name,
    ...labelArguments(spec.labels),
    ...(spec.network === '' ? [] : ['--network', spec.network]),
    ...(spec.alias === undefined ? [] : ['--network-alias', spec.alias]),
    ...spec.ports.flatMap((port) => ['--publish', onLoopback(port)]),
    ...spec.env,
    ...spec.mounts.flatMap(({ host, inside, readOnly }) => ['--volume', `${host}:${inside}${readOnly ? ':ro' : ''}`]),
    ...spec.volumes.flatMap((volume) => ['--volume', volume]),
    ...(spec.workdir === undefined ? [] : ['--workdir', spec.workdir]),
    ...spec.options,
    ...(spec.entrypoint === undefined ? [] : ['--entrypoint', spec.entrypoint]),
    spec.image,
    ...spec.command,
  ];
}

/** `80`, `80/tcp`, `8080:80`: reachable from this machine alone. With an address of its own it is left as it is. */
function onLoopback(port: string): string {
  const parts = port.split(':').length;
  if (parts === 1) return `127.0.0.1::${port}`;
  return parts === 2 ? `127.0.0.1:${port}` : port;
}

export interface ExecSpec {
  readonly container: string;
  readonly workdir: string;
  readonly env: Arguments;
  readonly argv: readonly string[];
}

export function execIn({ container, workdir, env, argv }: ExecSpec): Arguments {
  return ['exec', '--workdir', workdir, ...env, container, ...argv];
}

/** The variable by which the processes of one `exec` are found again: an engine does not pass signals on to them. */
export const EXEC_VARIABLE = 'GANTRY_EXEC';

const SIGNAL_SCRIPT = `for p in /proc/[0-9]*; do
  if tr '\\0' '\\n' <"$p/environ" 2>/dev/null | grep -qxF "${EXEC_VARIABLE}=$1"; then kill -s "$2" "\${p#/proc/}"; fi
done`;

/** Runs in the image's own shell: `sh`, `tr` and `grep` are in every image that runs scripts. */
export function signalExec(container: string, exec: string, signal: 'INT' | 'TERM' | 'KILL'): Arguments {
  return ['exec', '--user', '0', container, 'sh', '-c', SIGNAL_SCRIPT, 'sh', exec, signal];
}

/** Variables that would change the engine's own command if they stood in its environment. */
const OF_THE_COMMAND =
  /^(PATH|HOME|TMPDIR|XDG_.*|DOCKER_.*|CONTAINER_.*|CONTAINERS_.*|BUILDAH_.*|LD_.*|GODEBUG|SSL_.*|.*_proxy)$/i;

/** Values go by way of the command's environment, where that is possible: arguments can be read by everybody. */
export function environmentArguments(env: Readonly<Record<string, string>>): {
  readonly args: Arguments;
  readonly env: Readonly<Record<string, string>>;
} {
  const entries = Object.entries(env);
  return {
    args: entries.flatMap(([name, value]) => ['--env', OF_THE_COMMAND.test(name) ? `${name}=${value}` : name]),
    env: Object.fromEntries(entries.filter(([name]) => !OF_THE_COMMAND.test(name))),
  };
}
