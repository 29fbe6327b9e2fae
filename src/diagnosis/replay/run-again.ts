/**
 * Does it fail again? Asked once, of a step whose failure may be a matter of luck, when it was quick and all that its script
 * is seen to do stays in its workspace. The answer changes what is said of the failure, and never that the step has failed.
 */
import type { Layer } from '#run/diagnosis.ts';
import type { Replay, Replayable } from '#run/replay.ts';
import { diagnose, type Diagnosis, type StepFacts } from '../diagnose.ts';
import { LogSkim } from '../log/log-skim.ts';
import type { Probe } from '../probes/probe.ts';
import { actsOutside } from './acts-outside.ts';

export interface AskedAgain {
  readonly diagnosis: Diagnosis;
  readonly probe?: Probe;
}

export interface FailedOnce {
  readonly replay?: Replayable;
  readonly script?: string;
  readonly durationMs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly facts: StepFacts;
}

/** What may be gone the next time; of the other layers only a weak word is worth asking. */
const MAY_PASS: readonly Layer[] = ['test', 'network', 'registry', 'unknown'];
const SURE = 0.7;
/** Nothing in sight but the clock differs between the two. */
const FLAKY = 0.9;
/** The second found files that the first had changed: that may be why it passed. */
const FLAKY_PERHAPS = 0.6;

export async function askAgain(found: Diagnosis, failed: FailedOnce): Promise<AskedAgain> {
  const { replay, script } = failed;
  const isWorthIt = MAY_PASS.includes(found.layer) || found.confidence < SURE;
  if (replay === undefined || !isWorthIt) return { diagnosis: found };
  const why = replay.kind === 'never' ? replay.why : whyNot(script, replay.own, { ...failed, mostMs: replay.mostMs });
  if (why !== undefined || replay.kind === 'never') return { diagnosis: found, probe: notDone(why ?? '') };
  return judge(found, await replay.run(), failed.facts);
}

function whyNot(
  script: string | undefined,
  own: readonly string[],
  { durationMs, mostMs, env }: FailedOnce & { readonly mostMs: number },
): string | undefined {
  if (script === undefined) return 'it is no script';
  if (durationMs > mostMs) return `it took longer than ${seconds(mostMs)}`;
  return actsOutside(script, { own, env });
}

function judge(found: Diagnosis, replay: Replay, facts: StepFacts): AskedAgain {
  if (replay.kind === 'not-done') return { diagnosis: found, probe: notDone(replay.why) };
  const { exitCode, signal, durationMs, unlike } = replay;
  const time = `in ${seconds(durationMs)}`;
  const as = `in a copy of its workspace ${asItWas(unlike)}`;
  if (exitCode === 0) {
    const { fix: _ofTheFailure, ...rest } = found;
    return {
      diagnosis: {
        ...rest,
        cause: `it passed when it was run again; what failed before: ${found.cause}`,
        layer: 'flaky',
        confidence: unlike.length === 0 ? FLAKY : FLAKY_PERHAPS,
      },
      probe: { name: 'replay', said: `run again ${as}, it passed ${time}` },
    };
  }
  const ending = signal === undefined ? `exit code ${exitCode ?? 'none'}` : signal;
  if (exitCode !== facts.exitCode || signal !== facts.signal || !isAlike(found, replay))
    return { diagnosis: found, probe: { name: 'replay', said: `run again ${as}, it failed otherwise: ${ending}` } };
  return {
    diagnosis: found,
    probe: { name: 'replay', ok: true, said: `it fails again in the same way, ${as}, ${time}` },
  };
}

/** The same words need not come twice, since they hold times and places; but they must not tell of something else. */
function isAlike(found: Diagnosis, { output, exitCode, signal }: Extract<Replay, { kind: 'ended' }>): boolean {
  const skim = new LogSkim();
  skim.add(Buffer.from(output));
  const facts = { ...(exitCode === undefined ? {} : { exitCode }), ...(signal === undefined ? {} : { signal }) };
  const again = diagnose(skim.finish(), { facts });
  return again.signature === found.signature || again.layer === found.layer || again.layer === 'unknown';
}

const MOST_NAMED = 3;

function asItWas(unlike: readonly string[]): string {
  if (unlike.length === 0) return 'as it was before the step';
  const named = unlike.slice(0, MOST_NAMED).join(', ');
  const more = unlike.length > MOST_NAMED ? ` and ${unlike.length - MOST_NAMED} more` : '';
  return `as it was before the step, but for ${named}${more}`;
}

function notDone(why: string): Probe {
  return { name: 'replay', said: `not run again: ${why}` };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
