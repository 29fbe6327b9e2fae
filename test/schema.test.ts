/** The schema that editors are given: it takes every pipeline that the reader takes, and marks the mistakes that a shape can show. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { z } from 'zod';
import { ACTION_NAMES } from '#cli/action-names.ts';
import { readWorkflow } from '#workflow/read-workflow.ts';
import { readYaml } from '#workflow/read-yaml.ts';
import { Reporter } from '#workflow/reporter.ts';
import { toJson } from '#workflow/yaml-node.ts';
import { CORPUS } from './oracle/corpus.ts';

const ROOT = join(import.meta.dirname, '..');
const text = readFileSync(join(ROOT, 'docs/schemas/pipeline.v1.json'), 'utf8');
const schema = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
const validate = new Ajv({ allErrors: true, allowUnionTypes: true, strict: true, strictRequired: false }).compile(
  schema,
);

/** What the schema has against a pipeline, a line for each place; nothing when it is taken. */
function complaints(source: string): readonly string[] {
  const { root } = readYaml(source, new Reporter('gantry.yml'));
  if (!root || validate(toJson(root))) return [];
  return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}

function isValid(file: string, source: string): boolean {
  return readWorkflow(file, source, { actions: ACTION_NAMES }).workflow !== undefined;
}

test('every valid pipeline of this repository is valid by the schema too', () => {
  const files = globSync(['test/scenarios/**/*.{yml,yaml}', 'examples/**/*.yml', 'gantry.yml', '.gantry/*.yml'], {
    cwd: ROOT,
  });
  let count = 0;
  for (const file of files.filter((each) => !/(action|expect)\.ya?ml$/.test(each))) {
    const source = readFileSync(join(ROOT, file), 'utf8');
    if (!isValid(file, source)) continue;
    count++;
    assert.deepEqual(complaints(source), [], relative(ROOT, file));
  }
  assert.ok(count >= 80, `only ${count} pipelines were found`);
});

test('every workflow of the corpus that the reader takes is taken by the schema', () => {
  let count = 0;
  for (const [name, source] of Object.entries(CORPUS)) {
    if (!isValid('gantry.yml', source)) continue;
    count++;
    assert.deepEqual(complaints(source), [], `${name}\n${source}`);
  }
  assert.ok(count >= 80, `only ${count} of the corpus are valid`);
});

const STEP = (step: string): string => `on: push\njobs: { a: { runs-on: x, steps: [${step}] } }`;
const JOB = (job: string): string => `on: push\njobs: { a: ${job} }`;

const MISTAKES: Readonly<Record<string, string>> = {
  'no jobs': 'on: push',
  'no event': 'jobs: { a: { runs-on: x, steps: [{ run: make }] } }',
  'an unknown event': 'on: pusk\njobs: { a: { runs-on: x, steps: [{ run: make }] } }',
  'an unknown event among others': 'on: { pusk: }\njobs: { a: { runs-on: x, steps: [{ run: make }] } }',
  'a filter of another event':
    'on: { workflow_dispatch: { branches: [x] } }\njobs: { a: { runs-on: x, steps: [{ run: make }] } }',
  'an unknown type': 'on: { pull_request: { types: [opend] } }\njobs: { a: { runs-on: x, steps: [{ run: make }] } }',
  'a schedule without a time': 'on: { schedule: [{ corn: x }] }\njobs: { a: { runs-on: x, steps: [{ run: make }] } }',
  'an unknown permission':
    'on: push\npermissions: { content: read }\njobs: { a: { runs-on: x, steps: [{ run: make }] } }',
  'an unknown key of the pipeline': 'on: push\njob: {}\njobs: { a: { runs-on: x, steps: [{ run: make }] } }',
  'a job without a machine': JOB('{ steps: [{ run: make }] }'),
  'a job without steps': JOB('{ runs-on: x }'),
  'an empty list of steps': JOB('{ runs-on: x, steps: [] }'),
  'an unknown key of a job': JOB('{ runs-on: x, need: b, steps: [{ run: make }] }'),
  'a key of a job that cannot be one': 'on: push\njobs: { "a b": { runs-on: x, steps: [{ run: make }] } }',
  'accept of a verdict that is none': JOB('{ runs-on: x, accept: unknown, steps: [{ run: make }] }'),
  'a matrix that is a list': JOB('{ runs-on: x, strategy: { matrix: [1] }, steps: [{ run: make }] }'),
  'a vector that is a value': JOB('{ runs-on: x, strategy: { matrix: { n: 1 } }, steps: [{ run: make }] }'),
  'a concurrency without a group': JOB('{ runs-on: x, concurrency: { queue: max }, steps: [{ run: make }] }'),
  'a service without an image': JOB('{ runs-on: x, services: { db: { ports: [1] } }, steps: [{ run: make }] }'),
  'minutes as text': JOB('{ runs-on: x, timeout-minutes: five, steps: [{ run: make }] }'),
  'a step of two kinds': STEP('{ run: make, uses: actions/checkout@v4 }'),
  'a step of no kind': STEP('{ name: nothing }'),
  'an unknown key of a step': STEP('{ run: make, retri: 2 }'),
  'inputs of a script': STEP('{ run: make, with: { a: b } }'),
  'a shell of an action': STEP('{ uses: actions/checkout@v4, shell: bash }'),
  'a wait with an environment': STEP('{ wait-all: , env: { A: b } }'),
  'no attempt': STEP('{ run: make, retry: 0 }'),
  'too many attempts': STEP('{ run: make, retry: { attempts: 21 } }'),
  'an unknown cause': STEP('{ run: make, retry: { on: [luck] } }'),
  'a fallback that does not say its loss': STEP('{ run: make, fallback: [{ run: b }] }'),
  'a fallback without a step': STEP('{ run: make, fallback: [{ loss: x }] }'),
  'a fallback with a condition': STEP('{ run: make, fallback: [{ loss: x, run: b, if: true }] }'),
  'a fallback that is no list': STEP('{ run: make, fallback: { loss: x, run: b } }'),
  'a date that is none': STEP('{ run: make, advisory: { until: tomorrow } }'),
  'an expectation of nothing': STEP('{ run: make, expect: {} }'),
  'tests without a report': STEP('{ run: make, expect: { tests: { min: 1 } } }'),
  'a minimum of no test': STEP('{ run: make, expect: { tests: { report: r.xml, min: 0 } } }'),
};

for (const [name, source] of Object.entries(MISTAKES)) {
  test(`an editor marks: ${name}`, () => {
    assert.notDeepEqual(complaints(source), []);
    assert.equal(isValid('gantry.yml', source), false, 'the reader takes it');
  });
}

test('each key has words that an editor can show', () => {
  const keys = [
    ...text.matchAll(/"(?:retry|fallback|advisory|expect|accept|consumes|produces)": \{ ?\s*"description": "([^"]+)"/g),
  ];
  assert.ok(keys.length >= 7, String(keys.length));
});
