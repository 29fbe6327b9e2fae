/** The help of every command fits the terminal, breaks between words, and shows how the command is used. */
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const GANTRY = resolve(import.meta.dirname, '../bin/gantry');

async function help(command: readonly string[], columns: number): Promise<string> {
  const env = { ...process.env, COLUMNS: String(columns), NO_COLOR: '1' };
  return (await promisify(execFile)(GANTRY, [...command, '--help'], { encoding: 'utf8', env })).stdout;
}

/** Every command, as the completion knows them. */
function commands(): readonly (readonly string[])[] {
  const script = execFileSync(GANTRY, ['completion', 'bash'], { encoding: 'utf8' });
  const paths = [...script.matchAll(/^ {4}'([a-z ]*)'\) words=/gm)].map(([, path = '']) => path);
  return paths.map((path) => path.split(' ').filter((word) => word !== ''));
}

test('no line of any help is wider than the terminal, of 60, 80 or 100 columns', async () => {
  const all = commands();
  assert.ok(all.length >= 19, all.join('\n'));
  for (const command of all) {
    const widths = command[0] === 'run' ? [60, 80, 100] : [80];
    const texts = await Promise.all(widths.map((columns) => help(command, columns)));
    for (const [index, columns] of widths.entries()) {
      const [body = ''] = (texts[index] ?? '').split(/^Examples?:$/m);
      const wide = body.split('\n').filter((line) => line.length > columns);
      assert.deepEqual(wide, [], `${command.join(' ')} at ${columns}`);
    }
  }
});

test('every command shows an example that fits 80 columns, and says nothing of empty lists', async () => {
  for (const command of commands()) {
    const text = await help(command, 80);
    const [, shown = ''] = text.split(/^Examples?:$/m);
    const lines = shown.split('\n').filter((line) => line !== '');
    assert.ok(lines.length > 0, `no example: ${command.join(' ')}`);
    for (const line of lines) assert.ok(/^ {2}.*gantry/.test(line) && line.length <= 80, line);
    assert.doesNotMatch(text, /default: \[\]/);
  }
});

test('the options of run stand in groups, and a long one in a line of its own', async () => {
  const text = await help(['run'], 80);
  const headings = [...text.matchAll(/^(\S.*):$/gm)].map(([, heading]) => heading);
  assert.deepEqual(headings, [
    'Arguments',
    'What is run',
    'What happened',
    'What it is given',
    'How it runs and reports',
    'Options',
    'Examples',
  ]);
  assert.ok(
    text.includes(`
  --service-command <name[:port]=command>
                            without a container engine, this command in the
                            place of a service
`),
    text,
  );
});

test('who mistypes an option is told what was meant, and whose help lists it', () => {
  const { stderr, status } = spawnSync(GANTRY, ['plan', '--jobb', 'test'], { encoding: 'utf8' });
  assert.equal(status, 2);
  assert.equal(
    stderr,
    "error: unknown option '--jobb'\n(Did you mean --job?)\n(gantry plan --help lists the options)\n",
  );
});
