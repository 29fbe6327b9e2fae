/** GitHub's own globber and ours find the same files, from the same lines. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { z } from 'zod';
import { findPaths, readPatterns } from '#execution/actions/path-patterns.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'gantry-globs-')));
after(() => rmSync(root, { recursive: true, force: true }));
const workspace = join(root, 'work [1]');
const home = join(root, 'home');

const FILES = [
  'a/1.txt', 'a/b/2.txt', 'a/b/2.log', 'a/b/c/3.txt', 'a/.hidden/4.txt', 'a/.env', 'a/b/.keep', '.config/5.txt', '.x',
  'd e/6.txt', 'x[1]/7.txt', 'q?/8.txt', 'star*/9.txt', 'plus+(a)/10.txt', '{y}/11.txt', 'UPPER/12.TXT', '#hash/13.txt',
  '!bang/14.txt', 'back\\slash/15.txt', '../home/.m2/16.txt', '../home/dist/17.txt',
]; // prettier-ignore
for (const file of FILES) {
  mkdirSync(dirname(join(workspace, file)), { recursive: true });
  writeFileSync(join(workspace, file), file);
}
mkdirSync(join(workspace, 'empty'));
symlinkSync('b', join(workspace, 'a/link'));
symlinkSync('nowhere', join(workspace, 'a/broken'));
symlinkSync('../../b', join(workspace, 'a/b/c/up'));
symlinkSync('1.txt', join(workspace, 'a/file-link'));

const CASES = [
  'a', 'a/', './a', 'a/**', 'a/*', '**', '*', '**/*.txt', 'a/**/*.txt', '**/b/**', '**/2.*', 'a/?.txt', 'a/[12].txt',
  'a\n!a/b', 'a/**\n!a/b/**', 'a/**\n!**/*.txt', 'a\n!a/b\na/b/2.log', '!a\na', 'a\n!!a', '!a', 'a/\n!a/1.txt/',
  'a/1.txt', 'a/1.txt\na/b/2.txt', 'a/b/2.txt\na', 'a/1.txt/', 'nope', 'nope/**\na/1.txt', 'a/.env', 'a/.hidden', '.config',
  '.*', '**/.*', 'd e/*', 'x\\[1\\]/*', 'x[[]1]/*', 'q[?]/*', 'q\\?/*', 'star[*]', 'plus+(a)', '{y}', '{a,y}/*', 'upper/*',
  '#hash', '[#]hash', '[!]bang', '\\!bang', '!bang', '# a remark\n\na/1.txt', '~', '~/dist', '~/**/*.txt', '~/.m2',
  'a//b', 'a/b/c/up', 'a/link', 'a/link/2.txt', 'a/broken', 'a/file-link', 'empty', '*/*.txt\n!a/*', 'a/b/**/3.txt',
  '**/c', '**/c/**', 'a/*/2.txt', 'a/**/2.txt', `${workspace.replace('[1]', '\\[1\\]')}/a/*.txt`, 'a/../a', 'a/./b', '..',
  'back\\\\slash/*', '[a]', '[ab]/*', '[a-c]/*', 'a/b/*.{txt,log}', '!(a)/*', '@(a|b)', '***', 'a**', '**a',
]; // prettier-ignore

const Answers = z.array(z.object({ error: z.boolean(), searchPaths: z.array(z.string()), found: z.array(z.string()) }));

/** In a process of its own: it works for the folder in which it runs, and writes debug lines as it goes. */
function oracle(options: object): z.infer<typeof Answers> {
  const script = `
    import { writeFileSync } from 'node:fs';
    import { create } from ${JSON.stringify(import.meta.resolve('@actions/glob'))};
    const answers = [];
    for (const text of ${JSON.stringify(CASES)}) {
      try {
        const globber = await create(text, ${JSON.stringify(options)});
        answers.push({ error: false, searchPaths: globber.getSearchPaths(), found: await globber.glob() });
      } catch {
        answers.push({ error: true, searchPaths: [], found: [] });
      }
    }
    writeFileSync(process.argv[2], JSON.stringify(answers));`;
  const file = join(root, 'oracle.mjs');
  writeFileSync(file, script);
  const answers = join(root, 'answers.json');
  execFileSync(process.execPath, [file, answers], {
    cwd: workspace,
    env: { ...process.env, HOME: home },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return Answers.parse(JSON.parse(readFileSync(answers, 'utf8')));
}

async function ours(
  text: string,
  options: { descendants: boolean; excludeHidden: boolean },
): Promise<z.infer<typeof Answers>[number]> {
  const read = readPatterns(text, { workspace, home });
  if (!read.ok) return { error: true, searchPaths: [], found: [] };
  const found: string[] = [];
  for await (const { path } of findPaths(read.value, options)) found.push(path);
  return { error: false, searchPaths: [...read.value.searchPaths], found };
}

for (const [name, options] of [
  ['as an upload searches', { descendants: true, excludeHidden: true }],
  ['with hidden files', { descendants: true, excludeHidden: false }],
  ['as a cache searches', { descendants: false, excludeHidden: false }],
] as const) {
  test(`the same paths are found ${name}`, async () => {
    const wanted = oracle({ implicitDescendants: options.descendants, excludeHiddenFiles: options.excludeHidden });
    for (const [index, text] of CASES.entries()) {
      const mine = await ours(text, options);
      const its = wanted[index];
      assert.deepEqual(
        { ...mine, found: mine.found.toSorted() },
        { ...its, found: its?.found.toSorted() },
        JSON.stringify(text),
      );
    }
  });
}
