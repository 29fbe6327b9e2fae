/** A secret that a job shows in every way it can, and a search for it in everything that the run left behind. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before as beforeAll, test } from 'node:test';
import { z } from 'zod';
import { openTestProject } from './support/gantry-command.ts';
import type { CommandResult, TestProject } from './support/gantry-command.ts';

// Characters that JSON, XML, shells and URLs all write in another way.
const TOKEN = `tk&"7'<q>\\x/ $Z%+9é-correct-horse`;
const KEY = '-----BEGIN KEY-----\nMIIEowIBAAKCAQEA4711\nq9Zt+/Zx8Jk2LmNoPqRs\n-----END KEY-----';
const MASKED = 'made-in-the-job-2718';

const PIPELINE = `
on: push
jobs:
  shows:
    runs-on: ubuntu-latest
    name: shows
    env:
      TOKEN: \${{ secrets.TOKEN }}
      KEY: \${{ secrets.KEY }}
    outputs:
      token: \${{ steps.files.outputs.token }}
      coded: \${{ steps.files.outputs.coded }}
    steps:
      - name: Plain, and on the other stream
        run: |
          echo "it is $TOKEN."
          echo "it is $TOKEN." >&2
          printf '%s' "$TOKEN"
      - name: In two writes
        shell: python3 {0}
        run: |
          import os, sys
          token = os.environ['TOKEN']
          for cut in range(1, len(token)):
              sys.stdout.write(token[:cut]); sys.stdout.flush()
              sys.stdout.write(token[cut:] + '\\n'); sys.stdout.flush()
          for letter in token.encode():
              sys.stdout.buffer.write(bytes([letter])); sys.stdout.flush()
      - name: In the forms of others
        shell: python3 {0}
        run: |
          import base64, binascii, html, json, os, shlex, textwrap, urllib.parse
          for name in ['TOKEN', 'KEY']:
              value = os.environ[name]
              raw = value.encode()
              print(json.dumps({'value': value}), json.dumps({'value': value}, ensure_ascii=False))
              print(json.dumps(json.dumps({'value': value})))
              for before in ['', 'u', 'us', 'user:', 'a much longer line before it:']:
                  coded = base64.b64encode(before.encode() + raw + b'-after')
                  print(coded.decode(), base64.urlsafe_b64encode(before.encode() + raw).decode())
                  print('\\n'.join(textwrap.wrap(coded.decode(), 20)))
              print(base64.encodebytes(raw * 3).decode())
              print(urllib.parse.quote(value), urllib.parse.quote(value, safe=''), urllib.parse.quote_plus(value))
              print(html.escape(value), shlex.quote(value), raw.hex(), raw.hex().upper())
      - name: Several lines
        run: |
          echo "$KEY"
          echo "$KEY" | tr -d '\\n'
          echo
          echo "$KEY" | sed -n 3p
      - name: Files
        id: files
        run: |
          echo "token=$TOKEN" >> "$GITHUB_OUTPUT"
          echo "coded=$(printf '%s' "$TOKEN" | base64 -w0)" >> "$GITHUB_OUTPUT"
          echo "AGAIN=$TOKEN" >> "$GITHUB_ENV"
          echo "summary $TOKEN" >> "$GITHUB_STEP_SUMMARY"
      - name: After the files
        run: |
          echo "$AGAIN"
          echo '\${{ steps.files.outputs.token == secrets.TOKEN }} it is' | sed 's/^/handed on: /'
      - name: Commands
        run: |
          echo "::error file=$TOKEN,line=3,title=$TOKEN::message with $TOKEN"
          echo "::group::$TOKEN"
          echo "::notice::\${TOKEN}"
          echo "::set-output name=old::$TOKEN"
      - name: Masked in the job
        run: |
          value="$(printf 'made-in-the-%s' job-2718)"
          echo "::add-mask::$value"
          echo "now $value"
      - name: Findings
        advisory: true
        run: |
          echo "src/app.py:3:1: E1 $TOKEN"
          exit 1
      - name: named \${{ secrets.TOKEN }}
        continue-on-error: true
        run: exit 1
      - name: Retried with \${{ secrets.TOKEN }}
        run: test -e again || { touch again; exit 1; }
        retry: { attempts: 2, on: [exit-code], delay: 1ms }
      - name: Expected
        continue-on-error: true
        run: 'true'
        expect:
          files: ['out/\${{ secrets.TOKEN }}.txt']
      - name: Unreadable output
        continue-on-error: true
        run: echo "$TOKEN" >> "$GITHUB_OUTPUT"
      - name: Bad expression
        continue-on-error: true
        run: echo \${{ fromJSON(secrets.TOKEN) }}
      - name: No such folder
        continue-on-error: true
        working-directory: \${{ secrets.TOKEN }}
        run: 'true'
      - name: Fails with it
        run: |
          echo "cannot log in with $TOKEN" >&2
          exit 1
  uses:
    needs: shows
    if: always()
    runs-on: ubuntu-latest
    steps:
      - name: Outputs with secrets are not handed on
        run: test -z '\${{ needs.shows.outputs.token }}\${{ needs.shows.outputs.coded }}'
`;

const Report = z.looseObject({
  jobs: z.array(
    z.looseObject({
      conclusion: z.string(),
      steps: z.array(z.looseObject({ name: z.string(), outcome: z.string() })),
    }),
  ),
});

let source: string;
let project: TestProject;
let result: CommandResult;

beforeAll(async () => {
  source = mkdtempSync(join(tmpdir(), 'gantry-secrets-'));
  writeFileSync(join(source, 'gantry.yml'), PIPELINE);
  project = openTestProject(source);
  const args = ['run', '--format', 'json', '--secret', 'TOKEN', '--secret', 'KEY'];
  result = await project.gantry(args, { TOKEN, KEY });
});

after(() => {
  project[Symbol.dispose]();
  rmSync(source, { recursive: true, force: true });
});

/** Pieces that occur nowhere by chance, in each encoding, and as base64 at each of its three offsets. */
function traces(): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  const pieces = {
    horse: 'correct-horse',
    line2: 'MIIEowIBAAKCAQEA4711',
    line3: 'q9Zt+/Zx8Jk2LmNoPqRs',
    masked: MASKED,
  };
  for (const [name, piece] of Object.entries(pieces)) {
    found.set(`${name}, plain`, Buffer.from(piece));
    found.set(`${name}, hex`, Buffer.from(Buffer.from(piece).toString('hex')));
    found.set(`${name}, HEX`, Buffer.from(Buffer.from(piece).toString('hex').toUpperCase()));
    for (const skipped of [0, 1, 2]) {
      const coded = Buffer.from('x'.repeat(skipped) + piece).toString('base64');
      found.set(
        `${name}, base64 ${skipped}`,
        Buffer.from(coded.slice(4, Math.floor(((skipped + piece.length) * 4) / 3))),
      );
    }
  }
  return found;
}

