// `gantry/deploy`: inputs and evidence of the job → a release, and back to what the report says about it.
import { join, relative, resolve } from 'node:path';
import type { JsonObject } from '#base/json.ts';
import { deployRelease } from '#delivery/deploy.ts';
import type { DeployResult } from '#delivery/deploy-request.ts';
import type { ActionContext, ActionResult, NativeAction } from '#execution/actions/native-action.ts';
import type { JobOrder } from '#run/job-order.ts';
import { inputsOf } from '#workflow/built-in-actions.ts';
import { durationInput, failed, lines, numberInput, unknownInput } from './inputs.ts';

export interface DeploySetting {
  /** Holds one folder per environment. */
  readonly environmentsFolder: string;
  readonly superviseCommand: readonly string[];
  readonly isClean: boolean;
}

const INPUTS = inputsOf('gantry/deploy');

export function createDeployAction(setting: DeploySetting): NativeAction {
  return { main: async (context) => deploy(context, setting) };
}

async function deploy(context: ActionContext, setting: DeploySetting): Promise<ActionResult> {
  const { inputs, workspace, env } = context;
  const unknown = unknownInput(inputs, INPUTS);
  if (unknown) return failed(unknown);
  const target = inputs['target'] ?? 'process';
  if (target !== 'process') return failed(`target "${target}" is not there yet; the target is process`);
  // Words, not a shell line: what is started is exactly what stands here.
  const argv = (inputs['command'] ?? '').split(/\s+/).filter((word) => word !== '');
  if (argv.length === 0) return failed('input "command" is required: what starts the application; it listens on $PORT');
  const environment = inputs['environment'] ?? environmentOf(context) ?? 'production';
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(environment))
    return failed(`environment "${environment}" is not a plain name`);
  const sourceDir = resolve(workspace, inputs['path'] ?? '.');
  if (relative(workspace, sourceDir).startsWith('..'))
    return failed(`path "${inputs['path']}" lies outside the workspace`);
  const port = numberInput(inputs, 'port', 0);
  const keep = numberInput(inputs, 'keep', 3);
  const startTimeout = durationInput(inputs, 'start-timeout', 30_000);
  const bake = durationInput(inputs, 'bake', 2_000);
  for (const read of [port, keep, startTimeout, bake]) if (!read.ok) return failed(read.error);
  if (!port.ok || !keep.ok || !startTimeout.ok || !bake.ok) return failed('unreadable inputs');
  const result = await deployRelease(
    {
      envDir: join(setting.environmentsFolder, environment),
      environment,
      ...(inputs['version'] ? { version: inputs['version'] } : {}),
      // A release belongs to the job of the run: the same job again, after a crash, does not make a second one.
      runId: `${context.order.runId}/${context.order.jobId}`,
      commit: env['GITHUB_SHA'] ?? '',
      clean: setting.isClean || !context.order.dirty,
      actor: env['GITHUB_ACTOR'] ?? '',
      sourceDir,
      exclude: lines(inputs['exclude']),
      argv,
      env: releaseEnvironment(env, lines(inputs['env'])),
      publicPort: port.value,
      healthPath: inputs['health'] ?? '/',
      ...(inputs['version-path'] ? { expectVersionPath: inputs['version-path'] } : {}),
      startTimeoutMs: startTimeout.value,
      bakeMs: bake.value,
      keep: Math.max(2, keep.value),
      evidence: evidence(context.order),
      superviseCommand: setting.superviseCommand,
    },
    { signal: context.signal, log: (line) => context.log(line) },
  );
  return report(context, environment, result);
}

function report(context: ActionContext, environment: string, result: DeployResult): ActionResult {
  if (result.kind === 'live') {
    context.output('version', result.version);
    context.output('url', result.address);
    context.output('manifest', result.manifestPath);
    const release: JsonObject = {
      environment,
      version: result.version,
      address: result.address,
      manifest: result.manifestPath,
      kind: 'live',
      ...(result.previous ? { previous: result.previous } : {}),
    };
    return { kind: 'done', release };
  }
  for (const line of result.logTail) context.log(`  ${line}`);
  const serving =
    result.stillServing === undefined
      ? 'nothing is live'
      : `${result.stillServing} still serves${result.verified ? '' : ', but did not answer when asked'}`;
  const release: JsonObject = {
    environment,
    kind: result.kind,
    why: result.why,
    verified: result.verified,
    ...(result.version ? { version: result.version } : {}),
    ...(result.stillServing ? { stillServing: result.stillServing } : {}),
  };
  return {
    kind: 'failed',
    exitCode: 30,
    why: `release ${result.kind === 'refused' ? 'refused' : 'rolled back'}: ${result.why}; ${serving}`,
    release,
  };
}

function environmentOf(context: ActionContext): string | undefined {
  const name = context.order.job.environment?.name.value;
  return name === undefined || name.includes('${{') ? undefined : name;
}

/** The machine's own few variables, and what `env:` names; never the job's, whose folders are gone when it ends. */
function releaseEnvironment(env: Readonly<Record<string, string>>, named: readonly string[]): Record<string, string> {
  const kept: Record<string, string> = { RELEASE_COMMIT: env['GITHUB_SHA'] ?? '' };
  for (const name of ['HOME', 'USER', 'LANG', 'TZ']) if (env[name] !== undefined) kept[name] = env[name];
  kept['PATH'] = (env['PATH'] ?? '')
    .split(':')
    .filter((folder) => !folder.startsWith(env['GITHUB_WORKSPACE'] ?? '\0'))
    .join(':');
  for (const line of named) {
    const [name = '', ...value] = line.split('=');
    kept[name.trim()] = value.join('=').trim();
  }
  return kept;
}

function evidence(order: JobOrder): {
  verdict: JobOrder['evidence']['verdict'];
  ledger: JobOrder['evidence']['ledger'][number][];
  tests?: { total: number; failed: number; skipped: number };
} {
  const { verdict, ledger, tests } = order.evidence;
  if (tests.length === 0) return { verdict, ledger: [...ledger] };
  const sum = tests.reduce(
    (a, b) => ({ total: a.total + b.total, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }),
    { total: 0, failed: 0, skipped: 0 },
  );
  return { verdict, ledger: [...ledger], tests: sum };
}
