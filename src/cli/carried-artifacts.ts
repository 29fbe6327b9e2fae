// Artifacts of a job of an exported workflow: steps round it bring and take them (`workflow/export/carry-artifacts.ts`), and
// here they come into the run's store before it starts, and out of it when it has ended.
import { readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { jobId } from '#base/ids.ts';
import type { RunId } from '#base/ids.ts';
import type { ArtifactStore } from '#stores/artifacts/artifacts.ts';
import { annotationCommand } from './github-lines.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** No key of a job begins like this. */
const ELSEWHERE = jobId('(on GitHub)');
/** Longer than any job runs. */
const KEPT_MS = 35 * 24 * 60 * 60 * 1000;

interface CarriedArtifacts {
  /** `in/<n>`: each has a folder for each artifact, by its name. */
  readonly brought: readonly string[];
  /** By the name of an artifact, the folder from which it is taken. */
  readonly taken: ReadonlyMap<string, string>;
  readonly out: string;
}

interface RunStore {
  readonly store: ArtifactStore;
  readonly runId: RunId;
}

/** Round `drive`, which ends with the exit code of the run. */
export async function carryArtifacts(
  drive: () => Promise<number>,
  { env, ...run }: RunStore & { readonly env: Environment },
): Promise<number> {
  const carried = readCarriedArtifacts(env);
  if (carried) await takeIn(carried, run);
  const exitCode = await drive();
  const left = await putOut(carried?.taken ?? new Map<string, string>(), run);
  for (const name of left) {
    const message = `no step of the exported workflow takes the artifact "${name}": it stays on this machine`;
    process.stderr.write(`${annotationCommand({ level: 'warning', message })}\n`);
  }
  return exitCode;
}

/** Undefined when nothing is brought or taken. */
function readCarriedArtifacts(env: Environment): CarriedArtifacts | undefined {
  const folder = env['GANTRY_ARTIFACTS'] ?? '';
  if (folder === '') return undefined;
  const out = join(folder, 'out');
  const taken = new Map<string, string>();
  for (const { number, value } of numbered(env, 'GANTRY_UPLOAD_'))
    if (!taken.has(value)) taken.set(value, join(out, number));
  const brought = numbered(env, 'GANTRY_DOWNLOAD_')
    // A download that failed may have left a part of an artifact, which would pass for the whole.
    .filter(({ value }) => value === 'success')
    .map(({ number }) => join(folder, 'in', number));
  return { brought, taken, out };
}

function numbered(env: Environment, prefix: string): readonly { readonly number: string; readonly value: string }[] {
  return Object.entries(env)
    .filter(([name]) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map(([name, value]) => ({ number: name.slice(prefix.length), value: value?.trim() ?? '' }))
    .toSorted((a, b) => Number(a.number) - Number(b.number));
}

async function takeIn({ brought, out }: CarriedArtifacts, { store, runId }: RunStore): Promise<void> {
  // What another job left on a machine that stays would go for this one's.
  await rm(out, { recursive: true, force: true });
  for (const folder of brought) {
    const entries = await readdir(folder, { withFileTypes: true });
    for (const { name } of entries.filter((entry) => entry.isDirectory())) {
      const draft = { runId, name, jobId: ELSEWHERE, attempt: 1, retentionMs: KEPT_MS, overwrite: false };
      const files = await filesIn(join(folder, name));
      // `exists`: by its name and by a pattern, it came twice.
      await store.save(draft, { form: 'tree', files });
    }
  }
}

async function filesIn(folder: string): Promise<readonly { readonly path: string; readonly source: string }[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((source) => ({ path: relative(folder, source), source }));
}

/** Lays out what the job has uploaded. The answer: names of artifacts that no step takes, so that they stay here. */
async function putOut(taken: CarriedArtifacts['taken'], { store, runId }: RunStore): Promise<readonly string[]> {
  const left: string[] = [];
  for (const artifact of await store.list(runId)) {
    if (artifact.jobId === ELSEWHERE) continue;
    const folder = taken.get(artifact.name);
    if (folder === undefined) left.push(artifact.name);
    else if ((await store.extract(artifact, folder)) === 'altered')
      throw new Error(`the content of the artifact ${artifact.name} is not what was uploaded: its digest differs`);
  }
  return left;
}
