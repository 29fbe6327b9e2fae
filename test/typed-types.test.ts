// The types that the package ships, held against the real compiler in a project that has it installed.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { evaluatePipeline } from '#execution/typed/evaluate-pipeline.ts';
import { readTyped } from '#workflow/typed/read-typed.ts';

const ROOT = resolve(import.meta.dirname, '..');
const COMPILER = join(ROOT, 'node_modules/.bin/tsc');
const DOCUMENT = readFileSync(join(ROOT, 'docs/typed-pipelines.md'), 'utf8');
const EXAMPLE = block('ts');

/** The first block of the document in this language. */
function block(language: string): string {
  return new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(DOCUMENT)?.[1] ?? '';
}

/** A project with the package in its node_modules, and the configuration that the documentation shows. */
function openTypedProject(files: Readonly<Record<string, string>>): Disposable & { readonly path: string } {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'gantry-types-'));
  const installed = join(folder.path, 'node_modules/gantry');
  mkdirSync(installed, { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(installed, 'package.json'));
  for (const part of ['types', 'api.js'])
    cpSync(join(ROOT, 'dist', part), join(installed, 'dist', part), { recursive: true });
  writeFileSync(join(folder.path, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder.path, 'tsconfig.json'), block('json'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, name), text);
  return folder;
}

/** What the compiler complains of; empty when it does not. */
function compile(folder: string): Promise<string> {
  return new Promise((done) => {
    execFile(COMPILER, ['-p', '.', '--pretty', 'false'], { cwd: folder }, (_, stdout, stderr) => done(stdout + stderr));
  });
}

const fixture = (name: string): string => readFileSync(join(ROOT, 'test/fixtures/typed', name), 'utf8');

test('pipelines that are right compile', async () => {
  using project = openTypedProject({
    'example.ts': EXAMPLE,
    'valid.ts': fixture('valid.ts'),
    'everything.ts': fixture('pairs/everything.ts'),
  });
  assert.equal(await compile(project.path), '');
});

test('the scenarios in TypeScript compile', async () => {
  using project = openTypedProject({});
  const folder = join(ROOT, 'test/scenarios');
  const typed = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'gantry.ts')));
  for (const name of typed) cpSync(join(folder, name), join(project.path, name), { recursive: true });
  assert.ok(typed.length > 4);
  // It reads a file with a module of Node, whose types the project does not have, and which it may not use either.
  rmSync(join(project.path, '159-typed-pipeline-reaches-out'), { recursive: true });
  assert.equal(await compile(project.path), '');
});

