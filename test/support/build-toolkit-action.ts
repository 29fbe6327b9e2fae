import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** The action of toolkit-action.ts, with all that it needs in one file, as published ones are. */
export async function buildToolkitAction(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'action.yml'),
    `name: script
inputs:
  script: { required: true }
  github-token: { required: true, default: '\${{ github.token }}' }
outputs: { result: { description: what the script returned } }
runs: { using: node24, main: index.mjs }
`,
  );
  await build({
    entryPoints: [join(import.meta.dirname, 'toolkit-action.ts')],
    outfile: join(folder, 'index.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; import { fileURLToPath as toPath } from 'node:url'; import { dirname as dirOf } from 'node:path'; const require = createRequire(import.meta.url); const __filename = toPath(import.meta.url); const __dirname = dirOf(__filename);",
    },
  });
}
