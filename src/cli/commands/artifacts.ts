// What runs have kept under a name: listed, and laid out as files.
import { resolve } from 'node:path';
import type { RunId } from '#base/ids.ts';
import { suggest } from '#base/suggest.ts';
import { buildReport } from '#run/report/report.ts';
import { inline, padTo } from '#run/report/layout.ts';
import { artifactInWords, sizeInWords, utcMinute } from '#run/report/words.ts';
import type { Artifact } from '#stores/artifacts/artifacts.ts';
import type { Stores } from '../compose.ts';
import { EXIT } from '../exit-codes.ts';
import { UsageError } from '../usage-error.ts';
import { findRun, loadRun, openProject } from './history.ts';

type Format = 'text' | 'json';

export async function list(given: string | undefined, options: { readonly format: Format }): Promise<number> {
  const { stores } = openProject();
  const id = findRun(stores, given);
  await sweep(stores);
  const there = await stores.artifacts.list(id);
  if (options.format === 'json') {
    const artifacts = there.map(withoutRun);
    process.stdout.write(`${JSON.stringify({ version: 1, run: id, artifacts }, null, 2)}\n`);
    return EXIT.passed;
  }
  const expired = expiredOf(stores, id);
  if (there.length === 0 && expired.length === 0) process.stdout.write(`run ${id} has no artifacts\n`);
  const width = Math.max(0, ...[...there, ...expired].map(({ name }) => inline(name).length));
  for (const artifact of there)
    process.stdout.write(`${padTo(inline(artifact.name), width)}  ${artifactInWords(artifact)}\n`);
  for (const { name, expiresAtMs } of expired)
    process.stdout.write(`${padTo(inline(name), width)}  expired ${utcMinute(expiresAtMs)}\n`);
  return EXIT.passed;
}

/** Once known to the journal, and gone because its time was up. */
function expiredOf(stores: Stores, id: RunId): readonly { readonly name: string; readonly expiresAtMs: number }[] {
  return (buildReport(loadRun(stores, id)).artifacts ?? []).filter(({ expiresAtMs }) => expiresAtMs <= Date.now());
}

async function sweep(stores: Stores): Promise<void> {
  for (const { name, runId, bytes } of await stores.artifacts.sweep())
    process.stderr.write(`gantry: removed ${inline(name)} of ${runId} (${sizeInWords(bytes)}), which has expired\n`);
}

export interface DownloadOptions {
  readonly to?: string;
  readonly run?: string;
  readonly format: Format;
}

export async function download(name: string, options: DownloadOptions): Promise<number> {
  const { stores } = openProject();
  const id = findRun(stores, options.run);
  const artifact = await stores.artifacts.get(id, name);
  if (!artifact) throw new UsageError(await whyNot(stores, id, name));
  const folder = resolve(options.to ?? name);
  if ((await stores.artifacts.extract(artifact, folder)) === 'altered')
    throw new Error(`the content of ${name} is not what was uploaded: its digest differs`);
  process.stdout.write(
    options.format === 'json'
      ? `${JSON.stringify({ version: 1, run: id, artifact: withoutRun(artifact), folder }, null, 2)}\n`
      : `${inline(name)} of ${id} is in ${folder}\n`,
  );
  return EXIT.passed;
}

function withoutRun({ runId: _run, ...artifact }: Artifact): Omit<Artifact, 'runId'> {
  return artifact;
}

async function whyNot(stores: Stores, id: RunId, name: string): Promise<string> {
  const expired = expiredOf(stores, id).find((each) => each.name === name);
  if (expired) return `${name} of ${id} expired ${utcMinute(expired.expiresAtMs)}`;
  const names = (await stores.artifacts.list(id)).map((artifact) => artifact.name);
  if (names.length === 0) return `run ${id} has no artifacts`;
  const meant = suggest(name, names);
  return `run ${id} has no artifact ${name}${meant === undefined ? `; it has ${names.join(', ')}` : `. Did you mean ${meant}?`}`;
}