test('each mistake is a compile error in the line where it is marked', async () => {
  const text = fixture('invalid.ts');
  const marked = text.split('\n').flatMap((line, index) => (line.includes('@ts-expect-error:') ? [index + 2] : []));
  assert.ok(marked.length >= 25);
  using project = openTypedProject({ 'invalid.ts': text.replaceAll('@ts-expect-error:', 'expected:') });
  const found = [...(await compile(project.path)).matchAll(/^invalid\.ts\((\d+),/gm)].map((match) => Number(match[1]));
  assert.deepEqual([...new Set(found)], marked);
});

test('the compiler names the jobs that can be needed', async () => {
  using project = openTypedProject({ 'gantry.ts': EXAMPLE.replace("needs: 'test'", "needs: 'tset'") });
  assert.match(
    await compile(project.path),
    /^gantry\.ts\(\d+,7\): error TS2322: Type '"tset"' is not assignable to type 'OneOrMore<"deploy" \| "test"> \| undefined'/,
  );
});

test('an editor completes needs with the jobs, wait with the ids, and keys', async () => {
  const text = EXAMPLE.replace("needs: 'test'", "needs: ''")
    .replace('if: and(', 'acc: 1, if: and(')
    .replace('{ id: ', '{ wait: "" }, { id: ')
    .replace('      steps: [\n        checkout,', "      steps: [\n        { wait: '' },\n        checkout,");
  using project = openTypedProject({ 'gantry.ts': text });
  assert.deepEqual(await complete(project.path, text, text.indexOf("needs: ''") + 8), ['deploy', 'test']);
  assert.deepEqual(await complete(project.path, text, text.indexOf("wait: ''") + 7), ['version']);
  const keys = await complete(project.path, text, text.indexOf('acc: 1') + 3);
  for (const key of ['accept', 'timeout-minutes', 'concurrency'])
    assert.ok(
      keys.some((each) => each.includes(key)),
      `${key} is not among ${keys.join(' ')}`,
    );
});

test('the example of the documentation is a pipeline without a diagnostic', async () => {
  using project = openTypedProject({ 'gantry.ts': EXAMPLE });
  const file = join(project.path, 'gantry.ts');
  const evaluation = await evaluatePipeline({ file, text: EXAMPLE, root: project.path });
  assert.ok(evaluation.kind === 'value', JSON.stringify(evaluation));
  const { workflow, diagnostics } = readTyped({ ...evaluation, file: 'gantry.ts', text: EXAMPLE }, { actions: [] });
  assert.deepEqual(diagnostics, []);
  assert.equal(
    workflow?.jobs[1]?.if?.value,
    "always() && needs.test.verdict == 'passed' && github.ref == 'refs/heads/main'",
  );
});

test('what the package exports is there, in the files that it ships', async () => {
  const { exports, files } = z
    .object({
      exports: z.object({ '.': z.object({ types: z.string(), default: z.string() }) }),
      files: z.array(z.string()),
    })
    .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  for (const path of Object.values(exports['.'])) {
    assert.ok(
      files.some((folder) => path.startsWith(`./${folder}/`)),
      path,
    );
    assert.ok(readFileSync(join(ROOT, path), 'utf8').length > 0);
  }
  const api: unknown = await import(pathToFileURL(join(ROOT, exports['.'].default)).href);
  assert.ok(typeof Reflect.get(Object(api), 'pipeline') === 'function');
});

const Message = z.looseObject({
  id: z.union([z.number(), z.string()]).optional(),
  method: z.string().optional(),
  result: z.unknown().optional(),
});
const Completions = z.looseObject({ items: z.array(z.looseObject({ label: z.string() })) });

/** What the compiler's language server offers at an offset of gantry.ts. */
async function complete(folder: string, text: string, offset: number): Promise<readonly string[]> {
  const uri = pathToFileURL(join(folder, 'gantry.ts')).href;
  const before = text.slice(0, offset).split('\n');
  const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  const server = spawn(COMPILER, ['--lsp', '--stdio'], { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
  const send = (message: object): void => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  try {
    send({
      id: 1,
      method: 'initialize',
      params: { processId: null, rootUri: pathToFileURL(folder).href, capabilities: {} },
    });
    for await (const message of messagesOf(server.stdout)) {
      if (message.method !== undefined && message.id !== undefined) send({ id: message.id, result: null });
      if (message.id === 1 && message.method === undefined) {
        send({ method: 'initialized', params: {} });
        const textDocument = { uri, languageId: 'typescript', version: 1, text };
        send({ method: 'textDocument/didOpen', params: { textDocument } });
        send({ id: 2, method: 'textDocument/completion', params: { textDocument: { uri }, position } });
      }
      if (message.id === 2 && message.method === undefined)
        return Completions.parse(message.result)
          .items.map((item) => item.label)
          .toSorted();
    }
    throw new Error('the language server ended without an answer');
  } finally {
    server.kill();
  }
}

async function* messagesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<z.infer<typeof Message>> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const head = rest.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/.exec(rest.subarray(0, Math.max(0, head)).toString())?.[1]);
      if (head < 0 || rest.length < head + 4 + length) break;
      yield Message.parse(JSON.parse(rest.subarray(head + 4, head + 4 + length).toString()));
      rest = rest.subarray(head + 4 + length);
    }
  }
}
