/**
 * What the step's log and script name is asked after, on the spot: only what was named is looked at, all of it at once.
 */
import type { FailedCommand } from '#run/diagnosis.ts';
import { calledCommands } from '#shell/called-commands.ts';
import type { CalledCommand } from '#shell/called-commands.ts';
import { cleanLine } from '../log/clean-line.ts';
import type { SkimmedLog } from '../log/log-skim.ts';
import { aptIndex, aptTrouble, installsWithApt } from './apt-index.ts';
import type { Probe, ProbePlace } from './probe.ts';

export interface Named {
  readonly log: SkimmedLog;
  readonly script?: string;
  readonly exitCode?: number;
  readonly commands?: readonly FailedCommand[];
}

export interface NamedProbe extends Probe {
  /** The signatures of the log that it knows more of. */
  readonly knowsOf?: RegExp;
  /** What failed was surely what it asked after. */
  readonly isCertain?: boolean;
  readonly command?: FailedCommand;
}

export async function askWhatItNamed(named: Named, place: ProbePlace): Promise<readonly NamedProbe[]> {
  const lines = named.log.lines.map(({ raw }) => cleanLine(raw));
  const called = named.script === undefined ? [] : calledCommands(named.script);
  return Promise.all(askApt(lines, called, named).map(async (asked) => asked(place)));
}

/** apt's own, for everything that it refuses to do. */
const APT_EXIT = 100;

function askApt(
  lines: readonly string[],
  called: readonly CalledCommand[],
  { exitCode, commands = [] }: Named,
): readonly ((place: ProbePlace) => Promise<NamedProbe>)[] {
  const trouble = aptTrouble(lines, called);
  if (!trouble) return [];
  const failed = commands.find(({ text, status }) => status === APT_EXIT && installsWithApt(text, trouble.packages));
  const written = trouble.commands[0];
  const command = failed ?? (written && exitCode === APT_EXIT ? { ...placeOf(written), status: APT_EXIT } : undefined);
  return [
    async (place) => ({
      ...(await aptIndex(trouble, place)),
      knowsOf: /^apt-/,
      isCertain: exitCode === APT_EXIT || failed !== undefined,
      ...(command ? { command } : {}),
    }),
  ];
}

function placeOf({ text, line }: CalledCommand): FailedCommand {
  return { text, line };
}
