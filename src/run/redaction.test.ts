import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createRedactor, redactText } from './redaction.ts';
import { secretForms, utf8Bytes } from './secret-forms.ts';

const SECRET = `p@ss "w'rd" <ä/é> & \\ 100%`;

function hidden(text: string, secret = SECRET): string {
  return redactText(text, secretForms(secret));
}

test('a secret is taken out as it is, and as tools write it', () => {
  const written = [
    SECRET,
    JSON.stringify(SECRET).slice(1, -1),
    JSON.stringify(JSON.stringify(SECRET).slice(1, -1)).slice(1, -1),
    encodeURIComponent(SECRET),
    new URLSearchParams({ a: SECRET }).toString().slice(2),
    Buffer.from(SECRET).toString('hex'),
    Buffer.from(SECRET).toString('hex').toUpperCase(),
    SECRET.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    SECRET.replaceAll("'", String.raw`'\''`),
  ];
  for (const text of written) assert.equal(hidden(`before ${text} after`), 'before *** after', text);
});

test('JSON in JSON is found however each of the two writes what is not ASCII', () => {
  const secret = 'pä"ss\\wörd';
  const ascii = (json: string): string =>
    json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const once = JSON.stringify({ secret });
  const nested = [
    JSON.stringify(once),
    JSON.stringify(ascii(once)),
    ascii(JSON.stringify(once)),
    ascii(JSON.stringify(ascii(once))),
  ];
  for (const text of nested) assert.equal(hidden(text, secret), String.raw`"{\"secret\":\"***\"}"`, text);
});

test('base64 of a longer text loses all digits that tell of the secret', () => {
  for (const alphabet of ['base64', 'base64url'] as const) {
    for (const before of ['', 'a', 'ab', 'user:', 'abcdefg']) {
      const text = Buffer.from(`${before}${SECRET}${'z'.repeat(9)}`).toString(alphabet);
      const shown = hidden(text);
      assert.match(shown, /\*\*\*/);
      assert.ok(shown.replace('***', '').length <= before.length * 1.4 + 17, shown);
    }
  }
});

test('each line of a secret of several lines is one, and so are all of them joined', () => {
  const key = '-----BEGIN KEY-----\nMIIEabcdef\nghijklmnop==\n-----END KEY-----\n';
  assert.equal(hidden('x MIIEabcdef y', key), 'x *** y');
  assert.equal(hidden('MIIEabcdefghijklmnop==', key), '***');
  assert.equal(hidden(`{"key": ${JSON.stringify(key)}}`, key), String.raw`{"key": "***\n"}`);
  assert.equal(hidden(key, key), '***\n***\n***\n***\n');
});

test('a secret that line breaks divide is taken out and the breaks stay', () => {
  assert.equal(hidden('a correct-horse\n-battery b', 'correct-horse-battery'), 'a ***\n*** b');
});

test('a blank value hides nothing, a very short one only itself', () => {
  assert.deepEqual(secretForms(' \n'), []);
  assert.equal(hidden('seven of 7', '7'), 'seven of ***');
  assert.deepEqual(secretForms('7'), ['7']);
});

test('touching finds make one mark', () => {
  assert.equal(redactText('abcdabcd!', ['abcd']), '***!');
  assert.equal(redactText('abcdef', ['abcd', 'cdef']), '***');
});

test('values added later count from then on', () => {
  const redactor = createRedactor(['first-one']);
  assert.equal(redactor.redact('first-one second-one'), '*** second-one');
  redactor.add('second-one');
  assert.equal(redactor.redact('first-one second-one'), '*** ***');
  assert.equal(createRedactor().isEmpty(), true);
});

test('UTF-8 is what the system’s encoder makes of it, lone surrogates included', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
      (text) => {
        assert.deepEqual([...utf8Bytes(text)], [...new TextEncoder().encode(text)]);
      },
    ),
  );
});
