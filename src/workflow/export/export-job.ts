// A job that Gantry runs on GitHub: what GitHub decides stays on it, and its steps become one that runs it.
import { isJsonObject } from '#base/json.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';
import type { Job } from '../model.ts';
import { toJson, type YamlMap } from '../yaml-node.ts';
import { carryArtifacts } from './carry-artifacts.ts';
import { URL_OUTPUT } from './exported-job.ts';
import type { ExportRequest } from './export-request.ts';
import { namedSecrets } from './named-secrets.ts';
import { nameOf, setUpSteps, STATE_FOLDER } from './set-up-steps.ts';
import { isBuiltIn, reportWhatDiffers, usesSteps } from './report-differences.ts';
import { fieldOf, mentionsIn, type PlacedMention } from './tree.ts';
import { PUBLISHED_VERDICTS, VERDICT_OUTPUT } from './verdict-output.ts';

const STEP_ID = 'gantry';
/** Its own limit ends a job inside; GitHub's is there for when that does not. */
const MORE_MINUTES = 10;
/** GitHub decides by these, before or round the job. */
const KEPT = ['name', 'needs', 'if', 'permissions', 'runs-on', 'concurrency', 'strategy'];

export function exportJob(job: Job, node: YamlMap, request: ExportRequest): JsonObject {
  reportWhatDiffers(job, request);
  const kept = node.entries.filter((entry) => KEPT.includes(entry.key));
  const timeout = job.timeoutMinutes?.value;
  const environment = exportEnvironment(job, fieldOf(node, 'environment'));
  const setUp = setUpSteps(job, request);
  const artifacts = carryArtifacts(job, request);
  const gantry = gantryStep(job, { request, keepsState: setUp.keepsState, artifacts: artifacts.env });
  return {
    ...Object.fromEntries(kept.map(({ key, value }) => [key, toJson(value)])),
    ...(environment === undefined ? {} : { environment }),
    ...(typeof timeout === 'number' ? { 'timeout-minutes': timeout + MORE_MINUTES } : {}),
    outputs: exportOutputs(job, request),
    steps: [...setUp.steps, ...artifacts.before, gantry, ...artifacts.after],
  };
}

function exportEnvironment(job: Job, node: ReturnType<typeof fieldOf>): JsonValue | undefined {
  if (node === undefined) return undefined;
  const value = toJson(node);
  if (!job.environment?.url || !isJsonObject(value)) return value;
  return { ...value, url: stepOutput(URL_OUTPUT) };
}

function exportOutputs(job: Job, { report }: ExportRequest): JsonObject {
  const names = Object.keys(job.outputs);
  for (const name of names.filter((each) => each.startsWith('gantry_'))) {
    const at = job.outputs[name]?.at ?? job.at;
    report({ code: 'WF163', at, message: `the output "${name}" has a name that the exported job uses itself` });
  }
  const own = job.strategy?.matrix
    ? PUBLISHED_VERDICTS.map((verdict) => `${VERDICT_OUTPUT}_${verdict}`)
    : [VERDICT_OUTPUT];
  return Object.fromEntries([...names, ...own].map((name) => [name, stepOutput(name)]));
}

function stepOutput(name: string): string {
  return `\${{ steps.${STEP_ID}.outputs.${name} }}`;
}

interface StepSetting {
  readonly request: ExportRequest;
  readonly keepsState: boolean;
  /** Variables that tell which artifacts are brought and taken. */
  readonly artifacts: Readonly<Record<string, string>>;
}

function gantryStep(job: Job, { request, keepsState, artifacts }: StepSetting): JsonObject {
  const { prefix, workflow, root } = request;
  const node = fieldOf(fieldOf(root, 'jobs'), job.key);
  // What holds for all jobs is part of each.
  const shared = ['env', 'defaults', 'run-name'].map((key) => fieldOf(root, key));
  const mentions = [node, ...shared].flatMap((each) => mentionsIn(each));
  const reads = (context: string): boolean => mentions.some(({ mention }) => mention.name.toLowerCase() === context);
  const secrets = namedSecrets(mentions, { request, wantsToken: wantsToken(job, mentions) });
  const env: Record<string, string> = {};
  if (job.needs.length > 0) env['GANTRY_NEEDS'] = '${{ toJSON(needs) }}';
  if (job.strategy?.matrix) env['GANTRY_MATRIX'] = '${{ toJSON(matrix) }}';
  if (reads('vars')) env['GANTRY_VARS'] = '${{ toJSON(vars) }}';
  if (reads('inputs')) env['GANTRY_INPUTS'] = '${{ toJSON(inputs) }}';
  if (keepsState) env['GANTRY_STATE_DIR'] = STATE_FOLDER;
  Object.assign(env, artifacts);
  for (const name of secrets) env[name] = `\${{ secrets.${name} }}`;
  const words = ['npx', '--yes', request.package, 'run', request.file, '--job', job.key, '--from-github'];
  const command = [...words, ...secrets.flatMap((name) => ['--secret', name])].map(shellWord).join(' ');
  const hasDefaults = Object.keys(workflow.defaults).length > 0;
  const folder = prefix === '' ? '${{ github.workspace }}' : `\${{ github.workspace }}/${prefix.replace(/\/$/, '')}`;
  return {
    id: STEP_ID,
    name: `gantry run --job ${job.key}`,
    ...(hasDefaults ? { shell: 'bash' } : {}),
    ...(hasDefaults || prefix !== '' ? { 'working-directory': folder } : {}),
    ...(Object.keys(env).length > 0 ? { env } : {}),
    run: command,
  };
}

/** GitHub's token is no secret that is named: expressions read it as `github.token`, and actions take it by default. */
function wantsToken(job: Job, mentions: readonly PlacedMention[]): boolean {
  const isRead = mentions.some(({ mention }) => {
    const [field] = mention.path;
    return mention.name.toLowerCase() === 'github' && (field === undefined || field.name.toLowerCase() === 'token');
  });
  return isRead || usesSteps(job).some((step) => !isBuiltIn(nameOf(step)) && !step.uses.value.startsWith('docker:'));
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
