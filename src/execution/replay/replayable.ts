// Whether a failed step may be run again to find something out, as far as the engine knows, and how that is done. Whether
// it is worth it, and what its script does outside, is for the diagnosis to say.
import { randomUUID } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Replay, Replayable } from '#run/replay.ts';
import type { RunStep, UsesStep } from '#workflow/model.ts';
import { ownerFile } from '../job/workspace.ts';
import { killGroup, startTicks } from '../process/process-identity.ts';
import type { Attempt } from '../step/attempt-result.ts';
import { makeStepFiles } from '../step/step-files.ts';
import { isCleanUp } from '../step/step-run.ts';
import type { RanScript, StepRun } from '../step/step-run.ts';
import { inEarlierWorkspace } from './earlier-workspace.ts';

/** Signals by which a program ends itself; the others come from somebody who wants it to end. */
const OWN_SIGNALS = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP'];
const SHELLS = ['bash', 'sh'];
const MOST_OUTPUT = 256 * 1024;

export interface ReplaySetting {
  readonly step: RunStep | UsesStep;
  readonly attempt: Attempt;
  readonly durationMs: number;
  readonly stepEnv: Readonly<Record<string, string>>;
  /** Is told when the replay has ended, with when it began, while its workspace is still there. */
  readonly look: (sinceMs: number) => Promise<void>;
}

export function replayable(setting: ReplaySetting, run: StepRun): Replayable {
  const { attempt } = setting;
  const { ran } = attempt;
  const why = whyNever(setting, run);
  if (why !== undefined) return { kind: 'never', why };
  if (ran === undefined) return { kind: 'never', why: 'it runs an action, which may do anything' };
  const { workspace, temporary } = run.folders;
  return {
    kind: 'possible',
    mostMs: run.replayMostMs,
    own: [workspace, temporary],
    run: () => runAgain(ran, setting, run),
  };
}

function whyNever({ step, attempt, stepEnv }: ReplaySetting, run: StepRun): string | undefined {
  const { order, folders, containers } = run;
  const { ran } = attempt;
  if (run.replayMostMs === 0) return 'replays are off';
  if (run.signal.aborted || run.scope.status === 'cancelled') return 'the job was cancelled';
  if (attempt.how === 'timeout') return 'its time limit ended it';
  if (attempt.how === 'signal' && !OWN_SIGNALS.includes(attempt.signal ?? '')) return 'somebody ended it';
  if (order.job.environment) return 'its job has an environment';
  if (step.kind !== 'run' || ran === undefined) return 'it runs an action, which may do anything';
  if (!SHELLS.includes(basename(ran.argv[0]))) return 'it is no script of bash or sh';
  if (isCleanUp(step)) return 'it is there for what comes after a failure';
  if (containers.mounts.length > 0) return 'it runs in a container';
  if (order.job.steps.some((each) => 'background' in each && each.background === true))
    return 'its job has steps in the background, which use the same workspace';
  const env = run.scope.environment(stepEnv, {});
  const secret = Object.entries(env).find(([, value]) => run.redact(value) !== value)?.[0];
  if (secret !== undefined) return `${secret} holds a secret, which may open something outside`;
  if (run.redact(ran.script) !== ran.script) return 'its script holds a secret, which may open something outside';
  if (ran.script.includes(folders.private)) return 'its script names files of the runner';
  if (run.areProcessesLeft()) return 'processes of its job still run, which may use the same workspace';
  // Where files have no time of birth, what is new cannot be told from what was written to.
  const { birthtimeMs, ctimeMs } = statSync(ownerFile(folders.root));
  return birthtimeMs > 0 && birthtimeMs < ctimeMs ? undefined : 'its file system does not tell when files were made';
}

async function runAgain(ran: RanScript, setting: ReplaySetting, run: StepRun): Promise<Replay> {
  const { folders, signal } = run;
  const env = run.scope.environment(setting.stepEnv, {});
  const earlier = await inEarlierWorkspace({ folders, sinceMs: ran.atMs, env, signal }, () =>
    runScript(ran, setting, run),
  );
  if (!earlier.ok) return { kind: 'not-done', why: earlier.error };
  const { value, unlike } = earlier.value;
  return value.kind === 'ended' ? { ...value, unlike } : value;
}

async function runScript(ran: RanScript, setting: ReplaySetting, run: StepRun): Promise<Replay> {
  const { step, stepEnv, durationMs, look } = setting;
  const files = makeStepFiles(join(run.folders.private, 'replay'), step.index);
  // The name that the shell was given stands in the script's own messages.
  const file = join(run.folders.temporary, `${randomUUID()}.sh`);
  writeFileSync(file, ran.content, { mode: 0o700 });
  const timeoutMs = 2 * durationMs + 2_000;
  const beganAtMs = run.now();
  const printed: Buffer[] = [];
  let bytes = 0;
  let group: number | undefined;
  try {
    const result = await run.start({
      argv: [ran.argv[0], ...ran.argv.slice(1).map((arg) => (arg === ran.file ? file : arg))],
      cwd: ran.folder,
      env: run.scope.environment(stepEnv, files.variables),
      onOutput: (_stream, chunk) => {
        printed.push(chunk);
        bytes += chunk.length;
        while (bytes - (printed[0]?.length ?? 0) > MOST_OUTPUT) bytes -= printed.shift()?.length ?? 0;
      },
      onSpawn: (pid) => {
        group = pid;
        run.noteProcess(pid);
      },
      signal: run.signal,
      timeoutMs,
      ladder: { interruptMs: 500, terminateMs: 500 },
    });
    const took = run.now() - beganAtMs;
    if (result.kind === 'cancelled') return { kind: 'not-done', why: 'the job was cancelled' };
    if (result.kind === 'not-started') return { kind: 'not-done', why: result.why };
    if (result.kind === 'timed-out')
      return { kind: 'not-done', why: `it was ended, since it took more than ${(timeoutMs / 1000).toFixed(1)} s` };
    const ending = result.kind === 'exited' ? { exitCode: result.exitCode } : { signal: result.signal };
    await look(beganAtMs);
    const output = run.redact(Buffer.concat(printed).toString('utf8'));
    return { kind: 'ended', ...ending, durationMs: took, output, unlike: [] };
  } finally {
    rmSync(file, { force: true });
    // What it left in the background belongs to nobody, and its workspace goes away.
    if (group !== undefined) await killGroup(group, startTicks(group) ?? '');
    run.noteProcess(undefined);
  }
}
