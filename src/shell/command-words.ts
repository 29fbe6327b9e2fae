// The words of a command as the shell would see them, as far as they are written out.
import type { Command, Word } from 'unbash';

/** Undefined: it depends on a variable, a substitution or a pattern. */
export function plainText(word: Word | undefined): string | undefined {
  if (word === undefined) return undefined;
  if (word.parts === undefined) return word.value;
  let text = '';
  for (const part of word.parts) {
    if (part.type === 'Literal' || part.type === 'SingleQuoted' || part.type === 'AnsiCQuoted') text += part.value;
    else if (part.type === 'DoubleQuoted') {
      for (const child of part.parts) {
        if (child.type !== 'Literal') return undefined;
        text += child.value;
      }
    } else return undefined;
  }
  return text;
}

export interface CommandWords {
  /** The program's name without its folder; undefined when it is not written out, or there is none. */
  readonly name: string | undefined;
  /** As it is called. */
  readonly path: string | undefined;
  /** Behind the name; undefined where a word is not written out. */
  readonly args: readonly (string | undefined)[];
}

/** Commands that run the command behind them, with the options that take a value of their own. */
const WRAPPERS: Readonly<Record<string, readonly string[]>> = {
  sudo: ['-u', '-g', '-C', '-h', '-p', '-U', '--user', '--group'],
  env: ['-u', '-C', '-S', '--unset', '--chdir'],
  command: [],
  builtin: [],
  exec: ['-a'],
  nice: ['-n'],
  ionice: ['-c', '-n'],
  nohup: [],
  stdbuf: ['-i', '-o', '-e'],
  timeout: ['-k', '-s', '--kill-after', '--signal'],
  time: ['-f', '-o'],
  'xvfb-run': ['-s', '--server-args', '-n', '-e'],
  'dbus-run-session': [],
};

/** A wrapper gives way to what it runs: `sudo -u app env A=1 pytest -q` is `pytest -q`. */
export function commandWords(command: Command): CommandWords {
  let words: readonly (string | undefined)[] = [
    command.name === undefined ? undefined : plainText(command.name),
    ...command.args.map((arg) => (arg.type === 'Word' ? plainText(arg) : arg.text)),
  ];
  for (;;) {
    const [first, ...rest] = words;
    const name = first === undefined ? undefined : first.slice(first.lastIndexOf('/') + 1);
    const wrapped = name === undefined ? undefined : behindWrapper(name, rest);
    if (wrapped === undefined) return { name, path: first, args: rest };
    words = wrapped;
  }
}

function behindWrapper(
  name: string,
  args: readonly (string | undefined)[],
): readonly (string | undefined)[] | undefined {
  const valued = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
  if (valued === undefined) return undefined;
  // `command -v` asks a question and runs nothing.
  if (name === 'command' && args.some((arg) => arg === '-v' || arg === '-V')) return undefined;
  let index = 0;
  while (index < args.length) {
    const arg = args[index];
    if (arg === undefined) break;
    if (arg === '--') {
      index++;
      break;
    }
    if (arg.startsWith('-')) index += valued.includes(arg) ? 2 : 1;
    else if (name === 'env' && /^\w+=/.test(arg)) index++;
    else break;
  }
  if (name === 'timeout') index++;
  return index < args.length ? args.slice(index) : undefined;
}
