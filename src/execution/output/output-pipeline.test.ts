import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { LogBatch } from '#stores/logs/log-store.ts';
import { createRedactor } from '#run/redaction.ts';
import { OutputPipeline } from './output-pipeline.ts';
import { StepCommands } from './step-commands.ts';

interface Shown {
  readonly text: string;
  readonly said: readonly string[];
  readonly batches: readonly LogBatch[];
}

function open(secrets: readonly string[] = []): { readonly pipeline: OutputPipeline; readonly shown: () => Shown } {
  const batches: LogBatch[] = [];
  const said: string[] = [];
  const commands = new StepCommands({
    registry: { current: () => [], add: () => undefined, remove: () => undefined },
    workspace: '/w',
    isDebug: false,
    env: {},
    toHost: (path) => path,
    note: ({ level, message }) => void said.push(`${level}: ${message}`),
    put: (file, name, value) => void said.push(`${file}: ${name}=${value}`),
  });
  const pipeline = new OutputPipeline({
    append: (batch) => void batches.push(batch),
    now: () => 1,
    hear: (line) => commands.hear(line),
    scan: (block) => block,
    redactor: createRedactor(secrets),
    step: 3,
  });
  const shown = (): Shown => ({
    text: Buffer.concat(batches.map((batch) => batch.bytes)).toString(),
    said,
    batches,
  });
  return { pipeline, shown };
}

/** Writes `chunks` to one stream to the end. */
function show(chunks: readonly (string | Buffer)[], secrets: readonly string[] = []): Shown {
  const { pipeline, shown } = open(secrets);
  for (const chunk of chunks) pipeline.write('stdout', Buffer.from(chunk));
  pipeline.end();
  for (const batch of shown().batches) {
    assert.equal(batch.bytes.at(-1), 10);
    assert.equal(batch.bytes.filter((byte) => byte === 10).length, batch.lines);
  }
  return shown();
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % Math.max(1, sizes.length)] ?? 1);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

test('lines come whole, the last one gets its line break, Windows line breaks become plain', () => {
  assert.equal(show(['on', 'e\ntwo\r', '\nthr', 'ee']).text, 'one\ntwo\nthree\n');
  assert.equal(show(['10%\r20%\r30%\n']).text, '10%\r20%\r30%\n');
  assert.equal(show([]).text, '');
});

test('a block of plain lines goes through as it is, in one batch', () => {
  const { batches } = show(['a\nb\nc\n']);
  assert.deepEqual(batches, [{ step: 3, stream: 'stdout', atMs: 1, lines: 3, bytes: Buffer.from('a\nb\nc\n') }]);
});

test('bytes that are no UTF-8 stay what they are', () => {
  const bytes = Buffer.from([0xff, 0xfe, 0x41, 0xc3, 10]);
  assert.deepEqual(show([bytes], ['secret']).batches[0]?.bytes, bytes);
});

test('a line without an end is cut, between characters, and memory stays bounded', () => {
  const { text } = show(['x'.repeat(65_535) + 'ä'.repeat(10) + '\n']);
  assert.equal(text, `${'x'.repeat(65_535)}\n${'ä'.repeat(10)}\n`);
});

test('commands are heard in order; what is for people is shown, what is for the runner is not', () => {
  const { text, said } = show([
    'a\n::group::Build\n::error file=a.py,line=3::bad\n',
    '::set-output name=x::1\n  ::notice::hi%0Athere\n##[endgroup]\nstd::vector ::error::no\n::nonsense::x\nz\n',
    'std::vector ##[warning]heard\n',
  ]);
  assert.match(
    text,
    /^a\n##\[group\]Build\nError: bad\nWarning: The `set-output` command is deprecated .*\nNotice: hi\nthere\n##\[endgroup\]\nstd::vector ::error::no\n::nonsense::x\nz\nWarning: heard\n$/,
  );
  assert.deepEqual(
    said.filter((each) => !each.includes('deprecated')),
    ['error: bad', 'output: x=1', 'notice: hi\nthere', 'warning: heard'],
  );
});

test('paused commands are text until the token comes, on either stream', () => {
  const { pipeline, shown } = open();
  pipeline.write('stdout', Buffer.from('::stop-commands::tok\n::error::text\n'));
  pipeline.write('stderr', Buffer.from('::warning::text too\n::tok::\n::warning::heard\n'));
  pipeline.end();
  assert.equal(shown().text, '::stop-commands::tok\n::error::text\n::warning::text too\n::tok::\nWarning: heard\n');
  assert.deepEqual(shown().said, ['warning: heard']);
});

test('a long token that ends a pause is guarded like a secret', () => {
  assert.equal(
    show(['::stop-commands::token-1234\nit is token-1234\n::token-1234::\n']).text,
    '::stop-commands::***\nit is ***\n::***::\n',
  );
});

test('a mask protects the lines behind it, in the same chunk too, and is not shown itself', () => {
  assert.equal(show(['hush-hush\n::add-mask::hush-hush\nhush-hush\n']).text, 'hush-hush\n***\n');
});

