// One job of an exported workflow on GitHub's machine: what GitHub hands over in the environment, and what it is told.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { isJsonObject, parseJson } from '#base/json.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';
import { publishedVerdict, readGivenNeeds } from '#run/given-needs.ts';
import type { GivenNeeds } from '#run/given-needs.ts';
import type { Report } from '#run/report/report.ts';
import { UsageError } from './usage-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface GitHubJob {
  readonly github: JsonObject;
  readonly needs: GivenNeeds;
  /** The combination that runs here; absent when the job has no matrix. */
  readonly matrix?: JsonObject;
  readonly vars: JsonObject;
  readonly inputs: JsonObject;
}

/** Throws a `UsageError` where the environment is not that of an exported job. */
export function readGitHubJob(env: Environment): GitHubJob {
  const event = env['GITHUB_EVENT_NAME'] ?? '';
  if (event === '')
    throw new UsageError(
      '--from-github is for the workflows that gantry export github writes: this is no job on GitHub',
    );
  const needs = readGivenNeeds(readJson(env, 'GANTRY_NEEDS') ?? {});
  if (!needs.ok) throw new UsageError(`GANTRY_NEEDS: ${needs.error}`);
  const matrix = readObject(env, 'GANTRY_MATRIX');
  return {
    github: githubContextOf(env, readEvent(env)),
    needs: needs.value,
    ...(matrix ? { matrix } : {}),
    vars: readObject(env, 'GANTRY_VARS') ?? {},
    inputs: readObject(env, 'GANTRY_INPUTS') ?? {},
  };
}

function readJson(env: Environment, name: string): JsonValue | undefined {
  const text = env[name]?.trim() ?? '';
  if (text === '' || text === 'null') return undefined;
  const value = parseJson(text);
  if (value === undefined) throw new UsageError(`${name} does not hold JSON`);
  return value;
}

function readObject(env: Environment, name: string): JsonObject | undefined {
  const value = readJson(env, name);
  if (value === undefined || isJsonObject(value)) return value;
  throw new UsageError(`${name} does not hold a mapping`);
}

function readEvent(env: Environment): JsonObject {
  const file = env['GITHUB_EVENT_PATH'] ?? '';
  const value = existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : undefined;
  return isJsonObject(value) ? value : {};
}

/** What of the `github` context GitHub's runner has a variable for, under the same name. */
const FROM_VARIABLES: readonly string[] = (
  'actor actor_id api_url base_ref event_name graphql_url head_ref ref ref_name ref_type repository repository_id ' +
  'repository_owner repository_owner_id retention_days run_attempt run_id run_number server_url sha triggering_actor'
).split(' ');

function githubContextOf(env: Environment, event: JsonObject): JsonObject {
  const read = (name: string): string => env[`GITHUB_${name.toUpperCase()}`] ?? '';
  return {
    ...Object.fromEntries(FROM_VARIABLES.map((name) => [name, read(name)])),
    action: '',
    event,
    ref_protected: read('ref_protected') === 'true',
    repositoryUrl: `git://github.com/${read('repository')}.git`,
    secret_source: 'Actions',
    token: '',
    workspace: '',
  };
}

/** The job's outputs and its verdict, for the steps and jobs behind it. */
export function publishOutputs(report: Report, job: string, env: Environment): void {
  const file = env['GITHUB_OUTPUT'] ?? '';
  if (file === '') return;
  const outputs = report.jobs.find((each) => each.key === job)?.outputs ?? {};
  const all = { ...outputs, ...publishedVerdict(report.verdict) };
  // A name that no value can hold, so that none ends early and goes on as another output.
  const end = `end-${randomUUID()}`;
  appendFileSync(
    file,
    Object.entries(all)
      .map(([name, value]) => `${name}<<${end}\n${value}\n${end}\n`)
      .join(''),
  );
}

/** Without the jobs that run elsewhere. */
export function onlyJob(report: Report, job: string): Report {
  const jobs = report.jobs.filter((each) => each.key === job || each.key.startsWith(`${job} / `));
  return { ...report, jobs };
}
