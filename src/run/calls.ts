// A job that calls a workflow: what it hands over, and what it gets back.
import type { JobId } from '#base/ids.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { evaluateMapping, evaluateTemplate, evaluateValue } from '#workflow/expressions.ts';
import type { Scope } from '#workflow/expressions.ts';
import type { CallInput, Job } from '#workflow/model.ts';
import type { RunEvent } from './events.ts';
import { callerContexts } from './order.ts';
import { groupResult, jobVerdict, needsContext, settledGroup } from './outcome.ts';
import type { CalledWorkflow, PlannedJob } from './plan.ts';
import type { RunScope } from './scopes.ts';
import type { JobRecord, LiveRun } from './state.ts';
import { worst } from './verdict.ts';

export function callWorkflow(run: LiveRun, record: JobRecord, planned: PlannedJob, nowMs: number): RunEvent {
  const jobId = record.instance.id;
  const workflow = planned.calls ?? '';
  const called = run.plan.called?.[workflow];
  const inputs = called ? inputsOf(run, record, { job: planned.job, called }) : err('its workflow is not in the plan');
  if (inputs.ok) return { type: 'workflow.called', v: 1, atMs: nowMs, jobId, workflow, inputs: inputs.value };
  return { type: 'job.skipped', v: 1, atMs: nowMs, jobId, why: inputs.error, blameless: false, conclusion: 'failure' };
}

function inputsOf(
  run: LiveRun,
  record: JobRecord,
  { job, called }: { readonly job: Job; readonly called: CalledWorkflow },
): Result<JsonObject, string> {
  const scope: Scope = { contexts: callerContexts(run, record, job) };
  const given = new Map<string, JsonValue>();
  for (const [name, template] of Object.entries(job.call?.with ?? {})) {
    if (!name.includes('${{')) {
      const value = evaluateValue(template.value, scope);
      if (!value.ok) return err(`its input "${name}": ${value.error.message}`);
      given.set(name.toLowerCase(), value.value);
      continue;
    }
    const entries = evaluateMapping({ [name]: template }, scope);
    if (!entries.ok) return err(`its "with": ${entries.error}`);
    for (const [key, value] of Object.entries(entries.value)) given.set(key.toLowerCase(), value);
  }
  const inputs: Record<string, JsonValue> = {};
  for (const [name, input] of Object.entries(called.interface.inputs)) {
    const preset = given.has(name.toLowerCase()) ? ok(null) : presetOf(input, scope);
    if (!preset.ok) return err(`the default of its input "${name}": ${preset.error}`);
    const value = given.get(name.toLowerCase()) ?? preset.value;
    const typed = asType(value, input.type);
    if (typed === undefined) return err(`its input "${name}" must be a ${input.type}, not ${JSON.stringify(value)}`);
    inputs[name] = typed;
  }
  return ok(inputs);
}

const EMPTY = { string: '', boolean: false, number: 0 } as const;

function presetOf(input: CallInput, scope: Scope): Result<JsonValue, string> {
  const preset = input.default?.value;
  if (preset === undefined) return ok(EMPTY[input.type]);
  if (typeof preset !== 'string') return ok(preset);
  const { github = {}, inputs = {}, vars = {} } = scope.contexts;
  const value = evaluateValue(preset, { contexts: { github, inputs, vars } });
  return value.ok ? value : err(value.error.message);
}

/** Texts become what the input is, when they say it; undefined when they do not. */
function asType(value: JsonValue, type: CallInput['type']): JsonValue | undefined {
  if (type === 'string') return typeof value === 'string' ? value : isPlain(value) ? String(value ?? '') : undefined;
  if (typeof value === type) return value;
  const text = typeof value === 'string' ? value.trim() : '';
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

function isPlain(value: JsonValue): value is string | number | boolean | null {
  return value === null || typeof value !== 'object';
}

/** `jobId` is the job that called; `scope` holds the jobs that took its place. */
export function returnFromWorkflow(
  run: LiveRun,
  { jobId, scope }: { readonly jobId: JobId; readonly scope: RunScope },
  nowMs: number,
): RunEvent {
  const records = scope.jobs.flatMap(({ job }) => settledGroup(run, `${scope.prefix}${job.key}`) ?? []);
  const conclusion = groupResult(records);
  const verdicts = records.flatMap((record) => jobVerdict(record) ?? []);
  const failed = records.find(({ state }) => state.kind === 'finished' && state.conclusion === 'failure');
  const outputs = outputsOf(run, scope);
  const why = failed ? `${failed.instance.name} failed` : outputs.ok ? undefined : outputs.error;
  if (!outputs.ok) verdicts.push('failed');
  return {
    type: 'workflow.returned',
    v: 1,
    atMs: nowMs,
    jobId,
    conclusion: outputs.ok ? conclusion : 'failure',
    outputs: outputs.ok ? outputs.value : {},
    ...(verdicts.length === 0 ? {} : { verdict: worst(...verdicts) }),
    ...(why === undefined ? {} : { why }),
  };
}

function outputsOf(run: LiveRun, scope: RunScope): Result<Record<string, string>, string> {
  const called = scope.caller && run.plan.called?.[scope.caller.call.workflow];
  const keys = scope.jobs.map(({ job }) => job.key);
  const jobs = needsContext(run, keys, scope.prefix);
  const { github, vars } = run.plan;
  const contexts: JsonObject = { github, vars, inputs: scope.inputs, jobs };
  const outputs: Record<string, string> = {};
  for (const [name, template] of Object.entries(called?.interface.outputs ?? {})) {
    const value = evaluateTemplate(template.value, { contexts });
    if (!value.ok) return err(`its output "${name}": ${value.error.message}`);
    outputs[name] = value.value;
  }
  return ok(outputs);
}
