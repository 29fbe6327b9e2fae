// The exported workflow as text: always the same for the same input.
import { Document, isMap, isScalar, visit } from 'yaml';
import type { JsonObject, JsonValue } from '#base/json.ts';
import { isJsonObject } from '#base/json.ts';
import { isList } from '../expression-data.ts';

/** `owner/repository[/path]@ref`, taken apart. */
export interface ActionReference {
  readonly repository: string;
  readonly path: string;
  readonly ref: string;
}

const REFERENCE = /^([\w.-]+\/[\w.-]+)((?:\/[^@]+)?)@(.+)$/;
const COMMIT = /^[0-9a-f]{40}$/;

/** Undefined for a path, an image, and what names a commit already. */
function parseReference(uses: string): ActionReference | undefined {
  if (/^(\.|\$|docker:)/.test(uses)) return undefined;
  const [, repository = '', path = '', ref = ''] = REFERENCE.exec(uses) ?? [];
  return repository === '' || COMMIT.test(ref) ? undefined : { repository, path, ref };
}

/** By `owner/repository@ref`, its commit. */
export type Pins = ReadonlyMap<string, string>;

export function pinKey({ repository, ref }: Pick<ActionReference, 'repository' | 'ref'>): string {
  return `${repository.toLowerCase()}@${ref}`;
}

/** What has to be pinned, each repository and ref once, in the order of the file. */
export function referencesToPin(workflow: JsonObject): readonly ActionReference[] {
  const found = new Map<string, ActionReference>();
  const look = (value: JsonValue): void => {
    if (isList(value)) for (const each of value) look(each);
    else if (isJsonObject(value)) {
      for (const [key, each] of Object.entries(value)) {
        const reference = key === 'uses' && typeof each === 'string' ? parseReference(each) : undefined;
        if (reference) found.set(pinKey(reference), reference);
        else look(each);
      }
    }
  };
  look(workflow['jobs'] ?? {});
  return [...found.values()];
}

const PINNED_LINE = /^\s*(?:-\s+)?uses:\s+["']?([\w.-]+\/[\w.-]+)(?:\/[^@\s]+)?@([0-9a-f]{40})["']?\s+#\s+(\S+)\s*$/gm;

/** The pins that a file has, which was written earlier. */
export function pinsIn(text: string): Pins {
  const lines = [...text.matchAll(PINNED_LINE)];
  return new Map(lines.map(([, repository = '', sha = '', ref = '']) => [pinKey({ repository, ref }), sha]));
}

export const WRITTEN_BY = '# Written by gantry export github';

export function writeWorkflow(workflow: JsonObject, header: readonly string[], pins: Pins): string {
  const document = new Document(workflow, { aliasDuplicateObjects: false });
  visit(document, {
    Pair: (_key, pair) => {
      if (!isScalar(pair.key) || pair.key.value !== 'uses' || !isScalar(pair.value)) return undefined;
      const reference = typeof pair.value.value === 'string' ? parseReference(pair.value.value) : undefined;
      const sha = reference && pins.get(pinKey(reference));
      if (!reference || sha === undefined) return undefined;
      pair.value.value = `${reference.repository}${reference.path}@${sha}`;
      pair.value.comment = ` ${reference.ref}`;
      return undefined;
    },
  });
  separateParts(document);
  const comment = header.map((line) => (line === '' ? '#' : `# ${line}`)).join('\n');
  return `${comment}\n\n${document.toString({ lineWidth: 0, nullStr: '', singleQuote: true })}`;
}

/** A blank line before `jobs:` and between jobs. */
function separateParts(document: Document): void {
  if (!isMap(document.contents)) return;
  for (const pair of document.contents.items) {
    if (!isScalar(pair.key) || pair.key.value !== 'jobs') continue;
    pair.key.spaceBefore = true;
    if (!isMap(pair.value)) continue;
    for (const job of pair.value.items.slice(1)) if (isScalar(job.key)) job.key.spaceBefore = true;
  }
}
