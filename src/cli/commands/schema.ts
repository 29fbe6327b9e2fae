import { EXIT } from '../exit-codes.ts';
import { readSchema, schemaPath } from '../pipeline-schema.ts';

export function schema(options: { readonly path?: boolean }): number {
  process.stdout.write(options.path ? `${schemaPath()}\n` : readSchema());
  return EXIT.passed;
}
