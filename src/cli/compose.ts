// The one place where ports meet their implementations.
import { existsSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Secret } from '#base/secret.ts';
import { createCacheAction, createCacheRestoreAction, createCacheSaveAction } from '#execution/actions/cache.ts';
import { createCheckoutAction } from '#execution/actions/checkout.ts';
import { createDownloadArtifactAction } from '#execution/actions/download-artifact.ts';
import { createMergeArtifactsAction } from '#execution/actions/merge-artifacts.ts';
import type { NativeAction } from '#execution/actions/native-action.ts';
import { openRepositoryStore } from '#execution/actions/repository-store.ts';
import type { RepositoryStore } from '#execution/actions/repository-store.ts';
import { createUploadArtifactAction } from '#execution/actions/upload-artifact.ts';
import { findContainerEngine } from '#execution/container/container-engine.ts';
import type { EngineFound } from '#execution/container/container-engine.ts';
import type { ExplainStep, PauseJobStep } from '#execution/job/host-runner-deps.ts';
import { createHostRunner } from '#execution/job/run-job.ts';
import { openFileDigests } from '#execution/reuse/file-digests.ts';
import { cleanEnvironment } from '#execution/process/clean-env.ts';
import { isAlive, startTicks } from '#execution/process/process-identity.ts';
import type { EngineDeps } from '#engine/engine.ts';
import type { Plan } from '#run/plan.ts';
import type { LiveRun } from '#run/state.ts';
import { openFileArtifacts } from '#stores/artifacts/artifact-files.ts';
import type { ArtifactStore } from '#stores/artifacts/artifacts.ts';
import type { CacheStore } from '#stores/cache/cache.ts';
import { openFileCache } from '#stores/cache/cache-files.ts';
import { openSqliteJournal } from '#stores/journal/journal-sqlite.ts';
import type { Journal } from '#stores/journal/journal.ts';
import { openFileFailedScripts } from '#stores/failed-scripts/failed-script-files.ts';
import type { FailedScriptStore } from '#stores/failed-scripts/failed-scripts.ts';
import { openFileLogStore } from '#stores/logs/log-files.ts';
import type { LogStore } from '#stores/logs/log-store.ts';
import { openFileReuseStore } from '#stores/reuse/reuse-files.ts';
import type { ReuseStore } from '#stores/reuse/reuse-store.ts';
import { openSqliteTestHistory } from '#stores/tests/test-history-sqlite.ts';
import type { ACTION_NAMES } from './action-names.ts';
import { cacheLimits } from './cache-limits.ts';
import { replayMostMs } from './replay-limit.ts';

/** Where actions of others are fetched from, unless GANTRY_GIT_SERVER names another place. */
const GIT_SERVER = 'https://github.com';

export interface Stores {
  readonly journal: Journal;
  readonly logs: LogStore;
  readonly artifacts: ArtifactStore;
}

export function openStores(stateFolder: string): Stores {
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  return {
    journal: openSqliteJournal(journalFile(stateFolder)),
    logs: openFileLogStore(join(stateFolder, 'logs')),
    artifacts: openFileArtifacts(join(stateFolder, 'artifacts')),
  };
}

export function journalFile(stateFolder: string): string {
  return join(stateFolder, 'journal.db');
}

export function testHistoryFile(stateFolder: string): string {
  return join(stateFolder, 'tests.db');
}

/** As the plan froze them, for a run and whatever goes on with it. */
export function localActionsOf(plan: Plan): { readonly localActions?: Readonly<Record<string, string>> } {
  return plan.localActions ? { localActions: plan.localActions } : {};
}

export interface Composition {
  readonly stateFolder: string;
  readonly stores: Stores;
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly isClean: boolean;
  /** Asked when the first job needs it, and not again. */
  readonly findEngine: () => Promise<EngineFound>;
  readonly slots?: number;
  /** No failed step is run again to find out whether it fails again. */
  readonly noReplay?: boolean;
  /** `owner/name@ref` to the folder that stands in for the repository. */
  readonly localActions?: Readonly<Record<string, string>>;
  readonly pause?: PauseJobStep;
  readonly watch?: (state: LiveRun) => void;
  readonly onLine?: (jobId: string, line: () => string) => void;
}

export function composeEngine(composition: Composition): EngineDeps {
  const { stateFolder, stores, secrets } = composition;
  const cache = openCache(stateFolder);
  const actions = builtInActions(composition, cache);
  const machine = cleanEnvironment(process.env);
  const runner = createHostRunner({
    logs: stores.logs,
    artifacts: stores.artifacts,
    cache,
    workRoot: workFolder(stateFolder),
    toolCache: join(stateFolder, 'tools'),
    machine,
    secrets,
    actions,
    findEngine: composition.findEngine,
    repositories: openRepositories(stateFolder, composition.localActions ?? {}),
    reuse: openReuse(stateFolder),
    digests: openFileDigests(() => Date.now()),
    explain: explainer(stores),
    replayMostMs: composition.noReplay ? 0 : replayMostMs(process.env),
    testHistory: openSqliteTestHistory(testHistoryFile(stateFolder)),
    failedScripts: openFailedScripts(stateFolder),
    now: () => Date.now(),
    random: () => Math.random(),
    ...(composition.pause ? { pause: composition.pause } : {}),
    ...(composition.onLine ? { onLine: composition.onLine } : {}),
  });
  return {
    journal: stores.journal,
    runner,
    self: { pid: process.pid, startTicks: startTicks(process.pid) ?? '' },
    isAlive: (owner) => isAlive(owner),
    // Jobs mostly wait for their processes: two at a time even on a single core.
    slots: composition.slots ?? Math.max(2, availableParallelism()),
    now: () => Date.now(),
    ...(composition.watch ? { watch: composition.watch } : {}),
  };
}

