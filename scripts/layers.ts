/**
 * Builds the walls of scripts/layer-table.ts: a tsconfig per layer with its references, the root tsconfig,
 * .oxlintrc.json, and the table in docs/architecture.md. A layer exists once its folder does.
 *
 *     node scripts/layers.ts            writes what differs
 *     node scripts/layers.ts --check    writes nothing; ends with 1 when something differs
 */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { drifted, formatted, readOr, replaceBetweenMarkers, writeDrifted, type GeneratedFile } from './generated.ts';
import { lintConfig } from './layer-lint.ts';
import { layers, type Layer } from './layer-table.ts';

/** Everything the table says, as files. Reads `root` only to see which layers exist, and the text round the table. */
export async function generateLayerFiles(root: string): Promise<readonly GeneratedFile[]> {
  const present = layers.filter((layer) => existsSync(join(root, 'src', layer.path)));
  const drafts = [
    ...present.map((layer) => ({
      path: `src/${layer.path}/tsconfig.json`,
      content: json(layerProject(layer, present)),
    })),
    { path: 'tsconfig.json', content: json(rootProject(present)) },
    { path: '.oxlintrc.json', content: json(lintConfig(layers)) },
    { path: 'docs/architecture.md', content: withTable(readOr(root, 'docs/architecture.md', '# Architecture\n')) },
  ];
  return Promise.all(
    drafts.map(async ({ path, content }) => ({ path, content: await formatted(root, path, content) })),
  );
}

/** Folders of src/ that hold code and stand in no row of the table: behind no wall at all. */
export function unwalledFolders(root: string): readonly string[] {
  const known = new Set(layers.map((layer) => layer.path));
  return readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => !(entry.isDirectory() && known.has(entry.name)))
    .map((entry) => `src/${entry.name}`);
}

function layerProject(layer: Layer, present: readonly Layer[]): object {
  const from = `src/${layer.path}`;
  const parts = present.filter((other) => other.path.startsWith(`${layer.path}/`));
  return {
    extends: `${relative(from, '.')}/tsconfig.base.json`,
    ...(layer.pure ? { compilerOptions: { types: [] } } : {}),
    include: ['.'],
    exclude: ['**/*.test.ts', '**/*.contract.ts', ...parts.map((part) => relative(layer.path, part.path))],
    references: present
      .filter((other) => layer.mayImport.includes(other.path))
      .map((other) => ({ path: relative(from, `src/${other.path}`) })),
  };
}

function rootProject(present: readonly Layer[]): object {
  return {
    files: [],
    references: [...present.map((layer) => ({ path: `src/${layer.path}` })), { path: 'tsconfig.test.json' }],
  };
}

function withTable(text: string): string {
  const rows = layers.map((layer) => {
    const may = layer.mayImport.length === 0 ? '–' : layer.mayImport.join(', ');
    return `| \`${layer.path}/\` | ${layer.purpose} | ${may} |`;
  });
  const table = ['| layer | what lives there | may import |', '|---|---|---|', ...rows].join('\n');
  return replaceBetweenMarkers(text, 'layers', table);
}

function json(value: object): string {
  return JSON.stringify(value);
}

async function main(): Promise<number> {
  const root = resolve(import.meta.dirname, '..');
  const files = await generateLayerFiles(root);
  const unwalled = unwalledFolders(root);
  for (const path of unwalled) console.error(`${path} stands in no row of scripts/layer-table.ts`);
  if (process.argv.includes('--check')) {
    const stale = drifted(root, files);
    for (const path of stale) console.error(`${path} differs from scripts/layer-table.ts; run: npm run layers`);
    return stale.length + unwalled.length === 0 ? 0 : 1;
  }
  for (const path of writeDrifted(root, files)) console.log(`wrote ${path}`);
  return unwalled.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main();