function assertClean(bytes: Buffer, where: string): void {
  // Tools wrap base64, so a trace may go over a line break.
  const flat = Buffer.from(bytes.filter((byte) => byte !== 10 && byte !== 13));
  for (const [name, trace] of traces()) {
    const at = flat.indexOf(trace);
    assert.equal(
      at,
      -1,
      `${name} is in ${where}: …${flat.subarray(Math.max(0, at - 80), at + 80).toString('latin1')}…`,
    );
  }
}

test('the run did all of it, and failed at its end as it should', () => {
  assert.equal(result.exitCode, 1, result.stderr);
  const { jobs } = Report.parse(JSON.parse(result.stdout));
  const [shows, uses] = jobs;
  const failed = (shows?.steps ?? []).filter((step) => step.outcome !== 'success').map((step) => step.name);
  assert.deepEqual(
    failed,
    ['Findings', 'named ***', 'Unreadable output', 'Bad expression', 'No such folder', 'Fails with it'],
    result.stderr,
  );
  assert.equal(uses?.conclusion, 'success', result.stderr);
});

test('the search finds what it looks for', () => {
  for (const before of ['', 'u', 'us'])
    assert.throws(() => assertClean(Buffer.from(Buffer.from(`${before}${TOKEN}`).toString('base64')), 'the probe'));
  assert.throws(() => assertClean(Buffer.from(KEY), 'the probe'));
});

test('stdout and stderr of the run hold no secret', () => {
  assertClean(Buffer.from(result.stdout), 'stdout');
  assertClean(Buffer.from(result.stderr), 'stderr');
});

for (const args of [
  ['show'],
  ['show', '--format', 'json'],
  ['show', '--format', 'markdown'],
  ['show', '--format', 'html'],
  ['logs'],
  ['runs', '--format', 'json'],
]) {
  test(`gantry ${args.join(' ')} holds no secret`, async () => {
    const said = await project.gantry(args);
    assert.notEqual(said.stdout, '');
    assertClean(Buffer.from(said.stdout + said.stderr), args.join(' '));
  });
}

test('no file under the state folder holds a secret, and none is named after one', () => {
  const files = readdirSync(project.stateFolder, { recursive: true, withFileTypes: true });
  const read = files.filter((entry) => entry.isFile());
  assert.ok(read.some((entry) => entry.name.startsWith('journal.db')));
  for (const entry of files) {
    const path = join(entry.parentPath, entry.name);
    assertClean(Buffer.from(path), 'the name of a file');
    if (entry.isFile()) assertClean(readFileSync(path), path);
  }
});
