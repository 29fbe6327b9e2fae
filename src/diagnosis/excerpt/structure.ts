// Where in a log things happen: which lines begin a section, which one says that the job failed, and where the failing
// section is. Systems print these marks differently; each row is one habit.
import type { LogLine } from './log-line.ts';

export interface Section {
  /** Indices into the lines, the end exclusive. */
  readonly from: number;
  readonly to: number;
  readonly title: string;
}

export type Ending =
  | { readonly kind: 'failed'; readonly at: number; readonly said: string; readonly isVague: boolean }
  | { readonly kind: 'passed' }
  /** The log does not say how it ended: it is cut off, or of a command alone. */
  | { readonly kind: 'unsaid' };

export interface Structure {
  readonly sections: readonly Section[];
  readonly ending: Ending;
  /** The section in which the failing line stands, up to that line. */
  readonly failing: Section;
  /** Sections that say they failed too, later or earlier. */
  readonly alsoFailing: readonly Section[];
  /** What the failing section ran, where the log tells. */
  readonly commands: readonly string[];
}

/** What the system itself writes at the head of a step. Where it does, what looks like a head in a step is a tool's own. */
const SYSTEM_SECTION_START =
  /^(?:##\[group\](?:Run |Starting )|##\[section\]Starting|section_start:|Post job cleanup\.|\[Pipeline\] (?:sh|bat|stage))/u;
const SECTION_START = /^(?:\$ \S|={3,} ?(?:Starting|Running) |> Task |-+ (?:Step|step) )/u;

/** The engine's own last word that the step or job has failed. */
const FAILED_END =
  /^(?:##\[error\](?:Process completed with exit code [1-9]|(?:Bash|Cmd\.exe|PowerShell) exited with code '?-?[1-9]|The (?:process|operation|job|runner|action|hosted|self-hosted)\b|A task was canceled)|The command ".*" (?:failed and )?exited with (?!0\b)-?\d+|The command .* exited with (?!0\.)-?\d+\.$|Build step '.*' marked build as failure|Command exited with code (?!0\b)-?\d+|ERROR: Job failed|Exited with code (?:exit status )?[1-9]|Your build has been (?:stopped|terminated)|No output has been received in the last|The job exceeded the maximum|The log length has exceeded|FATAL: (?:command execution failed|hudson)| *Error: Process completed with exit code [1-9])/u;
const WEAK_FAILED_END =
  /^(?:Done\. Your build exited with [1-9]|Finished: (?:FAILURE|ABORTED|UNSTABLE|NOT_BUILT)|Build failed\.?$|Build FAILED|BUILD FAILED|FAILURE: Build failed|\[(?:INFO|ERROR)\] BUILD FAILURE|g?make(?:\[\d+\])?: \*\*\* .*(?:Error \d|Stop\.)|npm (?:ERR!|error) (?:code|errno)|exit status [1-9]|exit code:? [1-9]|error Command failed with exit code|FAILED \((?:failures|errors)=|test result: FAILED)/u;
const PASSED_END =
  /^(?:Done\. Your build exited with 0|Finished: SUCCESS|Job succeeded|Build success$|\[INFO\] BUILD SUCCESS|BUILD SUCCESSFUL|##\[section\]Finishing: Finalize|Cleaning up orphan processes)/u;
const GITHUB_ERROR = /^##\[error\]/u;
/** Steps that follow a failure to put things away, not to check anything. */
const CLEANUP =
  /^(?:Post job cleanup|##\[group\]Run (?:actions\/(?:upload-artifact|cache)|.*(?:upload|cleanup|notify|summary|report)))/iu;

export function structureOf(lines: readonly LogLine[]): Structure {
  const { ending, others } = endingOf(lines);
  const sections = sectionsOf(lines);
  const at = ending.kind === 'failed' ? ending.at : lines.length - 1;
  const upTo = (end: number): Section => ({
    ...(sections.findLast((section) => section.from <= end) ?? { from: 0, title: '' }),
    to: end + 1,
  });
  // A last word that speaks of the whole build says nothing about where in it.
  if (ending.kind === 'failed' && ending.isVague)
    return { sections, ending, failing: { from: 0, to: at + 1, title: '' }, alsoFailing: [], commands: [] };
  const failing = upTo(at);
  return { sections, ending, failing, alsoFailing: others.map(upTo), commands: commandsOf(lines, failing) };
}

const GITHUB_STEP = /^Run /u;

/** A step that comes before the failing one cannot have ended the job: what failed in it was let pass. */
export function isGithubStep({ title }: Section): boolean {
  return GITHUB_STEP.test(title);
}

/** GitHub shows the whole script at the head of a step, other systems the one command. */
function commandsOf(lines: readonly LogLine[], section: Section): readonly string[] {
  const commands = [section.title.replace(GITHUB_STEP, '')];
  if (!isGithubStep(section)) return commands;
  for (let at = section.from + 1; at < section.to; at++) {
    const text = lines[at]?.text ?? '';
    if (/^(?:shell: |with:$|env:$|##\[endgroup\])/u.test(text)) break;
    commands.push(text);
  }
  return commands;
}

function sectionsOf(lines: readonly LogLine[]): readonly Section[] {
  const heads = lines.some(({ text }) => SYSTEM_SECTION_START.test(text)) ? SYSTEM_SECTION_START : SECTION_START;
  const starts = [0];
  for (const [at, line] of lines.entries()) if (at > 0 && heads.test(line.text)) starts.push(at);
  return starts.map((from, index) => ({
    from,
    to: starts[index + 1] ?? lines.length,
    title: (lines[from]?.text ?? '').replace(/^(?:##\[\w+\]|\$ )/u, ''),
  }));
}

function endingOf(lines: readonly LogLine[]): { readonly ending: Ending; readonly others: readonly number[] } {
  const strong: number[] = [];
  let weak = -1;
  let passed = -1;
  let github = -1;
  for (const [at, { text }] of lines.entries()) {
    if (FAILED_END.test(text)) strong.push(at);
    else if (GITHUB_ERROR.test(text)) github = github === -1 ? at : github;
    if (WEAK_FAILED_END.test(text)) weak = at;
    else if (PASSED_END.test(text)) passed = at;
  }
  const first = strong.find((at) => isFatal(lines, at)) ?? strong[0];
  if (first !== undefined)
    return { ending: failedAt(lines, first), others: strong.filter((at) => at !== first).slice(0, 20) };
  if (github !== -1) return { ending: failedAt(lines, lastErrorOf(lines, github)), others: [] };
  if (weak > passed) return { ending: { ...failedAt(lines, weak), isVague: true }, others: [] };
  return { ending: passed === -1 ? { kind: 'unsaid' } : { kind: 'passed' }, others: [] };
}

/** An action may say several errors, the most telling one last. */
function lastErrorOf(lines: readonly LogLine[], first: number): number {
  let last = first;
  for (let at = first + 1; at < lines.length; at++) {
    const text = lines[at]?.text ?? '';
    if (SYSTEM_SECTION_START.test(text)) break;
    if (GITHUB_ERROR.test(text)) last = at;
  }
  return last;
}

function failedAt(lines: readonly LogLine[], at: number): Extract<Ending, { kind: 'failed' }> {
  return { kind: 'failed', at, said: lines[at]?.text ?? '', isVague: false };
}

/** A step whose failure was let pass is followed by steps that work; after one that counts, only cleaning up follows. */
function isFatal(lines: readonly LogLine[], at: number): boolean {
  if (!GITHUB_ERROR.test(lines[at]?.text ?? '')) return true;
  let working = 0;
  for (const { text } of lines.slice(at + 1)) {
    if (text.startsWith('Post job cleanup')) break;
    if (text.startsWith('##[group]Run ') && !CLEANUP.test(text)) working++;
  }
  return working <= 3;
}
