// The program that evaluates a `gantry.ts`, in a process of its own that may read the project and nothing else, and has
// neither a network nor children. Arguments: the root of the project, the pipeline, the module that 'gantry' means, all
// real paths. The pipeline's text comes on stdin; what it makes goes out on descriptor 3 as one JSON text (`Evaluated`).
import { readFileSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { runInNewContext } from 'node:vm';
import { dataOf } from './data-of.ts';
import type { Evaluated, Problem } from './evaluation.ts';
import { firstLine, PipelineProblem, placeInStack } from './problem.ts';
import { ProjectModules } from './project-modules.ts';

const [, , root = '', main = '', api = ''] = process.argv;
const HARMLESS = [
  'global',
  'URL',
  'URLSearchParams',
  'TextEncoder',
  'TextDecoder',
  'structuredClone',
  'atob',
  'btoa',
  'Buffer',
  'queueMicrotask',
  'setTimeout',
  'clearTimeout',
];
const exit = process.exit.bind(process);
const mainText = readFileSync(0, 'utf8');
const modules = new ProjectModules({ root, main, mainText, api });
modules.guard();
takePowersAway();
send(await evaluate());
exit(0);

/**
 * Globals beyond the language itself that only compute. Any other may lead out in some way: `fetch` and `Request` to the
 * network, the console's stream to a socket, `process` to signals.
 */
function takePowersAway(): void {
  const { platform, version, versions } = process;
  const names: unknown = runInNewContext('Object.getOwnPropertyNames(globalThis)');
  const language = new Set<unknown>(Array.isArray(names) ? names : []);
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!language.has(name) && !HARMLESS.includes(name)) Reflect.deleteProperty(globalThis, name);
  }
  const small = { env: {}, argv: [], platform, version, versions, cwd: () => root, exit };
  Object.defineProperty(globalThis, 'process', { value: Object.freeze(small) });
  const print = (...values: readonly unknown[]): void => void writeSync(1, `${format(...values)}\n`);
  const loud = { log: print, info: print, debug: print, warn: print, error: print };
  Object.defineProperty(globalThis, 'console', { value: Object.freeze(loud) });
}

async function evaluate(): Promise<Evaluated> {
  try {
    const loaded: unknown = await import(pathToFileURL(main).href);
    const exported: unknown = Reflect.get(Object(loaded), 'default');
    if (exported === undefined) return { kind: 'problem', code: 'WF172', message: 'the file has no default export' };
    const { value, faults } = dataOf(exported);
    const faultList = faults.map((fault) => ({ ...fault, path: [...fault.path] }));
    return { kind: 'value', value, faults: faultList, script: modules.script };
  } catch (thrown) {
    return withText(problemOf(thrown));
  }
}

function problemOf(thrown: unknown): Problem {
  if (thrown instanceof PipelineProblem) return thrown.problem;
  if (!(thrown instanceof Error))
    return { kind: 'problem', code: 'WF171', message: `the pipeline throws ${describe(thrown)}` };
  if (thrown instanceof SyntaxError) return syntaxProblem(thrown);
  const place = placeInStack(thrown, (file) => modules.isOfProject(file));
  const name = thrown.name === 'Error' ? 'an error' : thrown.name;
  const message = `the pipeline throws ${name}: ${firstLine(thrown.message)}`;
  return { kind: 'problem', code: 'WF171', message, ...(place ? { place } : {}) };
}

/** What Node finds when it links the modules, or what it does not take although the types were stripped well. */
function syntaxProblem(error: SyntaxError): Problem {
  const [, specifier = '', name = ''] =
    /^The requested module '(.*)' does not provide an export named '(.*)'/.exec(error.message) ?? [];
  if (name === '') return { kind: 'problem', code: 'WF170', message: firstLine(error.message), script: modules.script };
  const place = modules.placeOfName(specifier, name);
  return {
    kind: 'problem',
    code: 'WF176',
    message: `"${specifier}" has no export "${name}"`,
    ...(place ? { place } : {}),
  };
}

function describe(thrown: unknown): string {
  return typeof thrown === 'string' ? `"${firstLine(thrown)}"` : `something that is no error (${typeof thrown})`;
}

/** The reader of the diagnostic has the pipeline's text, but not that of a file it imports. */
function withText(problem: Problem): Problem {
  const file = problem.place?.file;
  const text = file === undefined || file === main ? undefined : modules.textOf(file);
  return text === undefined ? problem : { ...problem, text };
}

function send(result: Evaluated): void {
  const bytes = Buffer.from(JSON.stringify(result));
  for (let sent = 0; sent < bytes.length;) sent += writeSync(3, bytes, sent);
}
