/**
 * What the step's log and script name is asked after, on the spot: only what was named is looked at, all of it at once, by
 * what only reads.
 */
import type { FailedCommand, Layer } from '#run/diagnosis.ts';
import { calledCommands } from '#shell/called-commands.ts';
import type { CalledCommand } from '#shell/called-commands.ts';
import type { Diagnosis } from '../diagnose.ts';
import { cleanLine } from '../log/clean-line.ts';
import type { SkimmedLog } from '../log/log-skim.ts';
import { aptIndex, aptTrouble, installsWithApt } from './apt-index.ts';
import { namedHosts } from './hosts/named-hosts.ts';
import { pipIndex, pipTrouble } from './pip-index.ts';
import { namedVariables } from './named-variables.ts';
import type { Probe, ProbePlace } from './probe.ts';
import { lookAtTools, toolsInTrouble } from './tools.ts';

export interface Named {
  readonly log: SkimmedLog;
  /** What the log alone tells. */
  readonly said: Diagnosis;
  readonly script?: string;
  readonly exitCode?: number;
  readonly commands?: readonly FailedCommand[];
}

export interface NamedProbe extends Probe {
  readonly command?: FailedCommand;
}

interface Step extends Named {
  /** Every line of the log. */
  readonly lines: readonly string[];
  /** Those that speak of failure. */
  readonly alarming: readonly string[];
  readonly called: readonly CalledCommand[];
}

/** A finding is left only where it can be what failed the step: its place in the log and how the step ended speak for it. */
export async function askWhatItNamed(named: Named, place: ProbePlace): Promise<readonly NamedProbe[]> {
  const cleaned = named.log.lines.map(({ raw, isAlarming }) => ({ text: cleanLine(raw), isAlarming }));
  const step: Step = {
    ...named,
    lines: cleaned.map(({ text }) => text),
    alarming: cleaned.flatMap(({ text, isAlarming }) => (isAlarming ? text : [])),
    called: named.script === undefined ? [] : calledCommands(named.script),
  };
  const [apt, pip, network, tools] = await Promise.all([
    askApt(step, place),
    askPip(step, place),
    askNetwork(step, place),
    askTools(step, place),
  ]);
  // Of lists that could not be fetched, the host that is not there says more than that they are missing.
  const isFetching = apt.some(({ finding }) => finding?.layer === 'network');
  const probes = isFetching ? [network, apt] : [apt, network];
  const variables = namedVariables(step.script ?? '', place.env);
  return [...probes, pip, tools].flat().concat(variables ?? []);
}

/** apt's own, for everything that it refuses to do. */
const APT_EXIT = 100;

async function askApt(step: Step, place: ProbePlace): Promise<readonly NamedProbe[]> {
  const { lines, called, exitCode, said, commands = [] } = step;
  const trouble = aptTrouble(lines, called);
  if (!trouble) return [];
  const failed = commands.find(({ text, status }) => status === APT_EXIT && installsWithApt(text, trouble.packages));
  const [written] = trouble.commands;
  const command =
    failed ??
    (written && exitCode === APT_EXIT ? { text: written.text, line: written.line, status: APT_EXIT } : undefined);
  const probe = { ...(await aptIndex(trouble, place)), ...(command ? { command } : {}) };
  const isIt = exitCode === APT_EXIT || failed !== undefined || said.layer === 'unknown' || isAbout(said, 'apt-');
  return [isIt ? probe : withoutFinding(probe)];
}

async function askPip({ lines, said }: Step, place: ProbePlace): Promise<readonly NamedProbe[]> {
  const trouble = pipTrouble(lines, place.env);
  if (!trouble) return [];
  const probe = await pipIndex(trouble, place);
  return [said.layer === 'unknown' || isAbout(said, 'pip-') ? probe : withoutFinding(probe)];
}

/** Where the network may be behind it: what is missing may only not have been fetched. */
const FETCHED: readonly Layer[] = ['network', 'registry', 'dependency', 'unknown'];

async function askNetwork({ alarming, said, script = '' }: Step, place: ProbePlace): Promise<readonly NamedProbe[]> {
  if (!FETCHED.includes(said.layer)) return [];
  const complained = namedHosts(alarming);
  const isComplained = new Set(complained.map(({ host }) => `host ${host}`));
  const hosts = complained.length > 0 ? complained : namedHosts(script.split('\n'));
  if (hosts.length === 0) return [];
  // It brings a library along, which most failures have no use for.
  const { askHosts } = await import('./hosts/ask-hosts.ts');
  const probes = await askHosts(hosts, place);
  // That a host of the script is not there is worth a line; that it failed the step, only the log can say.
  return probes.map((probe) => (isComplained.has(probe.name) ? probe : withoutFinding(probe)));
}

/** A step that goes on behind a tool that it has not, and fails of something else, has not failed of that. */
async function askTools({ alarming, called, exitCode, said }: Step, place: ProbePlace): Promise<readonly NamedProbe[]> {
  const probes = await lookAtTools(toolsInTrouble(alarming, { called, exitCode }), place);
  const isIt = exitCode === 126 || exitCode === 127 || said.layer === 'unknown' || isAboutTools(said);
  return probes.map((probe) => (isIt ? probe : withoutFinding(probe)));
}

const ABOUT_TOOLS: readonly string[] = ['command-missing', 'library-missing', 'interpreter-missing', 'exec-format'];

function isAboutTools({ signature = '' }: Diagnosis): boolean {
  return ABOUT_TOOLS.includes(signature);
}

function isAbout({ signature = '' }: Diagnosis, tool: string): boolean {
  return signature.startsWith(tool);
}

function withoutFinding({ name, ok, said }: NamedProbe): NamedProbe {
  return { name, said, ...(ok === undefined ? {} : { ok }) };
}