/** Read when a step has failed, which most runs never need. */
function explainer({ logs, journal }: Stores): ExplainStep {
  return async (failed) => (await import('#diagnosis/explain-step.ts')).explainStep(failed, { logs, journal });
}

function builtInActions(
  { stateFolder, stores: { artifacts }, isClean }: Composition,
  cache: CacheStore,
): Record<(typeof ACTION_NAMES)[number], NativeAction> {
  return {
    'actions/checkout': createCheckoutAction({ serverUrl: gitServer() }),
    // Both with ranges of versions to compare, which most runs need not read.
    'actions/setup-python': lazyActionWithPost(async () =>
      (await import('#execution/actions/setup-python.ts')).createSetupPython(
        cache,
        join(stateFolder, 'python-environments'),
      ),
    ),
    'actions/setup-node': lazyActionWithPost(async () =>
      (await import('#execution/actions/setup-node.ts')).createSetupNode(cache),
    ),
    'actions/cache': createCacheAction(cache),
    'actions/cache/restore': createCacheRestoreAction(cache),
    'actions/cache/save': createCacheSaveAction(cache),
    'actions/upload-artifact': createUploadArtifactAction(artifacts),
    'actions/upload-artifact/merge': createMergeArtifactsAction(artifacts),
    'actions/download-artifact': createDownloadArtifactAction(artifacts),
    'gantry/data': lazyAction(async () => (await import('#engine/actions/data-action.ts')).dataAction),
    'gantry/deploy': lazyAction(async () =>
      (await import('#engine/actions/deploy-action.ts')).createDeployAction({
        environmentsFolder: environmentsFolder(stateFolder),
        superviseCommand: superviseCommand(),
        isClean,
      }),
    ),
    'gantry/health': lazyAction(async () => (await import('#engine/actions/health-action.ts')).healthAction),
    'gantry/notify': lazyAction(async () => (await import('#engine/actions/notify-action.ts')).notifyAction),
  };
}

/** An action whose code is read when a step uses it: most runs use none of these. */
function lazyAction(load: () => Promise<NativeAction>): NativeAction {
  return { main: async (context) => (await load()).main(context) };
}

function lazyActionWithPost(load: () => Promise<NativeAction>): NativeAction {
  return {
    ...lazyAction(load),
    post: async (context) => (await load()).post?.(context) ?? { kind: 'done' },
  };
}

export function openFailedScripts(stateFolder: string): FailedScriptStore {
  return openFileFailedScripts(join(stateFolder, 'failed-scripts'));
}

/** GANTRY_REUSE_LINKS=hard trades safety for room: a step that writes into a restored file damages what is kept. */
function openReuse(stateFolder: string): ReuseStore {
  const megabytes = Number(process.env['GANTRY_REUSE_LIMIT_MB']);
  return openFileReuseStore(join(stateFolder, 'reuse'), {
    linksAll: process.env['GANTRY_REUSE_LINKS'] === 'hard',
    ...(megabytes > 0 ? { maxBytes: megabytes * 1024 * 1024 } : {}),
  });
}

function gitServer(): string {
  return process.env['GANTRY_GIT_SERVER'] ?? GIT_SERVER;
}

/** Shared by all projects of this machine, so beside their folders. */
export function openRepositories(stateFolder: string, local: Readonly<Record<string, string>>): RepositoryStore {
  return openRepositoryStore(join(stateFolder, '..', 'repositories'), {
    serverUrl: gitServer(),
    local,
    env: cleanEnvironment(process.env),
  });
}

/** Asks once, however many want to know. */
export function engineFinder(): () => Promise<EngineFound> {
  let found: Promise<EngineFound> | undefined;
  return () => (found ??= findContainerEngine({ host: process.env, machine: cleanEnvironment(process.env) }));
}

export function openCache(stateFolder: string): CacheStore {
  return openFileCache(join(stateFolder, 'cache'), cacheLimits(process.env));
}

/** Where jobs have their workspaces. */
export function workFolder(stateFolder: string): string {
  return join(stateFolder, 'work');
}

export function environmentsFolder(stateFolder: string): string {
  return join(stateFolder, 'environments');
}

/** Beside the bundle when this is the bundle, from the source otherwise. */
function superviseCommand(): readonly string[] {
  const bundled = join(import.meta.dirname, 'supervisor.js');
  const program = existsSync(bundled) ? bundled : join(import.meta.dirname, '../delivery/supervisor/main.ts');
  return [process.execPath, '--disable-warning=ExperimentalWarning', program];
}
