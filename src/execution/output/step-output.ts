// The output of one attempt on its way to the log, and what it said to the runner on that way.
import { appendFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Annotation } from '#run/events.ts';
import type { LogBatch, LogStream, LogWriter } from '#stores/logs/log-store.ts';
import type { Masks } from '../job/masks.ts';
import { putValue } from '../step/put-value.ts';
import type { StepOutput } from '../step/step-run.ts';
import { createScan } from './matcher-scan.ts';
import type { MatcherRegistry } from './matcher-registry.ts';
import { OutputPipeline } from './output-pipeline.ts';
import { StepCommands } from './step-commands.ts';

export interface StepOutputSpec {
  readonly step: number;
  readonly log: LogWriter;
  readonly masks: Masks;
  readonly workspace: string;
  /** Where the step's environment files are: the old commands `set-output` and `save-state` are the same as these. */
  readonly files: string;
  /** The step's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly matchers: MatcherRegistry;
  readonly isDebug: boolean;
  /** Lines such as `src/app.py:3:1: E302 …` become annotations, as linters print them. */
  readonly collectFindings: boolean;
  now(): number;
  /** A path that the step's process uses, as this machine knows it. */
  toHost(path: string): string;
}

/** More than a person reads; the log has them all. */
const MAX_ANNOTATIONS = 200;

export function openStepOutput(spec: StepOutputSpec): StepOutput & { lastLine(): string } {
  const annotations: Annotation[] = [];
  const note = (annotation: Annotation): void => {
    if (annotations.length < MAX_ANNOTATIONS) annotations.push(spec.masks.redactAnnotation(annotation));
  };
  const append = (batch: LogBatch): void => {
    spec.log.append(batch);
    if (spec.collectFindings) for (const finding of findingsIn(batch, spec.workspace)) note(finding);
  };
  const { matchers: registry, workspace, isDebug, env } = spec;
  const toHost = (path: string): string => spec.toHost(path);
  const commands = new StepCommands({
    registry,
    workspace,
    isDebug,
    env,
    toHost,
    note,
    put: (file, name, value) => put(join(spec.files, file), name, value),
  });
  const pipeline = new OutputPipeline({
    append,
    now: () => spec.now(),
    hear: (line) => commands.hear(line),
    scan: createScan({ registry, workspace, toHost, note }),
    redactor: spec.masks.redactor,
    step: spec.step,
  });
  let engineLine = '';
  return {
    annotations,
    get problem() {
      return commands.problem === undefined ? undefined : spec.masks.redact(commands.problem);
    },
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

/** A path has no name. */
function put(file: string, name: string, value: string): void {
  if (name === '') appendFileSync(file, `${value}\n`);
  else putValue(file, name, value);
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
