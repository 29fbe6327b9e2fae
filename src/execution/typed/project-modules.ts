// How the modules of a pipeline are found and loaded: 'gantry' is this installation, relative imports stay in the
// project, and of Node there is only what neither reads nor reaches anything.
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isBuiltin, registerHooks, stripTypeScriptTypes } from 'node:module';
import { dirname, extname, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { firstLine, PipelineProblem, placeInHead, placeOf } from './problem.ts';
import type { Place } from './problem.ts';

/** Modules of Node that only compute. */
const ALLOWED = ['assert', 'assert/strict', 'path', 'path/posix', 'querystring', 'url', 'util'];

const MAX_FILE_BYTES = 8 * 1024 * 1024;

export interface ProjectSettings {
  /** Real path of the folder that everything must be in. */
  readonly root: string;
  /** Real path of the pipeline, and its text. */
  readonly main: string;
  readonly mainText: string;
  /** The module that 'gantry' means. */
  readonly api: string;
}

export interface ProjectModules {
  /** Texts of the files that were loaded, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** The pipeline without types; empty until it was loaded. */
  readonly script: () => string;
  readonly isOfProject: (file: string) => boolean;
}

/** From here on, whatever is imported by anything but Gantry itself goes through these rules. */
export function guardImports({ root, main, mainText, api }: ProjectSettings): ProjectModules {
  const texts = new Map<string, string>();
  const own = new Set([pathToFileURL(api).href]);
  let mainScript = '';
  const isOfProject = (file: string): boolean =>
    file === root || file.startsWith(root.endsWith(sep) ? root : root + sep);
  const apiFolder = dirname(api);
  const isOwn = (url: string): boolean =>
    own.has(url) || (url.startsWith('file:') && dirname(fileURLToPath(url)) === apiFolder && !isOfProject(apiFolder));

  const complain = (parent: string | undefined, specifier: string, problem: Complaint): PipelineProblem => {
    const file = parent?.startsWith('file:') ? fileURLToPath(parent) : main;
    const place = placeOfImport(file, texts.get(file), specifier);
    return new PipelineProblem({ ...problem, ...(place ? { place } : {}) });
  };
  const findFile = (specifier: string, parent: string | undefined): string => {
    const from = parent?.startsWith('file:') ? dirname(fileURLToPath(parent)) : root;
    const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(from, specifier);
    const real = existsSync(path) ? realpathSync(path) : undefined;
    if (real !== undefined && !isOfProject(real)) {
      throw complain(parent, specifier, {
        code: 'WF175',
        message: `"${specifier}" lies outside the project`,
        cure: 'import only files of the project',
      });
    }
    if (real !== undefined && statSync(real).isFile()) return real;
    const meant = ['.ts', '/index.ts', '.js'].find((ending) => existsSync(path.replace(/\.js$/, '') + ending));
    const cure = meant && `write "${specifier.replace(/\.js$/, '')}${meant}": Node wants the whole name of the file`;
    throw complain(parent, specifier, {
      code: 'WF176',
      message: `there is no file "${specifier}"`,
      ...(cure ? { cure } : {}),
    });
  };

  registerHooks({
    resolve(specifier, context, next) {
      const parent = context.parentURL;
      if (parent === undefined || isOwn(parent)) return next(specifier, context);
      if (specifier === 'gantry') return { url: pathToFileURL(api).href, shortCircuit: true };
      if (isBuiltin(specifier)) {
        if (ALLOWED.includes(specifier.replace(/^node:/, ''))) return next(specifier, context);
        throw complain(parent, specifier, {
          code: 'WF175',
          message: `a pipeline cannot use "${specifier}": it only makes data`,
          cure: 'do this in a step; the files of the project can be imported, JSON too',
        });
      }
      if (/^(\.{0,2}\/|file:)/.test(specifier)) {
        const file = findFile(specifier, parent);
        return { url: pathToFileURL(file).href, format: moduleFormat(file), shortCircuit: true };
      }
      try {
        const found = next(specifier, context);
        if (found.url.startsWith('file:') && isOfProject(fileURLToPath(found.url))) return found;
      } catch {
        // What stood in the way is of no use to the author: there is no such package within reach.
      }
      throw complain(parent, specifier, {
        code: 'WF176',
        message: `there is no package "${specifier}" in the project`,
      });
    },
    load(url, context, next) {
      if (!url.startsWith('file:') || isOwn(url)) return next(url, context);
      const file = fileURLToPath(url);
      const text = file === main ? mainText : readBounded(file);
      texts.set(file, text);
      if (!/\.[mc]?ts$/.test(file)) return next(url, context);
      const script = stripTypes(file, text);
      if (file === main) mainScript = script;
      return { format: 'module', source: script, shortCircuit: true };
    },
  });
  return { texts, script: () => mainScript, isOfProject };
}

type Complaint = Pick<PipelineProblem['problem'], 'code' | 'message' | 'cure'>;

function moduleFormat(file: string): string | undefined {
  return { '.json': 'json', '.ts': 'module', '.mts': 'module', '.mjs': 'module' }[extname(file)];
}

function readBounded(file: string): string {
  return readFileSync(file).subarray(0, MAX_FILE_BYTES).toString('utf8');
}

function stripTypes(file: string, text: string): string {
  try {
    return stripTypeScriptTypes(text, { sourceUrl: file });
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const place = placeInHead(cause, file);
    throw new PipelineProblem({
      code: 'WF170',
      message: lowerFirst(firstLine(cause.message)),
      ...(place ? { place } : {}),
    });
  }
}

function lowerFirst(text: string): string {
  // "TypeScript enum …" keeps its name.
  return /^[A-Z][a-z]+ /.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

/** Where the specifier stands between quotes. */
function placeOfImport(file: string, text: string | undefined, specifier: string): Place | undefined {
  for (const quote of ["'", '"', '`']) {
    const offset = text?.indexOf(quote + specifier + quote) ?? -1;
    if (text !== undefined && offset >= 0) return placeOf(file, text, { offset, length: specifier.length + 2 });
  }
  return undefined;
}
