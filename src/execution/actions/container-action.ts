// An action that is a container: an image, or one that is built from the action's own Dockerfile.
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { ask } from '../container/container-engine.ts';
import type { ContainerEngine } from '../container/container-engine.ts';
import { insideEnvironment } from '../container/container-paths.ts';
import type { Mount } from '../container/container-paths.ts';
import { environmentArguments, runContainer } from '../container/engine-commands.ts';
import { eventFile } from '../job/event-file.ts';
import { ownership } from '../job/surroundings.ts';
import type { JobFolders } from '../job/workspace.ts';
import { inputVariables } from '../step/action-hooks.ts';
import { attemptOf, broken, fromProcess } from '../step/attempt-result.ts';
import type { Attempt } from '../step/attempt-result.ts';
import { servicesInside } from '../step/services-inside.ts';
import type { StepFiles } from '../step/step-files.ts';
import type { StepOutput, StepRun } from '../step/step-run.ts';

export interface ContainerAction {
  /** A name of an image, or the folder of an action and the Dockerfile in it. */
  readonly image: string | { readonly folder: string; readonly dockerfile: string };
  readonly args: readonly string[];
  readonly entrypoint?: string;
  /** `runs.env` of the action. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ContainerActionSetting {
  readonly index: number;
  /** `with:` as given, evaluated; becomes INPUT_*. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly stepEnv: Readonly<Record<string, string>>;
  /** GITHUB_ENV and its like, by their paths on this machine. */
  readonly files: StepFiles;
  readonly timeoutMs: number | undefined;
}

/** One start of its container; for `pre-entrypoint` and `post-entrypoint` it is called with that as the entrypoint. */
export async function runContainerAction(
  action: ContainerAction,
  setting: ContainerActionSetting,
  run: StepRun,
): Promise<Attempt> {
  const found = await run.containers.findEngine();
  if (!found.ok) return broken(`the action runs in a container: ${found.error}`);
  const engine = found.value;
  const output = run.openOutput(setting.index, {
    files: setting.files.folder,
    env: run.scope.variables(setting.stepEnv),
  });
  try {
    const image = typeof action.image === 'string' ? ok(action.image) : await build(engine, action.image, output, run);
    if (!image.ok) return broken(image.error);
    const name = `gantry-${randomUUID()}`;
    const started = startArguments(
      { ...action, image: image.value, name, services: await servicesInside(run, output) },
      setting,
      run,
    );
    const result = await engine.run(started.args, {
      env: started.env,
      onOutput: (stream, chunk) => output.write(stream, chunk),
      onSpawn: (pid) => run.noteProcess(pid),
      signal: run.signal,
      ...(setting.timeoutMs === undefined ? {} : { timeoutMs: setting.timeoutMs }),
    });
    // Whoever was killed for being slow to end has left its container behind.
    if (result.kind !== 'exited') await ask(engine, ['rm', '--force', name], { timeoutMs: REMOVE_LIMIT_MS });
    output.end();
    return attemptOf(result, output);
  } finally {
    output.end();
    run.noteProcess(undefined);
  }
}

const REMOVE_LIMIT_MS = 30_000;

interface Named extends Omit<ContainerAction, 'image'> {
  readonly image: string;
  readonly name: string;
  readonly services: Readonly<Record<string, string>>;
}

function startArguments(
  { image, name, args, entrypoint, env, services }: Named,
  { inputs, stepEnv, files }: ContainerActionSetting,
  run: StepRun,
): { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  const mounts = actionMounts(run.folders);
  mkdirSync(join(run.folders.temporary, '_github_home'), { recursive: true });
  const { machine } = run.containers;
  const { PATH: _ofTheHost, ...all } = insideEnvironment(
    { ...run.scope.environment(stepEnv, files.variables), ...services, ...env, ...inputVariables(inputs) },
    { mounts, machine, path: '' },
  );
  const variables = environmentArguments(all);
  return {
    args: runContainer({
      name,
      image,
      labels: ownership(run.order),
      network: run.containers.network,
      ports: [],
      env: variables.args,
      mounts,
      volumes: [],
      options: [],
      workdir: '/github/workspace',
      ...(entrypoint === undefined || entrypoint === '' ? {} : { entrypoint }),
      command: args,
    }),
    env: variables.env,
  };
}

function actionMounts(folders: JobFolders): readonly Mount[] {
  return [
    { host: folders.workspace, inside: '/github/workspace' },
    { host: folders.temporary, inside: '/github/runner_temp' },
    { host: join(folders.temporary, '_github_home'), inside: '/github/home' },
    { host: eventFile(folders.temporary), inside: '/github/workflow/event.json' },
    { host: folders.private, inside: '/github/file_commands' },
  ];
}

/** Under a name made of what it is built from, so that it is built once. */
async function build(
  engine: ContainerEngine,
  { folder, dockerfile }: { readonly folder: string; readonly dockerfile: string },
  output: StepOutput,
  run: StepRun,
): Promise<Result<string, string>> {
  const name = `gantry-action:${digestOf(folder, dockerfile)}`;
  if ((await ask(engine, ['image', 'inspect', name])).ok) return ok(name);
  const result = await engine.run(['build', '--tag', name, '--file', join(folder, dockerfile), folder], {
    env: {},
    onOutput: (stream, chunk) => output.write(stream, chunk),
    onSpawn: (pid) => run.noteProcess(pid),
    signal: run.signal,
  });
  const built = fromProcess(result);
  return built.how === 'ok' ? ok(name) : err(`building ${dockerfile} of the action: ${built.why}`);
}

function digestOf(folder: string, dockerfile: string): string {
  const hash = createHash('sha256').update(dockerfile);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  for (const { entry, path } of entries) {
    hash.update(`\0${path.slice(folder.length)}\0`);
    if (entry.isSymbolicLink()) hash.update(readlinkSync(path));
    else if (entry.isFile()) hash.update(`${statSync(path).mode}\0`).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 32);
}
