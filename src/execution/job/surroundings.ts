// What a job has round its steps: a container to run in, services beside it, or neither.
import { hostname } from 'node:os';
import type { JsonObject } from '#base/json.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { JobOrder } from '#run/job-order.ts';
import type { LedgerEntry } from '#run/ledger.ts';
import { removeOwned } from '../container/clean-up.ts';
import type { ContainerEngine, EngineFound } from '../container/container-engine.ts';
import type { Mount } from '../container/container-paths.ts';
import type { ContainerSpec, Evaluation } from '../container/container-spec.ts';
import type { Ownership } from '../container/engine-commands.ts';
import { startServiceCommands } from '../container/service-commands.ts';
import { startProcess } from '../process/host-process.ts';
import type { StartProcess } from '../process/host-process.ts';
import { isAlive, startTicks } from '../process/process-identity.ts';
import { UnusableTemplate } from './job-scope.ts';
import type { JobScope } from './job-scope.ts';
import type { StepOutput } from '../step/step-run.ts';
import type { JobFolders } from './workspace.ts';

export interface SurroundingsSetting {
  readonly order: JobOrder;
  readonly folders: JobFolders;
  readonly machine: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly scope: JobScope;
  /** Asked only when the job needs one. */
  readonly findEngine: () => Promise<EngineFound>;
  readonly tell: (text: string) => void;
  /** Of the commands that stand in for services. */
  readonly output: StepOutput;
}

export interface Surroundings {
  readonly start: StartProcess;
  /** Of the context `job`. */
  readonly context: JsonObject;
  /** The job's folders by the names that its container has for them; none when steps run on this machine. */
  readonly mounts: readonly Mount[];
  /** Of the job's containers; '' when it has none. */
  readonly network: string;
  readonly ledger: readonly LedgerEntry[];
  /** Why they could not be made; then no process of a step starts. */
  readonly problem?: string;
  readonly end: () => Promise<void>;
}

export const BARE: Surroundings = {
  start: startProcess,
  context: {},
  mounts: [],
  network: '',
  ledger: [],
  end: async () => undefined,
};

/** A job that has failed before its first step has no use for them. What comes of it is in the scope. */
export async function enterSurroundings(setting: SurroundingsSetting): Promise<Surroundings> {
  const { order, scope, signal, tell } = setting;
  if (scope.status !== 'success') return order.job.container ? refusing('the job had ended before') : BARE;
  const made = await setUpSurroundings(setting);
  if (made.ok) {
    scope.setContainers(made.value.context, made.value.mounts);
    return made.value;
  }
  if (!signal.aborted) scope.end('failure', 'the job could not be set up');
  tell(made.error);
  return refusing(made.error);
}

/** A step under `always()` must not run somewhere else instead. */
function refusing(why: string): Surroundings {
  return {
    ...BARE,
    problem: why,
    start: async () => ({ kind: 'not-started', why: `the job was not set up: ${why}` }),
  };
}

async function setUpSurroundings(setting: SurroundingsSetting): Promise<Result<Surroundings, string>> {
  const { job } = setting.order;
  if (!job.container && Object.keys(job.services).length === 0) return ok(BARE);
  const wanted = await resolve(setting);
  if (!wanted.ok) return wanted;
  const { container, services } = wanted.value;
  if (!container && services.size === 0) return ok(BARE);
  const engine = await setting.findEngine();
  if (!engine.ok) return container ? err(`its container: ${engine.error}`) : standIns(setting, services, engine.error);
  await removeLeftOver(engine.value, setting);
  const labels = ownership(setting.order);
  const { startJobContainers } = await import('../container/job-containers.ts');
  const started = await startJobContainers({ ...setting, engine: engine.value, labels, container, services });
  if (!started.ok) return started;
  const { context, network, inside, end } = started.value;
  return ok({ ...BARE, context, network, ...inside, end });
}

interface Wanted {
  readonly container: ContainerSpec | undefined;
  readonly services: ReadonlyMap<string, ContainerSpec>;
}

async function resolve({ order, scope }: SurroundingsSetting): Promise<Result<Wanted, string>> {
  // Loaded by the jobs that have containers: it brings a library along.
  const { resolveContainer, resolveServices } = await import('../container/container-spec.ts');
  const evaluation: Evaluation = {
    scope: scope.scope(),
    evaluate: (text) => scope.evaluate(text),
    evaluateAll: (templates) => scope.evaluateAll(templates, {}),
  };
  try {
    const container = order.job.container ? resolveContainer(order.job.container, evaluation) : ok(undefined);
    if (!container.ok) return err(`its container: ${container.error}`);
    const services = resolveServices(order.job.services, evaluation);
    return services.ok ? ok({ container: container.value, services: services.value }) : services;
  } catch (cause) {
    if (cause instanceof UnusableTemplate) return err(cause.message);
    throw cause;
  }
}

async function standIns(
  setting: SurroundingsSetting,
  services: ReadonlyMap<string, ContainerSpec>,
  why: string,
): Promise<Result<Surroundings, string>> {
  const { order, folders, machine } = setting;
  const commands = new Map(Object.entries(order.serviceCommands ?? {}).filter(([name]) => services.has(name)));
  const open = [...services.keys()].filter((name) => !commands.has(name));
  if (open.length > 0) return err(`its services ${open.join(', ')}: ${why}`);
  const started = await startServiceCommands({ ...setting, commands, env: machine, cwd: folders.temporary });
  if (!started.ok) return started;
  const ledger = [...commands].map(([name, { argv }]): LedgerEntry => ({
    what: 'fallback',
    where: `${order.name} / service ${name}`,
    wanted: `the image ${services.get(name)?.image ?? ''}`,
    used: `the command ${argv.join(' ')}`,
    why,
    loss: 'what the image holds and how it is set up',
  }));
  return ok({ ...BARE, context: started.value.context, ledger, end: started.value.end });
}

export function ownership(order: JobOrder): Ownership {
  const ticks = startTicks(process.pid) ?? '';
  return { job: `${order.runId}/${order.jobId}`, owner: `${hostname()}:${process.pid}:${ticks}` };
}

/** Of engines of this machine that died. */
async function removeLeftOver(engine: ContainerEngine, { tell }: SurroundingsSetting): Promise<void> {
  const left = await removeOwned(engine, ({ owner }) => {
    const [host, pid, ticks = ''] = owner.split(':');
    return host === hostname() && !isAlive({ pid: Number(pid), startTicks: ticks });
  });
  for (const why of left) tell(`what an earlier engine left was not removed: ${why}`);
}
