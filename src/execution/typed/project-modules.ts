// How the modules of a pipeline are found and loaded: 'gantry' is this installation, relative imports stay in the
// project, and of Node there is only what neither reads nor reaches anything.
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isBuiltin, registerHooks, stripTypeScriptTypes } from 'node:module';
import { dirname, resolve, sep } from 'node:path';
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
  /** Real path of the module that 'gantry' means. */
  readonly api: string;
}

type Complaint = Pick<PipelineProblem['problem'], 'code' | 'message' | 'cure'>;

/** Once guarded, whatever is imported by anything but Gantry itself goes through these rules. */
export class ProjectModules {
  readonly #settings: ProjectSettings;
  readonly #texts = new Map<string, string>();
  #script = '';

  constructor(settings: ProjectSettings) {
    this.#settings = settings;
  }

  /** The pipeline without types, when it was loaded. */
  get script(): string {
    return this.#script;
  }

  guard(): void {
    registerHooks({
      resolve: (specifier, context, next) => {
        const parent = context.parentURL;
        if (parent === undefined || this.#isOwn(parent)) return next(specifier, context);
        if (specifier === 'gantry') return { url: pathToFileURL(this.#settings.api).href, shortCircuit: true };
        if (isBuiltin(specifier)) this.#checkBuiltin(specifier, parent);
        else if (/^(\.{0,2}\/|file:)/.test(specifier)) {
          const file = this.#findFile(specifier, parent);
          return { url: pathToFileURL(file).href, shortCircuit: true };
        } else return this.#checkPackage(specifier, parent, () => next(specifier, context));
        return next(specifier, context);
      },
      load: (url, context, next) => {
        if (!url.startsWith('file:') || this.#isOwn(url)) return next(url, context);
        const file = fileURLToPath(url);
        const source = this.#read(file);
        // A module of the old kind would get at all of Node by its `module`; as one of the new kind it finds none.
        return { format: file.endsWith('.json') ? 'json' : 'module', source, shortCircuit: true };
      },
    });
  }

  /** The text of a file that was loaded. */
  textOf(file: string): string | undefined {
    return this.#texts.get(file);
  }

  /** Where a file imports this name from this module. */
  placeOfName(specifier: string, name: string): Place | undefined {
    for (const [file, text] of this.#texts) {
      for (const found of text.matchAll(/\bimport\b([^'"`;]*)\bfrom\s*['"]([^'"]+)['"]/g)) {
        const within = new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`).exec(found[1] ?? '');
        if (found[2] !== specifier || !within) continue;
        return placeOf(file, text, { offset: found.index + 'import'.length + within.index, length: name.length });
      }
    }
    return undefined;
  }

  isOfProject(file: string): boolean {
    const { root } = this.#settings;
    return file === root || file.startsWith(root.endsWith(sep) ? root : root + sep);
  }

  /** Gantry's package may lie in the project; then only the one module is known to be its own. */
  #isOwn(url: string): boolean {
    if (!url.startsWith('file:')) return false;
    const { api } = this.#settings;
    const file = fileURLToPath(url);
    return file === api || (dirname(file) === dirname(api) && !this.isOfProject(api));
  }

  #checkBuiltin(specifier: string, parent: string): void {
    if (ALLOWED.includes(specifier.replace(/^node:/, ''))) return;
    throw this.#complain(parent, specifier, {
      code: 'WF175',
      message: `a pipeline cannot use "${specifier}": it only makes data`,
      cure: 'do this in a step; the files of the project can be imported, JSON too',
    });
  }

  #checkPackage<T extends { readonly url: string }>(specifier: string, parent: string, find: () => T): T {
    try {
      const found = find();
      if (found.url.startsWith('file:') && this.isOfProject(fileURLToPath(found.url))) return found;
    } catch {
      // What stood in the way is of no use to the author: there is no such package within reach.
    }
    throw this.#complain(parent, specifier, {
      code: 'WF176',
      message: `there is no package "${specifier}" in the project`,
    });
  }

  #findFile(specifier: string, parent: string): string {
    const from = parent.startsWith('file:') ? dirname(fileURLToPath(parent)) : this.#settings.root;
    const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(from, specifier);
    if (!this.isOfProject(path)) throw this.#outside(specifier, parent);
    const real = existsSync(path) ? realpathSync(path) : undefined;
    if (real !== undefined && !this.isOfProject(real)) throw this.#outside(specifier, parent);
    if (real !== undefined && statSync(real).isFile()) return real;
    const [stem, shown] = [path, specifier].map((each) => each.replace(/\.js$/, ''));
    const meant = ['.ts', '/index.ts', '.js'].find((ending) => existsSync(`${stem}${ending}`));
    throw this.#complain(parent, specifier, {
      code: 'WF176',
      message: `there is no file "${specifier}"`,
      ...(meant ? { cure: `write "${shown}${meant}", the whole name of the file` } : {}),
    });
  }

  #outside(specifier: string, parent: string): PipelineProblem {
    const message = `"${specifier}" lies outside the project`;
    return this.#complain(parent, specifier, { code: 'WF175', message, cure: 'import only files of the project' });
  }

  #complain(parent: string, specifier: string, complaint: Complaint): PipelineProblem {
    const file = parent.startsWith('file:') ? fileURLToPath(parent) : this.#settings.main;
    const place = placeOfImport(file, this.#texts.get(file), specifier);
    return new PipelineProblem({ ...complaint, ...(place ? { place } : {}) });
  }

  /** What is run of a file. */
  #read(file: string): string {
    const { main, mainText } = this.#settings;
    const text = file === main ? mainText : readFileSync(file).subarray(0, MAX_FILE_BYTES).toString('utf8');
    this.#texts.set(file, text);
    if (!/\.[mc]?ts$/.test(file)) return text;
    const script = stripTypes(file, text);
    if (file === main) this.#script = script;
    return script;
  }
}

function stripTypes(file: string, text: string): string {
  try {
    return stripTypeScriptTypes(text);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const place = placeInHead(cause, file);
    // "TypeScript enum is not supported …" keeps its name.
    const message = firstLine(cause.message).replace(/^[A-Z](?=[a-z]+ )/, (letter) => letter.toLowerCase());
    throw new PipelineProblem({ code: 'WF170', message, ...(place ? { place } : {}) });
  }
}

/** Where the specifier stands between quotes. */
function placeOfImport(file: string, text: string | undefined, specifier: string): Place | undefined {
  for (const quote of ["'", '"', '`']) {
    const offset = text?.indexOf(quote + specifier + quote) ?? -1;
    if (text !== undefined && offset >= 0) return placeOf(file, text, { offset, length: specifier.length + 2 });
  }
  return undefined;
}
