// What bash has told of a script's end, and the script -> the command that failed, as it is written and as it was run. Loaded by
// itself, for a script that has failed: behind it stands the reader of shell scripts.
import type { FailedCommand } from '#run/diagnosis.ts';
import { calledCommands } from '#shell/called-commands.ts';
import type { CalledCommand } from '#shell/called-commands.ts';
import type { ToldEnd } from './watch-end.ts';

/** Undefined: it ended in a way that tells of no command, such as `exit 3`. */
export function nameCommand(script: string, exitCode: number, told: ToldEnd | undefined): FailedCommand | undefined {
  const called = calledCommands(script);
  // One that was told of earlier, and that ended nothing, has nothing to do with this end.
  if (told?.status === exitCode) return fromTold(told, called);
  const [only, ...others] = called;
  if (only === undefined || others.length > 0 || ['exit', 'return'].includes(only.name)) return undefined;
  return { text: only.whole, line: only.line, status: exitCode };
}

function fromTold({ status, line, command, variables }: ToldEnd, called: readonly CalledCommand[]): FailedCommand {
  const there = called.filter((each) => each.line <= line && line <= each.endLine);
  const alike = there.filter((each) => sameWords(each.text) === sameWords(command));
  const found = alike[0] ?? (there.length === 1 ? there[0] : undefined);
  const text = found?.whole ?? oneLine(command);
  const expanded = withValues(text, variables);
  return {
    text,
    line: found?.line ?? line,
    status,
    ...(expanded === text ? {} : { expanded }),
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim();
}

/** Bash writes a command again in its own way: quotes and words stay, spaces and redirections move. */
function sameWords(text: string): string {
  return text.replaceAll(/[\s;\\]+/gu, '');
}

const MOST_VALUE = 200;

/** Variables by their names alone; what stands in single quotes, and whatever is worked out, stays as it is written. */
function withValues(text: string, variables: string): string {
  return text.replaceAll(
    /'[^']*'|\\.|\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/gu,
    (whole, braced: string | undefined, bare: string | undefined) => {
      const name = braced ?? bare;
      const value = name === undefined ? undefined : valueOf(name, variables);
      return value === undefined || value.length > MOST_VALUE || value.includes('\n') ? whole : value;
    },
  );
}

function valueOf(name: string, variables: string): string | undefined {
  const start = new RegExp(String.raw`^declare -[\w-]+ ${name}="`, 'mu').exec(variables);
  if (!start) return undefined;
  const rest = variables.slice(start.index + start[0].length);
  return /^(?:[^"\\]|\\.)*/su.exec(rest)?.[0].replaceAll(/\\(["\\$`])/gu, '$1');
}
