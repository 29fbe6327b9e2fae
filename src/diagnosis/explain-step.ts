// A step that has failed -> why: its log, what the engine knows of its end, what probes find out on the spot, and the last
// good run. Bounded in time: an explanation that keeps people waiting is none.
import type { JobId, RunId } from '#base/ids.ts';
import type { FailedCommand, StepDiagnosis } from '#run/diagnosis.ts';
import type { Replayable } from '#run/replay.ts';
import type { Journal } from '#stores/journal/journal.ts';
import type { LogStore } from '#stores/logs/log-store.ts';
import { diagnose, NO_FAILURE, overruled } from './diagnose.ts';
import type { Diagnosis, ProbeFinding, StepFacts } from './diagnose.ts';
import { certainEnd, likelyEnd } from './exit-says.ts';
import { lastGood, whatChanged, type GoodStep } from './last-good.ts';
import { LogSkim, type SkimmedLog } from './log/log-skim.ts';
import type { FormTable } from './log/form-table.ts';
import { askWhatItNamed } from './probes/ask-what-it-named.ts';
import { limits } from './probes/limits.ts';
import type { Probe, ProbePlace } from './probes/probe.ts';
import { probeRunner } from './probes/probe-runner.ts';
import { askAgain } from './replay/run-again.ts';

export interface FailedStep {
  readonly runId: RunId;
  readonly jobId: JobId;
  readonly index: number;
  readonly name: string;
  readonly facts: StepFacts;
  readonly durationMs: number;
  /** Lines from before are of earlier attempts. */
  readonly sinceMs?: number;
  /** What it ran, when that was a script. */
  readonly script?: string;
  /** Absent when nobody is to run it again. */
  readonly replay?: Replayable;
  /** Of its script, those that are known to have failed. */
  readonly commands?: readonly FailedCommand[];
  /** Where and as what the step ran, for probes; absent when it ran nothing, or somewhere that is gone. */
  readonly place?: ProbePlace;
}

export interface ExplainDeps {
  readonly logs: LogStore;
  readonly journal: Journal;
}

export async function explainStep(failed: FailedStep, deps: ExplainDeps): Promise<StepDiagnosis | undefined> {
  const { runId, jobId, index, facts } = failed;
  const good = lastGood(failed, deps.journal);
  const green = good && greenForms(good, deps.logs);
  const { place } = failed;
  const probing = place ? probeRunner(place) : Promise.resolve([]);
  const { log, places } = readStepLog(deps.logs, {
    runId,
    jobId,
    step: index,
    ...(green && { known: green }),
    ...(failed.sinceMs === undefined ? {} : { sinceMs: failed.sinceMs }),
  });
  const { exitCode } = facts;
  const said = diagnose(log, { facts, ...(green && { green }) });
  const naming = { ...failed, log, said, ...(exitCode === undefined ? {} : { exitCode }) };
  const [runner, named, bounds] = await Promise.all([
    probing,
    place ? askWhatItNamed(naming, place) : [],
    place ? limits(place) : undefined,
  ]);
  const machine = [...runner, ...(bounds ? [bounds] : [])];
  const about = named.find((probe) => probe.finding);
  const finding = decisive({ failed, said, machine, killed: bounds?.killed ?? 0, about: about?.finding });
  const first = finding ? overruled(finding, said) : said;
  const once =
    first.cause === NO_FAILURE
      ? { ...first, cause: `the step ended with ${ending(facts)}, and its log says nothing of it` }
      : first;
  // A machine that is not well answers nothing.
  const { diagnosis: found, probe: again } = machine.some((probe) => probe.finding)
    ? { diagnosis: once }
    : await askAgain(once, { ...failed, env: place?.env ?? {} });
  const command = (finding && about?.command) ?? swallowed(failed, found);
  const results = [...machine, ...named, ...(again ? [again] : [])].map(({ name, ok, said: what }) => ({
    name,
    said: what,
    ...okOf(ok),
  }));
  const changed = good && whatChanged(failed, { good, journal: deps.journal });
  return {
    ...found,
    excerpt: found.excerpt.flatMap((range) => places.rangesOf(range)),
    ...(command ? { command } : {}),
    ...(results.length === 0 ? {} : { probes: results }),
    ...(changed && changed.length > 0 ? { changed } : {}),
  };
}

