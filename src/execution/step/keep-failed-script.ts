// What it takes to run a failed script by itself is kept, without the values of secrets.
import { extname } from 'node:path';
import { isJsonObject } from '#base/json.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';
import type { FailedScript } from '#stores/failed-scripts/failed-scripts.ts';
import type { StepFiles } from './step-files.ts';
import type { StepRun } from './step-run.ts';

export interface EndedScript {
  readonly index: number;
  readonly why: string;
  readonly argv: readonly string[];
  /** The script's, as it stands in `argv`. */
  readonly file: string;
  readonly content: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly files: StepFiles;
}

export function keepFailedScript(ended: EndedScript, run: StepRun): void {
  const { argv, file, content, folder, files } = ended;
  const { order, folders } = run;
  const redact = (text: string): string => run.redact(text);
  const entries = Object.entries(ended.env);
  const isSecret = (text: string): boolean => redact(text) !== text;
  const script = redact(content);
  const failed: FailedScript = {
    v: 1,
    runId: order.runId,
    jobId: order.jobId,
    step: run.stepTry?.step ?? ended.index,
    why: redact(ended.why),
    argv: argv.map((word) => redact(word.replaceAll(file, '{0}'))),
    extension: extname(file),
    script,
    isRedacted: script !== content,
    folder,
    workspace: folders.workspace,
    temporary: folders.temporary,
    env: Object.fromEntries(entries.filter(([, value]) => !isSecret(value))),
    leftOut: entries.flatMap(([name, value]) => (isSecret(value) ? [name] : [])),
    files: Object.keys(files.variables),
    contexts: contextsOf(run, redact),
  };
  run.keepFailedScript?.(failed);
}

function contextsOf({ order, scope }: StepRun, redact: (text: string) => string): JsonObject {
  const { github, inputs = {}, matrix = null, needs = {} } = order.contexts;
  const event = isJsonObject(github) ? (github['event'] ?? {}) : {};
  const { steps = {} } = scope.scope().contexts;
  return Object.fromEntries(
    Object.entries({ event, inputs, matrix, needs, steps }).map(([name, value]) => [name, redacted(value, redact)]),
  );
}

function redacted(value: JsonValue, redact: (text: string) => string): JsonValue {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((each: JsonValue) => redacted(each, redact));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [redact(name), redacted(each, redact)]));
}
