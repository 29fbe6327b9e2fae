// A virtual environment, quickly. What takes long is the installation of pip (`ensurepip`): once for each interpreter;
// later ones copy what it made. The rest is made anew by `venv` each time, so that all of its paths are right.
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyTree } from '#stores/cache/trees.ts';
import { digestOfText } from '../reuse/file-digests.ts';
import type { CommandResult, CommandSpec } from './native-action.ts';

export interface EnvironmentSetting {
  readonly interpreter: string;
  /** Where the environment is made; what is there goes. */
  readonly folder: string;
  /** Where what `ensurepip` made is kept, in a folder for each interpreter. */
  readonly templates: string;
  readonly run: (spec: CommandSpec) => Promise<CommandResult>;
}

/** The interpreter as it is now: an upgrade, also one in place, and another bundled pip make another template. */
const IDENTITY = `
import ensurepip, os, sys
path = os.path.realpath(sys.executable)
seen = os.stat(path)
print(path)
print(repr((sys.version, sys.prefix, sys.base_prefix, seen.st_size, seen.st_mtime_ns, ensurepip.version())))
`;

/** The longest path that a kernel takes in a script's first line. */
const MAX_SHEBANG_BYTES = 127;

export async function makePythonEnvironment(setting: EnvironmentSetting): Promise<CommandResult> {
  const { interpreter, folder, templates, run } = setting;
  const template = await templateOf(setting);
  if (template !== undefined) {
    const bare = await run({ argv: [interpreter, '-m', 'venv', '--clear', '--without-pip', folder] });
    if (bare.ok && (await fillFrom(join(templates, template), folder))) return bare;
  }
  const made = await run({ argv: [interpreter, '-m', 'venv', '--clear', folder] });
  if (made.ok && template !== undefined) await keepTemplate(setting, template);
  return made;
}

/** `<path>-<state>`, as digests. */
async function templateOf({ interpreter, run }: EnvironmentSetting): Promise<string | undefined> {
  const asked = await run({ argv: [interpreter, '-c', IDENTITY], quiet: true });
  const [path = '', state = ''] = asked.stdout.trim().split('\n');
  if (!asked.ok || path === '' || state === '') return undefined;
  return [path, state].map((text) => digestOfText(text).slice(0, 16)).join('-');
}

/** False when there is no template, or none that can be copied whole: then pip is installed as ever. */
async function fillFrom(template: string, folder: string): Promise<boolean> {
  try {
    const scripts = readdirSync(join(template, 'bin'));
    await copyTree(join(template, 'lib'), join(folder, 'lib'));
    for (const name of scripts)
      writeScript(join(folder, 'bin', name), readFileSync(join(template, 'bin', name), 'utf8'));
    return true;
  } catch {
    return false;
  }
}

/** With the first lines that pip itself would have written for this place. */
function writeScript(file: string, body: string): void {
  const python = join(file, '..', 'python');
  const isPlain = !/\s/.test(python) && Buffer.byteLength(`#!${python}\n`) <= MAX_SHEBANG_BYTES;
  const first = isPlain ? `#!${python}` : `#!/bin/sh\n'''exec' "${python}" "$0" "$@"\n' '''`;
  writeFileSync(file, `${first}\n${body}`);
  chmodSync(file, 0o755);
}

/** Appears whole or not at all: of two runs at once, the first one's stays. What cannot be kept costs time alone. */
async function keepTemplate({ folder, templates }: EnvironmentSetting, template: string): Promise<void> {
  const draft = join(templates, `.draft-${randomUUID()}`);
  try {
    mkdirSync(join(draft, 'bin'), { recursive: true });
    for (const name of readdirSync(join(folder, 'bin')).filter((each) => each.startsWith('pip'))) {
      const text = readFileSync(join(folder, 'bin', name), 'utf8');
      const start = /^(# -\*-|import |from )/m.exec(text)?.index;
      if (start === undefined) return;
      writeFileSync(join(draft, 'bin', name), text.slice(start));
    }
    await copyTree(join(folder, 'lib'), join(draft, 'lib'));
    const [path = ''] = template.split('-');
    for (const older of readdirSync(templates).filter((each) => each.startsWith(`${path}-`)))
      if (older !== template) rmSync(join(templates, older), { recursive: true, force: true });
    // A broken one of this name makes way.
    rmSync(join(templates, template), { recursive: true, force: true });
    renameSync(draft, join(templates, template));
  } catch {
    // The environment itself is there.
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
