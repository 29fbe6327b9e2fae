// Artifacts of a job that Gantry runs on GitHub: steps before its own bring what it may download, steps behind take what it
// uploaded. Each has a folder by its number, so that no name becomes a path or a pattern; `cli/carried-artifacts.ts` is inside.
import type { JsonObject } from '#base/json.ts';
import type { Job, UsesStep } from '../model.ts';
import type { ExportRequest } from './export-request.ts';
import { usesSteps } from './report-differences.ts';
import { isKnownBefore, nameOf } from './set-up-steps.ts';

const FOLDER = '${{ runner.temp }}/gantry-artifacts';
const STANDARD_NAME = 'artifact';
/** Of an upload, what GitHub's own is to do alike. What is missing or hidden was judged inside. */
const UPLOAD_OPTIONS = ['retention-days', 'overwrite', 'compression-level'];

export interface CarryingSteps {
  readonly before: readonly JsonObject[];
  readonly after: readonly JsonObject[];
  readonly env: Readonly<Record<string, string>>;
}

export function carryArtifacts(job: Job, request: ExportRequest): CarryingSteps {
  const downloads = new Map<string, Wanted>();
  const uploads = new Map<string, Made>();
  for (const step of usesSteps(job)) {
    const action = nameOf(step);
    if (action === 'actions/download-artifact') {
      const wanted = readDownload(step, job, request);
      if (wanted) downloads.set(JSON.stringify(wanted.by), wanted);
    } else if (action === 'actions/upload-artifact') {
      const made = readUpload(step, job, request);
      const earlier = made && uploads.get(made.name);
      if (made) uploads.set(made.name, earlier ? { ...made, options: { ...earlier.options, ...made.options } } : made);
    } else if (action.startsWith('actions/upload-artifact/')) {
      const message = `artifacts of the run are changed, and job "${job.key}" has only copies of them`;
      request.report({ code: 'WF165', at: step.uses.at, message });
    }
  }
  const before = [...downloads.values()].map(downloadStep);
  const after = [...uploads.values()].map(uploadStep);
  const env: readonly (readonly [string, string])[] = [
    ...before.map((_, index): [string, string] => [
      `GANTRY_DOWNLOAD_${index + 1}`,
      `\${{ steps.in_${index + 1}.outcome }}`,
    ]),
    ...[...uploads.keys()].map((name, index): [string, string] => [`GANTRY_UPLOAD_${index + 1}`, name]),
  ];
  return { before, after, env: env.length > 0 ? { GANTRY_ARTIFACTS: FOLDER, ...Object.fromEntries(env) } : {} };
}

interface Wanted {
  readonly uses: string;
  /** All of the run, when it names none. */
  readonly by: { readonly name?: string; readonly pattern?: string };
}

function readDownload(step: UsesStep, job: Job, { report }: ExportRequest): Wanted | undefined {
  const given = (name: string): string => step.with[name]?.value.trim() ?? '';
  for (const [name, why] of Object.entries(NOT_BROUGHT)) {
    const at = step.with[name]?.at;
    if (at === undefined || given(name) === '') continue;
    report({ code: 'WF165', at, message: `"${name}" ${why} job "${job.key}"` });
    return undefined;
  }
  const by = ['name', 'pattern'].find((each) => given(each) !== '');
  const value = by === undefined ? undefined : step.with[by];
  if (by === undefined || value === undefined) return { uses: step.uses.value, by: {} };
  if (isKnownBefore(value)) return { uses: step.uses.value, by: { [by]: value.value.trim() } };
  const message = `the artifact ${value.value.trim()} is known only inside job "${job.key}", and GitHub has to bring it before`;
  report({ code: 'WF165', at: value.at, message });
  return undefined;
}

/** Inputs of a download, with the middle of the sentence on why it cannot be done. */
const NOT_BROUGHT: Readonly<Record<string, string>> = {
  'artifact-ids': 'counts artifacts as GitHub does, which is not how they are counted in',
  'run-id': 'asks for artifacts of another run, which are not brought to',
  repository: 'asks for artifacts of a repository, which are not brought to',
};

/** Whether an artifact has to be there is judged inside: there, steps that tolerate it, or run on failure, come to it. */
function downloadStep({ uses, by }: Wanted, index: number): JsonObject {
  const folder = `${FOLDER}/in/${index + 1}`;
  return {
    id: `in_${index + 1}`,
    name: `Bring ${by.name ?? (by.pattern === undefined ? 'all artifacts' : `artifacts ${by.pattern}`)}`,
    'continue-on-error': true,
    uses,
    // In a folder of its name, as those of a pattern are.
    with: { ...by, path: by.name === undefined ? folder : `${folder}/${by.name}` },
  };
}

interface Made {
  readonly uses: string;
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
}

function readUpload(step: UsesStep, job: Job, { report }: ExportRequest): Made | undefined {
  const archive = step.with['archive'];
  if (archive !== undefined && !/^\s*(true)?\s*$/i.test(archive.value)) {
    const message = `without an archive, an artifact has the name of its file, which is known only inside job "${job.key}"`;
    report({ code: 'WF165', at: archive.at, message });
    return undefined;
  }
  const name = step.with['name'];
  if (name !== undefined && !isKnownBefore(name)) {
    const message = `the artifact ${name.value.trim()} is known only inside job "${job.key}", and GitHub has to know what it takes`;
    report({ code: 'WF165', at: name.at, message });
    return undefined;
  }
  const options: Record<string, string> = {};
  for (const option of UPLOAD_OPTIONS) {
    const value = step.with[option];
    if (value === undefined) continue;
    if (isKnownBefore(value)) options[option] = value.value.trim();
    else {
      const message = `"${option}" is known only inside job "${job.key}", and GitHub has to know how it takes the artifact`;
      report({ code: 'WF165', at: value.at, message });
    }
  }
  return { uses: step.uses.value, name: name?.value.trim() || STANDARD_NAME, options };
}

/** Also of a job that failed: what it uploaded before is there for whoever looks for the cause. */
function uploadStep({ uses, name, options }: Made, index: number): JsonObject {
  return {
    name: `Take ${name}`,
    if: 'always()',
    uses,
    with: {
      name,
      path: `${FOLDER}/out/${index + 1}`,
      'if-no-files-found': 'ignore',
      'include-hidden-files': 'true',
      ...options,
    },
  };
}
