// A run as GitHub's log page shows it: a group for each step with all that it printed, and annotations as commands that
// GitHub hangs on files and lines. What steps printed was obeyed already where it was a command; here it is text.
import { formatDuration } from '#base/duration.ts';
import type { Annotation, StepResult } from '#run/events.ts';
import { inline } from '#run/report/layout.ts';
import { reportStep } from '#run/report/report.ts';
import { stepMark, testsInWords } from '#run/report/words.ts';
import type { RunState } from '#run/state.ts';
import type { LogStore } from '#stores/logs/log-store.ts';
import type { LineSink } from './plain-lines.ts';

export interface GitHubLinesOptions {
  readonly sink: LineSink;
  readonly logs: LogStore;
  /** Ends a pause in which nothing is a command; nobody who prints lines may know it. */
  readonly token: string;
}

/** Give it every state, in order; it writes the steps that have ended since. */
export function createGitHubLines(options: GitHubLinesOptions): (state: RunState) => void {
  const told = new Set<string>();
  return (state) => {
    if (state.kind === 'unborn') return;
    for (const [id, { instance, state: job }] of state.jobs) {
      if ('carriedFrom' in job) continue;
      for (const step of 'steps' in job ? job.steps : []) {
        const key = `${step.index} ${id}`;
        if (told.has(key)) continue;
        told.add(key);
        if (step.conclusion === 'skipped') continue;
        writeStep(options, step, {
          name: instance.name,
          lines: options.logs.read(state.runId, id, { step: step.index }),
        });
      }
    }
  };
}

interface StepSource {
  readonly name: string;
  readonly lines: Iterable<{ readonly text: string }>;
}

function writeStep({ sink, token }: GitHubLinesOptions, step: StepResult, { name, lines }: StepSource): void {
  const shown = reportStep(step);
  const tests = shown.tests ? testsInWords(shown.tests) : '';
  const parts = [formatDuration(step.durationMs), tests, step.conclusion === 'success' ? '' : (step.why ?? '')];
  const said = parts
    .filter((part) => part !== '')
    .map(inline)
    .join(' · ');
  sink.write(`::group::${stepMark(shown).sign} ${escapeData(inline(`${name} / ${step.name}  ${said}`))}\n`);
  sink.write(`::stop-commands::${token}\n`);
  for (const line of lines) sink.write(`${line.text}\n`);
  sink.write(`::${token}::\n::endgroup::\n`);
  for (const entry of step.ledger) {
    const loss = entry.loss ? `; loss: ${entry.loss}` : '';
    const text = inline(`${entry.wanted} → ${entry.used} (${entry.why})${loss}`);
    sink.write(`${annotationCommand({ level: 'warning', title: `Ledger: ${entry.what}`, message: text })}\n`);
  }
  for (const each of step.annotations) sink.write(`${annotationCommand(each)}\n`);
}

/** GitHub: "Workflow commands", a message of the three levels. */
export function annotationCommand({ level, message, title, file, line, column }: Annotation): string {
  const fields = { title, file, line, col: column };
  const properties = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}=${escapeProperty(String(value))}`],
  );
  return `::${level}${properties.length > 0 ? ` ${properties.join(',')}` : ''}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
