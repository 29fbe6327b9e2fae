// Pipelines that are written twice, in YAML and in TypeScript: the same model comes of both, and the same diagnostics.
// In the TypeScript, `// ~~~ WF014` under a line marks where its diagnostic must be; `// @3+5 WF014` says column and
// length, and `// @26:36+4 WF040` the line too, where the comment cannot stand under it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { evaluatePipeline } from '#execution/typed/evaluate-pipeline.ts';
import type { Diagnostic } from '#workflow/diagnostic.ts';
import { readWorkflow } from '#workflow/read-workflow.ts';
import type { ReadResult } from '#workflow/read-workflow.ts';
import { readTyped } from '#workflow/typed/read-typed.ts';

const FOLDER = join(import.meta.dirname, 'fixtures/typed/pairs');
const options = { actions: ['actions/checkout', 'actions/cache'] };

async function readTs(name: string): Promise<ReadResult & { readonly text: string }> {
  const file = join(FOLDER, `${name}.ts`);
  const text = readFileSync(file, 'utf8');
  const evaluation = await evaluatePipeline({ file, text, root: FOLDER });
  assert.ok(evaluation.kind === 'value', JSON.stringify(evaluation));
  return { text, ...readTyped({ ...evaluation, file: 'gantry', text }, options) };
}

for (const name of readdirSync(FOLDER).flatMap((each) => /^(.*)\.ts$/.exec(each)?.[1] ?? [])) {
  test(`${name}: YAML and TypeScript come to the same`, async () => {
    const yaml = readWorkflow('gantry', readFileSync(join(FOLDER, `${name}.yml`), 'utf8'), options);
    const typed = await readTs(name);
    assert.deepEqual(said(typed.diagnostics), said(yaml.diagnostics));
    assert.deepEqual(withoutPlaces(typed.workflow), withoutPlaces(yaml.workflow));
  });

  test(`${name}: the diagnostics are where they are marked in the TypeScript`, async () => {
    const { text, diagnostics } = await readTs(name);
    // What is not honoured yet changes with what is built; that it is said of both is the other test's business.
    const lasting = diagnostics.filter(({ code }) => !code.startsWith('WF08'));
    const places = lasting.map(({ code, at }) => `${code} ${at.line}:${at.column} ${at.length}`);
    assert.deepEqual([...new Set(places)].toSorted(), marks(text).toSorted());
  });
}

/** What a diagnostic says, without its place and the line of another; equal ones at several places are said once. */
function said(diagnostics: readonly Diagnostic[]): readonly string[] {
  const texts = diagnostics.map(({ code, severity, message, cure }) =>
    `${code} ${severity} ${message} (${cure})`.replaceAll(/in line \d+/g, 'in line N'),
  );
  return [...new Set(texts)].toSorted();
}

function marks(text: string): readonly string[] {
  let line = 0;
  return text.split('\n').flatMap((each, index) => {
    const found = [...each.matchAll(/(~+) (WF\d{3})|@(?:(\d+):)?(\d+)\+(\d+) (WF\d{3})/g)];
    if (!each.trimStart().startsWith('//') || found.length === 0) {
      line = index + 1;
      return [];
    }
    return found.map(([, squiggle = '', code, otherLine, column, length, otherCode], at) => {
      const start = column ?? (found[at]?.index ?? 0) + 1;
      return `${code ?? otherCode} ${otherLine ?? line}:${start} ${length ?? squiggle.length}`;
    });
  });
}

function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (key === 'at' ? [] : [[key, withoutPlaces(item)]])),
  );
}
