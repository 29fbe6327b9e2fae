// Which shell reads a script, and with what options, as far as recorders have to know.
import { accessSync, constants, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Dialect } from '#shell/recorder/visible.ts';

export interface ShellOf {
  readonly dialect: Dialect;
  readonly errexit: boolean;
  readonly pipefail: boolean;
  readonly isLogin: boolean;
}

/** Undefined: neither bash nor dash, or started in a way that recorders were not made for. */
export function shellOf(
  argv: readonly string[],
  file: string,
  env: Readonly<Record<string, string>>,
): ShellOf | undefined {
  const [command = '', ...args] = argv;
  // They change what the shell is before the script's first line.
  if ('SHELLOPTS' in env || 'BASHOPTS' in env || 'BASH_ENV' in env) return undefined;
  if (Object.keys(env).some((name) => name.startsWith('BASH_FUNC_'))) return undefined;
  const options = readOptions(args, file);
  if (!options) return undefined;
  const dialect = dialectOf(command, env['PATH'] ?? '');
  if (dialect === undefined || (dialect === 'dash' && options.hasXtrace)) return undefined;
  return { dialect, errexit: options.errexit, pipefail: options.pipefail, isLogin: options.isLogin };
}

interface Options extends Omit<ShellOf, 'dialect'> {
  readonly hasXtrace: boolean;
}

const LONG: readonly string[] = ['--noprofile', '--norc', '--posix', '--login'];
const NAMED: readonly string[] = ['pipefail', 'errexit', 'nounset', 'noglob', 'xtrace'];

function readOptions(args: readonly string[], file: string): Options | undefined {
  const set = new Set<string>();
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === file)
      return {
        errexit: set.has('e') || set.has('errexit'),
        pipefail: set.has('pipefail'),
        isLogin: set.has('l') || set.has('--login'),
        hasXtrace: set.has('x') || set.has('xtrace'),
      };
    if (LONG.includes(arg)) set.add(arg);
    else if (/^-[euflxE]*o?$/.test(arg) && arg !== '-') {
      for (const letter of arg.slice(1)) set.add(letter);
      if (!arg.endsWith('o')) continue;
      const name = args[++index] ?? '';
      if (!NAMED.includes(name)) return undefined;
      set.add(name);
    } else return undefined;
  }
  return undefined;
}

function dialectOf(command: string, path: string): Dialect | undefined {
  const name = basename(command);
  if (name !== 'bash' && name !== 'sh' && name !== 'dash') return undefined;
  const place = command.includes('/')
    ? command
    : path
        .split(':')
        .map((folder) => join(folder, command))
        .find(isExecutable);
  if (place === undefined) return undefined;
  try {
    const real = basename(realpathSync(place));
    return real === 'bash' || real === 'dash' ? real : undefined;
  } catch {
    return undefined;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
