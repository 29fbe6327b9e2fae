/** `gantry diagnose --log`: the built command on logs of any origin. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { z } from 'zod';
import { openProjectOf } from './export/on-github.ts';

const SCHEMA = join(import.meta.dirname, '../docs/schemas/diagnosis.v1.json');
const FAILED = `$ make
cc -c a.c
a.c: In function 'main':
a.c:3:5: error: 'x' undeclared
    3 |   x = 1;
      |   ^
make: *** [Makefile:2: a.o] Error 1
`;
const Printed = z.object({
  cause: z.string(),
  layer: z.string(),
  confidence: z.number(),
  excerpt: z.array(z.object({ start: z.number(), end: z.number() })),
});

function logsOf(files: Readonly<Record<string, string | Uint8Array>>): ReturnType<typeof openProjectOf> {
  const project = openProjectOf({
    'gantry.yml': 'on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: "true" }] } }\n',
  });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(project.folder, name), content);
  return project;
}

test('the cause comes first, then its lines by number', async () => {
  using project = logsOf({ 'build.log': FAILED });
  const { stdout, exitCode } = await project.gantry(['diagnose', '--log', 'build.log']);
  assert.equal(exitCode, 0);
  assert.match(stdout, /^✗ the compiler objects to a\.c:3:5: 'x' undeclared\n {2}code, \d+ % sure · c-error\n\n/);
  assert.match(
    stdout,
    /\n {2}3 │ a\.c: In function 'main':\n {2}4 │ a\.c:3:5: error: 'x' undeclared\n {2}5 │ {5}3 \| {3}x = 1;\n/,
  );
});

test('as JSON it is what the schema says, also of a packed log', async () => {
  using project = logsOf({ 'build.log.gz': gzipSync(FAILED) });
  const { stdout } = await project.gantry(['diagnose', '--log', 'build.log.gz', '--format', 'json']);
  const schema = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(SCHEMA, 'utf8')));
  const validate = new Ajv2020({ allErrors: true }).compile(schema);
  assert.ok(validate(JSON.parse(stdout)), JSON.stringify(validate.errors));
  const { excerpt, layer } = Printed.parse(JSON.parse(stdout));
  assert.equal(layer, 'code');
  assert.deepEqual(excerpt, [{ start: 3, end: 6 }]);
});

test('with a green log, an error that was there before is not the cause', async () => {
  const noise = 'ERROR: telemetry could not be sent\nFATAL: cache is cold\n';
  using project = logsOf({
    'red.log': `${noise}the widget did not spin\nexit status 1\n`,
    'green.log': `${noise}all is well\n`,
  });
  const { stdout } = await project.gantry(['diagnose', '--log', 'red.log', '--green', 'green.log', '--format', 'json']);
  const { excerpt, cause } = Printed.parse(JSON.parse(stdout));
  assert.equal(cause, 'the widget did not spin');
  assert.ok(
    excerpt.every(({ start }) => start >= 3),
    JSON.stringify(excerpt),
  );
});

test('a log without a failure is told so', async () => {
  using project = logsOf({ 'green.log': 'checking for gcc... yes\n12 passed in 0.3s\n[INFO] BUILD SUCCESS\n' });
  const text = await project.gantry(['diagnose', '--log', 'green.log']);
  assert.equal(text.stdout, '✓ the log tells of no failure\n');
  const json = await project.gantry(['diagnose', '--log', 'green.log', '--format', 'json']);
  assert.deepEqual(JSON.parse(json.stdout), {
    version: 1,
    cause: 'the log tells of no failure',
    layer: 'unknown',
    confidence: 0,
    excerpt: [],
  });
});

test('a file that is no log is refused in plain words', async () => {
  using project = logsOf({
    'empty.log': '',
    'picture.png': Buffer.from([0x89, 0x50, 0, 0, 1, 10, 0, 7]),
    'cut.gz': gzipSync(FAILED).subarray(0, 30),
  });
  for (const [file, reason] of [
    ['nowhere.log', 'there is no such file'],
    ['.', 'it is a folder'],
    ['empty.log', 'it is empty'],
    ['picture.png', 'it is not text: it holds bytes of value zero'],
    ['cut.gz', 'its gzip data ends too early'],
  ] as const) {
    const { stderr, exitCode } = await project.gantry(['diagnose', '--log', file]);
    assert.equal(stderr, `gantry: cannot read the log ${file}: ${reason}\n`);
    assert.equal(exitCode, 2);
  }
  assert.equal((await project.gantry(['diagnose'])).stderr, 'gantry: there is no run yet; start one with gantry run\n');
  assert.equal(
    (await project.gantry(['diagnose', '--green', 'x'])).stderr,
    'gantry: name the log: gantry diagnose --log FILE\n',
  );
});
