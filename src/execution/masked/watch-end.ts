/**
 * Which command ended a script under `-e`: bash knows, and writes it down in the moment when it gives up. It is told to by a file
 * that it reads before the script (`BASH_ENV`), so that the script itself stays as it is, to the letter. Only where the
 * script could see that is it left alone.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FailedCommand } from '#run/diagnosis.ts';
import { shellOf } from './shell-of.ts';

export interface ScriptToWatch {
  readonly content: string;
  readonly argv: readonly string[];
  /** By which name argv calls it. */
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  /** Of the step alone. */
  readonly folder: string;
}

/** As bash tells it. */
export interface ToldEnd {
  readonly status: number;
  /** In the script, from 1; of a command over several lines it may be any of them. */
  readonly line: number;
  /** As bash writes it again, before anything is put in. */
  readonly command: string;
  /** All variables, as `declare -p` shows them. They hold secrets. */
  readonly variables: string;
}

export interface WatchedEnd {
  /** For the shell, beside its own. */
  readonly env: Readonly<Record<string, string>>;
  /** Once the script has ended; what was written is gone then. Undefined: it ended well, or nobody knows. */
  named(exitCode: number | undefined): Promise<FailedCommand | undefined>;
}

/** What would show that there is a trap, or that something ran before the script. */
const SEES =
  /\btrap\b[^\n]*(?:\bERR\b|[ \t]-[plP])|\btrap[ \t]*(?:$|[;|&)}>])|\$\{?_\b|BASH_ENV|BASH_COMMAND|\/proc\/|\b(?:extdebug|functrace|errtrace)\b|\bset[ \t][^\n]*[-+][a-zA-Z]*[ET]/m;
const FUNCTION = /^[ \t]*(?:function[ \t]+[\w:.-]+|[\w:.-]+[ \t]*\([ \t]*\))/m;
/** With these, functions stay unwatched: what they read may set a trap of its own, or they ask for the shell's options. */
const SEES_OPTIONS =
  /\$-|\$\{-|SHELLOPTS|\bset[ \t]+[-+]o[ \t]*(?:$|[;|&)}>])|\bshopt\b|\blocal[ \t]+-|\b(?:source|eval)\b|(?:^|[;&|({])[ \t]*\.[ \t]/m;

export function watchEnd(script: ScriptToWatch): WatchedEnd {
  const { env, told } = trapFor(script);
  return {
    env,
    named: async (exitCode) => {
      const end = told === undefined ? undefined : take(told);
      if (exitCode === undefined || exitCode === 0) return undefined;
      // The reader of shell scripts is loaded for a script that has failed.
      const { nameCommand } = await import('./name-command.ts');
      return nameCommand(script.content, exitCode, end);
    },
  };
}

interface Trap {
  readonly env: Readonly<Record<string, string>>;
  /** The file that bash will write. */
  readonly told?: string;
}

const NO_TRAP: Trap = { env: {} };

function trapFor(script: ScriptToWatch): Trap {
  const { content, argv, folder } = script;
  if (script.env['GANTRY_RECORD_MASKED'] === 'false') return NO_TRAP;
  const shell = shellOf(argv, script.file, script.env);
  const hasXtrace = argv.some((arg) => /^-[a-z]*x|^xtrace$/.test(arg));
  // As `sh`, bash reads no such file.
  const isBash = shell?.dialect === 'bash' && basename(argv[0] ?? '') === 'bash';
  if (!isBash || !shell.errexit || shell.isLogin || hasXtrace || SEES.test(content)) return NO_TRAP;
  const [before, told] = [join(folder, 'before.sh'), join(folder, 'end')];
  // Both the shell's own words and the file's name would have to be quoted otherwise.
  if (!/^[\w/.-]+$/.test(folder)) return NO_TRAP;
  const inFunctions = FUNCTION.test(content) && !SEES_OPTIONS.test(content) ? 'set -E\n' : '';
  writeFileSync(before, `unset BASH_ENV\n${inFunctions}trap '${tell(told)}' ERR\n`, { mode: 0o600 });
  return { env: { BASH_ENV: before }, told };
}

/** `!` keeps `-e` away when the file cannot be, and what `set -x` shows goes where the errors go. */
function tell(file: string): string {
  return `! { printf "%s\\0" "$?" "$LINENO" "$BASH_COMMAND"; declare -p; } 2>/dev/null >"${file}"`;
}

function take(file: string): ToldEnd | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
    rmSync(file, { force: true });
  } catch {
    return undefined;
  }
  const [status = '', line = '', command = '', ...variables] = text.split('\0');
  return command === ''
    ? undefined
    : { status: Number(status), line: Number(line), command, variables: variables.join('\0') };
}
