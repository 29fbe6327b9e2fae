/** Files that a program writes, and what it takes to write them or to see that they have drifted. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';

export type GeneratedFile = {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly content: string;
};

/** The text as Prettier would leave it, so that a generated file never fails the format check. */
export async function formatted(root: string, path: string, text: string): Promise<string> {
  const file = join(root, path);
  const options = await resolveConfig(file);
  // .oxlintrc.json and tsconfig files are plain JSON to us, whatever Prettier thinks of their names.
  const parser = path.endsWith('.json') ? { parser: 'json' } : {};
  return format(text, { ...options, filepath: file, ...parser });
}

/**
 * `text` with what stands between `<!-- name:start -->` and `<!-- name:end -->` replaced. When there are no such
 * markers, they are put at the end.
 */
export function replaceBetweenMarkers(text: string, name: string, body: string): string {
  const start = `<!-- ${name}:start -->`;
  const end = `<!-- ${name}:end -->`;
  const block = `${start}\n\n${body.trim()}\n\n${end}`;
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from === -1 || to < from) return `${text.trimEnd()}\n\n${block}\n`.trimStart();
  return text.slice(0, from) + block + text.slice(to + end.length);
}

/** The file as it is, or `fallback` when there is none. */
export function readOr(root: string, path: string, fallback: string): string {
  const file = join(root, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : fallback;
}

/** Paths whose content on disk is not what it should be. */
export function drifted(root: string, files: readonly GeneratedFile[]): readonly string[] {
  return files.filter((file) => readOr(root, file.path, '') !== file.content).map((file) => file.path);
}

/** Writes those that differ, and names them. */
export function writeDrifted(root: string, files: readonly GeneratedFile[]): readonly string[] {
  const paths = new Set(drifted(root, files));
  for (const file of files) {
    if (!paths.has(file.path)) continue;
    mkdirSync(dirname(join(root, file.path)), { recursive: true });
    writeFileSync(join(root, file.path), file.content);
  }
  return [...paths];
}
