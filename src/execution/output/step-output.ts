// The output of one attempt on its way to the log, and what it said to the runner on that way.
import { appendFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Annotation } from '#run/events.ts';
import type { LogBatch, LogStream, LogWriter } from '#stores/logs/log-store.ts';
import type { Masks } from '../job/masks.ts';
import type { StepOutput } from '../step/step-run.ts';
import { OutputPipeline } from './output-pipeline.ts';
import type { WorkflowCommand } from './workflow-command.ts';

export interface StepOutputSpec {
  readonly step: number;
  readonly log: LogWriter;
  readonly masks: Masks;
  readonly workspace: string;
  /** Where the step's environment files are: the old commands `set-output` and `save-state` are the same as these. */
  readonly files: string;
  /** Lines such as `src/app.py:3:1: E302 …` become annotations, as linters print them. */
  readonly collectFindings: boolean;
  now(): number;
}

/** More than a person reads; the log has them all. */
const MAX_ANNOTATIONS = 200;

export function openStepOutput(spec: StepOutputSpec): StepOutput & { lastLine(): string } {
  const annotations: Annotation[] = [];
  const note = (annotation: Annotation): void => {
    if (annotations.length < MAX_ANNOTATIONS) annotations.push(annotation);
  };
  const append = (batch: LogBatch): void => {
    spec.log.append(batch);
    if (spec.collectFindings) for (const finding of findingsIn(batch, spec.workspace)) note(finding);
  };
  const pipeline = new OutputPipeline({
    append,
    now: () => spec.now(),
    onCommand: (command) => obey(command, spec, note),
    redactor: spec.masks.redactor,
    step: spec.step,
  });
  let engineLine = '';
  return {
    annotations,
    write: (stream, chunk) => {
      if (stream !== 'engine') return pipeline.write(stream, chunk);
      engineLine = appendNote(spec, chunk);
    },
    end: () => pipeline.end(),
    lastLine: () => pipeline.lastLine() || engineLine,
  };
}

function appendNote(spec: StepOutputSpec, chunk: Buffer): string {
  const text = spec.masks.redact(chunk.toString('utf8'));
  const bytes = Buffer.from(text);
  const stream: LogStream = 'engine';
  spec.log.append({ step: spec.step, stream, atMs: spec.now(), lines: text.split('\n').length - 1, bytes });
  return text.trimEnd();
}

function obey(command: WorkflowCommand, spec: StepOutputSpec, note: (annotation: Annotation) => void): void {
  const { properties, value } = command;
  switch (command.name) {
    case 'error':
    case 'warning':
    case 'notice':
      return note({
        level: command.name,
        message: value,
        ...(properties['title'] === undefined ? {} : { title: properties['title'] }),
        ...(properties['file'] === undefined ? {} : { file: properties['file'] }),
        ...numbered('line', properties['line']),
        ...numbered('column', properties['col']),
      });
    case 'set-output':
      return put(join(spec.files, 'output'), properties['name'] ?? '', value);
    case 'save-state':
      return put(join(spec.files, 'state'), properties['name'] ?? '', value);
    default:
      // Masks are the pipeline's; groups and debug lines are for readers; set-env and add-path are off, as on GitHub.
      return;
  }
}

function put(file: string, name: string, value: string): void {
  if (name === '') return;
  const delimiter = `gantry_${crypto.randomUUID()}`;
  appendFileSync(file, `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
}

function numbered(name: 'line' | 'column', text: string | undefined): { line?: number; column?: number } {
  const value = Number(text);
  return text !== undefined && Number.isInteger(value) && value > 0 ? { [name]: value } : {};
}

/** `file:line[:column]: message`, the form that compilers and linters agree on. */
function* findingsIn(batch: LogBatch, workspace: string): Generator<Annotation> {
  if (batch.stream === 'engine') return;
  const text = Buffer.from(batch.bytes).toString('utf8');
  for (const [, file = '', line, column, message = ''] of text.matchAll(
    /^([^\s:][^:\n]*):(\d+):(?:(\d+):)?\s+(.+)$/gm,
  )) {
    const path = file.startsWith(workspace) ? relative(workspace, file) : file.replace(/^\.\//, '');
    yield { level: 'warning', message, file: path, ...numbered('line', line), ...numbered('column', column) };
  }
}
