import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { diagnose } from '../diagnose.ts';
import { LogSkim } from '../log/log-skim.ts';
import { SIGNATURES } from './signatures.ts';

const SAMPLES = join(import.meta.dirname, 'samples');

function diagnoseText(text: string): ReturnType<typeof diagnose> {
  const skim = new LogSkim();
  skim.add(Buffer.from(text));
  return diagnose(skim.finish());
}

test('there are at least 150 known failures, each with an id of its own and one sample', () => {
  const ids = SIGNATURES.map(({ id }) => id);
  assert.ok(ids.length >= 150, `${ids.length} entries`);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(readdirSync(SAMPLES).toSorted(), ids.map((id) => `${id}.log`).toSorted());
});

for (const { id, layer } of SIGNATURES) {
  test(`in its sample, ${id} is found, and its layer is ${layer}`, () => {
    const file = join(SAMPLES, `${id}.log`);
    assert.ok(existsSync(file));
    const diagnosis = diagnoseText(readFileSync(file, 'utf8'));
    assert.equal(diagnosis.signature, id);
    assert.equal(diagnosis.layer, layer);
    assert.ok(diagnosis.excerpt.length > 0);
    assert.doesNotMatch(`${diagnosis.cause} ${diagnosis.fix ?? ''}`, /\$\d/, 'names are filled in');
  });
}

test('what is put in is what the tool named', () => {
  const diagnosis = diagnoseText(
    "E: Package 'libgl1-mesa-glx' has no installation candidate\n##[error]Process completed with exit code 100.\n",
  );
  assert.equal(
    diagnosis.cause,
    'apt knows the package libgl1-mesa-glx by name, but this release of the system does not offer it',
  );
});
