// From `run:` and `shell:` to an argv. Shell templates and their meaning are GitHub's ("jobs.<job_id>.steps[*].shell").
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';

export interface ScriptCommand {
  readonly argv: readonly [string, ...string[]];
  /** What the script file must be called for its shell to take it. */
  readonly extension: string;
}

const SHELLS: Readonly<Record<string, { readonly template: string; readonly extension: string }>> = {
  bash: { template: 'bash --noprofile --norc -e -o pipefail {0}', extension: '.sh' },
  sh: { template: 'sh -e {0}', extension: '.sh' },
  python: { template: 'python {0}', extension: '.py' },
  pwsh: { template: 'pwsh -command . {0}', extension: '.ps1' },
};

/** `shell` absent: bash with `-e` alone, as on GitHub's Linux and macOS runners. */
export function scriptCommand(
  shell: string | undefined,
  file: (extension: string) => string,
): Result<ScriptCommand, string> {
  const known = shell === undefined ? { template: 'bash -e {0}', extension: '.sh' } : SHELLS[shell.trim()];
  const template = known?.template ?? shell ?? '';
  const extension = known?.extension ?? '';
  if (!template.includes('{0}'))
    return err(`shell "${shell}" is neither bash, sh, python or pwsh nor a template with {0} for the script`);
  const words = template.trim().split(/\s+/);
  const path = file(extension);
  const [command, ...args] = words.map((word) => word.replaceAll('{0}', path));
  return command ? ok({ argv: [command, ...args], extension }) : err('shell is empty');
}
