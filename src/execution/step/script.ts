// From `run:` and `shell:` to an argv and the file that it reads. Shells, templates and what is put round a script of
// PowerShell are GitHub's ("jobs.<job_id>.steps[*].shell", "Exit codes and error action preference").
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { splitArguments } from './split-arguments.ts';

export interface ScriptCommand {
  readonly argv: readonly [string, ...string[]];
  /** What the file must hold. */
  readonly content: string;
}

export interface ScriptSource {
  readonly script: string;
  /** Absent: GitHub's default for the place. */
  readonly shell: string | undefined;
  /** PATH of the step on this machine; undefined in a container, where nobody knows what there is. */
  readonly path: string | undefined;
  /** The name of the file, by the ending that its shell wants. */
  readonly file: (extension: string) => string;
}

const ARGUMENTS: Readonly<Record<string, string>> = {
  bash: '--noprofile --norc -e -o pipefail {0}',
  sh: '-e {0}',
  python: '{0}',
  pwsh: `-command ". '{0}'"`,
  powershell: `-command ". '{0}'"`,
};

/** By the command alone: `bash -l {0}` gets a `.sh` too. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  bash: '.sh',
  sh: '.sh',
  python: '.py',
  pwsh: '.ps1',
  powershell: '.ps1',
};

export function scriptCommand({ shell, script, path, file }: ScriptSource): Result<ScriptCommand, string> {
  const written = shell?.trim() ?? '';
  const { command, template } = written === '' ? defaultShell(path) : parseShell(written);
  if (!template.includes('{0}'))
    return err(`shell "${shell}" is neither bash, sh, python or pwsh nor a template with {0} for the script`);
  const kind = command.toLowerCase();
  // Without an ending of its own, sh is the default shell, whatever it is called here.
  const scriptFile = file(written === '' ? '.sh' : (EXTENSIONS[kind] ?? ''));
  const args = splitArguments(template).map((word) => word.replaceAll('{0}', scriptFile));
  const content = kind === 'pwsh' || kind === 'powershell' ? stopsAtErrors(script) : script;
  return ok({ argv: [command, ...args], content: content.endsWith('\n') ? content : `${content}\n` });
}

interface Shell {
  readonly command: string;
  readonly template: string;
}

function parseShell(written: string): Shell {
  const cut = written.indexOf(' ');
  const command = cut === -1 ? written : written.slice(0, cut);
  const template = cut === -1 ? '' : written.slice(cut + 1).trim();
  return { command, template: template === '' ? (ARGUMENTS[command.toLowerCase()] ?? '') : template };
}

/** Bash with `-e` alone; sh where there is no bash, and in a container always. */
function defaultShell(path: string | undefined): Shell {
  const hasBash = path?.split(':').some((folder) => isExecutable(join(folder, 'bash'))) === true;
  return { command: hasBash ? 'bash' : 'sh', template: '-e {0}' };
}

function isExecutable(file: string): boolean {
  // Most folders do not hold it, and an exception costs more than this question.
  if (!existsSync(file)) return false;
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function stopsAtErrors(script: string): string {
  return [
    "$ErrorActionPreference = 'stop'",
    script,
    'if ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }',
  ].join('\n');
}