/** Of several that the script swallowed, the one whose tool the cause is of. */
function swallowed({ commands = [] }: FailedStep, { signature = '' }: Diagnosis): FailedCommand | undefined {
  if (commands.length < 2) return commands[0];
  const tool = signature.replace(/-.*/u, '');
  return tool === '' ? undefined : commands.find(({ text }) => text.split(/[^\w]+/u).includes(tool));
}

interface Findings {
  readonly failed: FailedStep;
  readonly said: Diagnosis;
  readonly machine: readonly Probe[];
  readonly killed: number;
  readonly about: ProbeFinding | undefined;
}

/** What counts before the words of the log: first what is wrong with the machine, for then nothing else can be believed. */
function decisive({ failed, said, machine, killed, about }: Findings): ProbeFinding | undefined {
  const { facts, script } = failed;
  const [unwell] = machine.flatMap(({ finding }) => finding ?? []);
  if (unwell || facts.timedOut) return unwell;
  const certain = certainEnd(facts, { killed, ...(script === undefined ? {} : { script }) });
  return certain ?? about ?? (said.layer === 'unknown' ? likelyEnd(facts) : undefined);
}

function okOf(ok: boolean | undefined): { readonly ok?: boolean } {
  return ok === undefined ? {} : { ok };
}

function ending({ exitCode, signal }: StepFacts): string {
  return signal === undefined ? `exit code ${exitCode ?? 'none'}` : signal;
}

interface StepLog {
  readonly log: SkimmedLog;
  readonly places: LinePlaces;
}

interface StepLogOptions {
  readonly runId: RunId;
  readonly jobId: JobId;
  readonly step?: number;
  readonly known?: FormTable;
  readonly sinceMs?: number;
}

/** A step's lines are numbered from 1 when they are read, and by the job's numbers when they are told. */
export function readStepLog(logs: LogStore, { runId, jobId, step, known, sinceMs = 0 }: StepLogOptions): StepLog {
  const skim = new LogSkim(known);
  const places = new LinePlaces();
  let pieces: string[] = [];
  let size = 0;
  const hand = (): void => {
    if (pieces.length > 0) skim.add(Buffer.from(pieces.join('')));
    pieces = [];
    size = 0;
  };
  for (const { seq, text, atMs } of logs.read(runId, jobId, step === undefined ? {} : { step })) {
    if (atMs < sinceMs) continue;
    places.add(seq);
    pieces.push(text, '\n');
    size += text.length;
    if (size > 256 * 1024) hand();
  }
  hand();
  return { log: skim.finish(), places };
}

/** Runs of numbers that follow each other: steps in the background lie between each other's lines. */
class LinePlaces {
  readonly #runs: { readonly first: number; readonly seq: number; count: number }[] = [];
  #lines = 0;

  add(seq: number): void {
    this.#lines++;
    const last = this.#runs.at(-1);
    if (last && seq === last.seq + last.count) last.count++;
    else this.#runs.push({ first: this.#lines, seq, count: 1 });
  }

  rangesOf({ start, end }: { readonly start: number; readonly end: number }): { start: number; end: number }[] {
    return this.#runs.flatMap(({ first, seq, count }) => {
      const from = Math.max(start, first);
      const to = Math.min(end, first + count - 1);
      return from > to ? [] : [{ start: seq + from - first, end: seq + to - first }];
    });
  }
}

function greenForms({ runId, jobId, index }: GoodStep, logs: LogStore): FormTable | undefined {
  try {
    return readStepLog(logs, { runId, jobId, step: index }).log.forms;
  } catch {
    // Its log may have been taken away; it helps, and is not needed.
    return undefined;
  }
}