test('lines are held back only while a secret may have begun', () => {
  const { pipeline, shown } = open(['correct-horse-battery']);
  pipeline.write('stdout', Buffer.from('hello\ncor\n'));
  assert.equal(shown().text, 'hello\ncor\n');
  pipeline.write('stdout', Buffer.from('next\ncorrect-\n'));
  assert.equal(shown().text, 'hello\ncor\nnext\n');
  pipeline.write('stdout', Buffer.from('ly\n'));
  assert.equal(shown().text, 'hello\ncor\nnext\ncorrect-\nly\n');
});

test('a secret printed a letter a line is lost behind its third letter', () => {
  const { text } = show(
    Array.from('hunter2hunter2', (letter) => `${letter}\n`),
    ['hunter2hunter2'],
  );
  assert.equal(text, `h\nu\nn\n${'***\n'.repeat(11)}`);
});

test('a secret in base64 wrapped by the tool is taken out of every line', () => {
  const secret = 'k'.repeat(30) + 'correct horse battery staple'.repeat(6);
  const wrapped = Buffer.from(`user:${secret}:x`).toString('base64').replace(/.{76}/g, '$&\n');
  const { text } = show([`${wrapped}\n`], [secret]);
  assert.match(text, /^dXNlc\w*\*\*\*\n(\*\*\*\n)+\*\*\*\w*=*\n$/);
});

const SECRETS = [
  'hunter2-and-more',
  'p@ss "quoted" \\ wörd',
  'AAAABAAAAB',
  '-----BEGIN-----\nMIIEvwIBADAN\n-----END-----\n',
  'pw7',
];

const piece = fc.oneof(
  fc.constantFrom(...SECRETS.flatMap((secret) => forms(secret))),
  fc.constantFrom(
    'hunt',
    'AAAAB',
    'AAAA',
    '\n',
    '\n',
    '\r\n',
    '\r',
    ' ',
    '::',
    '::error::hunter2-and-more\n',
    'ä',
    'std::x',
  ),
  fc.constantFrom('\n::add-mask::later-on\n', 'later-on', '\n::group::g\n', '\n::stop-commands::t\n', '\n::t::\n'),
  fc.string({ maxLength: 6 }),
);

function forms(secret: string): readonly string[] {
  const bytes = Buffer.from(secret.trim());
  // The digits that depend on the secret alone: the last one may hold bits of what comes next.
  const base64 = bytes.toString('base64').slice(0, Math.floor((bytes.length * 8) / 6));
  return [secret, base64, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.trim())];
}

test('any chunking of the output gives the same log and the same commands', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 25 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 9 }),
      (parts, sizes) => {
        const bytes = Buffer.from(parts.join(''));
        const whole = show([bytes], SECRETS);
        const pieces = show(cut(bytes, sizes), SECRETS);
        assert.equal(pieces.text, whole.text);
        assert.deepEqual(pieces.said, whole.said);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('a long output in large chunks is the same as in one', () => {
  const line = fc.tuple(fc.integer({ min: 0, max: 70_000 }), fc.constantFrom(...SECRETS, 'x', 'ä'));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), fc.integer({ min: 1_000, max: 80_000 }), (lines, size) => {
      const bytes = Buffer.from(lines.map(([length, word]) => `${'y'.repeat(length)}${word}z\n`).join(''));
      assert.equal(show(cut(bytes, [size]), SECRETS).text, show([bytes], SECRETS).text);
    }),
    { numRuns: 30 },
  );
});

test('no secret survives any chunking, in any of its forms, with or without line breaks in it', () => {
  const broken = fc
    .tuple(fc.constantFrom(...SECRETS.slice(0, 4)), fc.nat(3), fc.array(fc.nat(60), { maxLength: 3 }))
    .map(([secret, form, breaks]) => {
      const text = forms(secret)[form] ?? '';
      return breaks.reduce((current, at) => `${current.slice(0, at)}\n${current.slice(at)}`, text);
    });
  const noise = fc.constantFrom('', ' ', '\n', 'log: ', '"', 'hun', 'AAAA', '-----');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(noise, broken), { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 30 })),
      (parts, sizes) => {
        const { text } = show(cut(Buffer.from(parts.flat().join('')), sizes), SECRETS);
        const flat = text.replaceAll(/[\r\n]/g, '');
        for (const form of SECRETS.slice(0, 4).flatMap(forms)) {
          assert.ok(!flat.includes(form.replaceAll(/[\r\n]/g, '')), `${form} in ${text}`);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test('the last line is for a live view: not blank, redacted, a progress bar’s latest state', () => {
  const { pipeline } = open(['the-secret']);
  assert.equal(pipeline.lastLine(), '');
  pipeline.write('stdout', Buffer.from('one\ntwo the-secret\n\n'));
  assert.equal(pipeline.lastLine(), 'two ***');
  pipeline.write('stderr', Buffer.from('10%\r20%\r\n\n'));
  assert.equal(pipeline.lastLine(), '20%');
  pipeline.write('stdout', Buffer.from('\n \n'));
  assert.equal(pipeline.lastLine(), '20%');
});
