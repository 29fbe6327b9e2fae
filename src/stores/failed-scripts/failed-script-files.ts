import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JobId, RunId } from '#base/ids.ts';
import { parseJson } from '#base/json.ts';
import { safeName } from '../safe-name.ts';
import type { FailedScript, FailedScriptStore } from './failed-scripts.ts';

/** `<dir>/<run>/<job>/<step>.json`. */
export function openFileFailedScripts(dir: string): FailedScriptStore {
  const fileOf = (runId: RunId, jobId: JobId, step: number): string =>
    join(dir, safeName(runId), safeName(jobId), `${step}.json`);
  return {
    keep(failed) {
      const file = fileOf(failed.runId, failed.jobId, failed.step);
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const draft = `${file}.draft`;
      writeFileSync(draft, `${JSON.stringify(failed)}\n`, { mode: 0o600 });
      renameSync(draft, file);
    },
    find(runId, jobId, step) {
      const value = parseJson(read(fileOf(runId, jobId, step)));
      return isFailedScript(value) ? value : undefined;
    },
    remove: (runId) => rmSync(join(dir, safeName(runId)), { recursive: true, force: true }),
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

/** Only `keep` writes these. */
function isFailedScript(value: unknown): value is FailedScript {
  return typeof value === 'object' && value !== null && 'v' in value && value.v === 1 && 'argv' in value;
}
