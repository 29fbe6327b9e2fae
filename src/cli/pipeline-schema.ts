// The schema of pipelines as it comes with the package.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const IN_PACKAGE = 'docs/schemas/pipeline.v1.json';
/** Where `gantry init` puts a copy: beside the pipeline, so that editors find it without a network or an installation. */
export const SCHEMA_COPY = '.gantry/schema.json';

/** The bundle and the sources stand at different depths of the package. */
export function schemaPath(): string {
  for (let folder = import.meta.dirname; dirname(folder) !== folder; folder = dirname(folder)) {
    const path = join(folder, IN_PACKAGE);
    if (existsSync(path)) return path;
  }
  throw new Error(`the package is not complete: ${IN_PACKAGE} is missing`);
}

export function readSchema(): string {
  return readFileSync(schemaPath(), 'utf8');
}
