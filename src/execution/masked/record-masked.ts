// A step's script on its way to the shell: recorders are put in before, and read when it has ended.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { MaskedFailure, NotedAs, StepMasked } from '#run/masked.ts';
import type { Spot } from '#shell/recorder/spot.ts';
import type { SwallowedFailure } from '#shell/recorder/recorders.ts';
import { shellOf } from './shell-of.ts';

export interface ScriptToRecord {
  readonly content: string;
  readonly argv: readonly string[];
  /** By which name argv calls it. */
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  /** Of the step alone; the folder of the records is made in it. */
  readonly folder: string;
  /** The step runs whatever happened before it: what fails in it is clean-up. */
  readonly cleansUp: boolean;
}

export interface RecordedScript {
  readonly content: string;
  /**
   * Once the script has ended. Undefined: there is nothing to say. When the step `wasStopped`, what the signals for it have ended
   * in the script did not fail.
   */
  read(wasStopped?: boolean): StepMasked | undefined;
}

/** Turns the recorders off for the steps that have it in their environment. */
const SWITCH = 'GANTRY_RECORD_MASKED';
const SIGPIPE = 141;
/** SIGINT, SIGKILL, SIGTERM. */
const BY_SIGNAL: readonly number[] = [130, 137, 143];

/** Without any of these, under `-e`, a script has nothing that could swallow a failure. */
const MAY_MASK = /[|&`(]|\bset\b|\bif\b/;

export async function recordMasked(script: ScriptToRecord): Promise<RecordedScript> {
  const { content } = script;
  const asItIs: RecordedScript = { content, read: () => undefined };
  const shell = shellOf(script.argv, script.file, script.env);
  if (!shell || (shell.errexit && !MAY_MASK.test(content))) return asItIs;
  // The reader of shell scripts is loaded for a script that needs it.
  const { putRecorders } = await import('./put-recorders.ts');
  const folder = join(script.folder, 'masked');
  const recording = putRecorders(content, { ...shell, folder });
  const saying = (notRecorded: readonly string[], failures: readonly MaskedFailure[] = []): StepMasked | undefined =>
    notRecorded.length + failures.length > 0 ? { failures, notRecorded } : undefined;
  if (recording.kind === 'nothing') return asItIs;
  if (recording.kind === 'unread') {
    const why = `line ${recording.line} of the script is not understood: ${recording.why}`;
    // Whether there was anything to record is not known, so nothing is held against who turned it off.
    return script.env[SWITCH] === 'false' ? asItIs : { content, read: () => saying([why]) };
  }
  if (script.env[SWITCH] === 'false') return { content, read: () => TURNED_OFF };
  if (recording.kind === 'left') return { content, read: () => saying([`the script ${recording.why}`]) };
  const { failures, text } = recording;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const leftOut = recording.leftOut.map(({ line, why }) => `line ${line}: ${why}`);
  return {
    content: text,
    read: (wasStopped = false) => {
      const facts = failures(namesIn(folder)).map((each) => toFact(each, script.cleansUp));
      return saying(
        leftOut,
        facts.filter(({ status }) => !(wasStopped && BY_SIGNAL.includes(status))),
      );
    },
  };
}

const TURNED_OFF: StepMasked = { failures: [], notRecorded: [], isOff: true };

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The script took it away.
    return [];
  }
}

function toFact({ spot, part, status }: SwallowedFailure, cleansUp: boolean): MaskedFailure {
  const { command = '', line = 0, no = [] } = spot.commands[part] ?? {};
  const noted = notedAs(spot, { status, no, cleansUp });
  return { command, line, status, mask: spot.mask, ...(noted === undefined ? {} : { noted }) };
}

interface Seen {
  readonly status: number;
  readonly no: readonly number[];
  readonly cleansUp: boolean;
}

function notedAs(spot: Spot, { status, no, cleansUp }: Seen): NotedAs | undefined {
  if (no.includes(status)) return 'question';
  if (status === SIGPIPE) return 'reader-gone';
  if (spot.cleansUp || cleansUp) return 'clean-up';
  return spot.hasAlternative ? 'alternative' : undefined;
}
