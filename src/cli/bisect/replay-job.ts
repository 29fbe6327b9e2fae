// The failed job of a run, once more, on another commit: by the command itself, with a state of its own.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Judgement } from '#diagnosis/bisect/search.ts';
import { isJsonObject } from '#base/json.ts';
import type { Secret } from '#base/secret.ts';
import type { Plan } from '#run/plan.ts';
import type { JobInstance } from '#run/events.ts';

export interface ReplaySetting {
  readonly plan: Plan;
  readonly key: string;
  readonly instance: JobInstance;
  /** The step whose failure is looked for. */
  readonly step: string;
  readonly secrets: ReadonlyMap<string, Secret>;
  /** The project, at the commit. */
  readonly folder: string;
  /** For what belongs to this search alone. */
  readonly scratch: string;
}

export interface Judged {
  readonly judgement: Judgement;
  /** In a few words; '' when there is nothing to add. */
  readonly why: string;
}

const Report = z.looseObject({
  conclusion: z.string().nullable(),
  jobs: z.array(
    z.looseObject({
      id: z.string(),
      conclusion: z.string().nullable(),
      verdict: z.string().nullable(),
      why: z.string().optional(),
      steps: z.array(z.looseObject({ name: z.string(), conclusion: z.string(), why: z.string().optional() })),
    }),
  ),
});

/** `onStart` is given the process, to end it. */
export async function replayJob(setting: ReplaySetting, onStart: (child: ChildProcess) => void): Promise<Judged> {
  const { folder, scratch, secrets } = setting;
  const env: Record<string, string | undefined> = {
    ...process.env,
    GANTRY_STATE_DIR: join(scratch, 'state'),
    GITHUB_ACTIONS: '',
    // Whether it fails again is asked of every commit anyway.
    GANTRY_REPLAY_SECONDS: '0',
  };
  for (const [name, secret] of secrets) env[name] = secret.reveal();
  const [program = '', command = ''] = process.argv;
  const child = spawn(program, [...process.execArgv, command, ...argumentsOf(setting)], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onStart(child);
  const stdout: Buffer[] = [];
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => void stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-4_000)));
  const code = await new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done));
  return judge({ code, text: Buffer.concat(stdout).toString('utf8'), said }, setting);
}

/** What the run was given, but for what the commit says itself. */
function argumentsOf({ plan, key, instance, scratch, secrets }: ReplaySetting): readonly string[] {
  const { github, vars, inputs } = plan;
  const event = typeof github['event_name'] === 'string' ? github['event_name'] : 'push';
  const told = isJsonObject(github['event']) ? github['event'] : {};
  // Of a push, the payload speaks of its own commits; only the branch is the same for all.
  const payload = event === 'push' ? { ref: github['ref'] ?? '' } : told;
  const eventFile = join(scratch, 'event.json');
  writeFileSync(eventFile, JSON.stringify(payload));
  const pairs = (option: string, values: Plan['vars']): readonly string[] =>
    Object.entries(values).flatMap(([name, value]) => [
      option,
      `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ]);
  return [
    'run',
    plan.workflowFile,
    '--format',
    'json',
    '--job',
    key,
    '--event',
    event,
    '--event-file',
    eventFile,
    ...pairs('--matrix', instance.matrix ?? {}),
    ...(event === 'workflow_dispatch' ? pairs('--input', inputs) : []),
    ...pairs('--var', vars),
    ...[...secrets.keys()].flatMap((name) => ['--secret', name]),
    ...Object.entries(plan.localActions ?? {}).flatMap(([name, at]) => ['--local-action', `${name}=${at}`]),
  ];
}

interface Ended {
  readonly code: number | null;
  readonly text: string;
  readonly said: string;
}

/** Whatever is not clearly the same failure, or clearly none, is not judged. */
function judge({ code, text, said }: Ended, { instance, step }: ReplaySetting): Judged {
  const report = Report.safeParse(parse(text));
  const skip = (why: string): Judged => ({ judgement: 'skip', why });
  // 128 and more: it was ended, whatever its job was doing.
  if (code === null || code >= 128) return skip('it was ended');
  if (!report.success) return skip(lastLine(said) || `gantry run ended with ${code}`);
  const job = report.data.jobs.find((each) => each.id === instance.id);
  if (!job) return skip('the job is not there');
  if (job.conclusion === 'success' && (job.verdict === 'passed' || job.verdict === 'degraded'))
    return { judgement: 'good', why: job.verdict === 'passed' ? '' : job.verdict };
  const failed = job.steps.find((each) => each.conclusion === 'failure');
  if (failed?.name === step) return { judgement: 'bad', why: failed.why ?? '' };
  return skip(failed ? `another step failed: ${failed.name}` : (job.why ?? 'the job was not run to its end'));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
