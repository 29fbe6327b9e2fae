import { parseJson } from '#base/json.ts';
import { splitWords } from '#base/split-words.ts';
import type { ServiceCommand } from '#run/plan.ts';
import { UsageError } from './usage-error.ts';

const WANTED =
  "--service-command takes NAME=command or NAME:port=command, such as 'redis:6379=redis-server --port 6379'";

/** The command is words, split as a shell does, or a JSON list of them. No shell runs it. */
export function readServiceCommands(given: readonly string[]): Readonly<Record<string, ServiceCommand>> | undefined {
  if (given.length === 0) return undefined;
  return Object.fromEntries(
    given.map((text): [string, ServiceCommand] => {
      const [, name, port, written] = /^([A-Za-z0-9_-]+)(?::(\d+))?=([^]*)$/.exec(text) ?? [];
      if (name === undefined || written === undefined) throw new UsageError(WANTED);
      const number = Number(port);
      if (port !== undefined && (number < 1 || number > 65_535))
        throw new UsageError(`--service-command ${name}: ${port} is not a port`);
      return [name, { argv: readArguments(name, written), ...(port === undefined ? {} : { port: number }) }];
    }),
  );
}

function readArguments(name: string, written: string): ServiceCommand['argv'] {
  const words = written.trimStart().startsWith('[') ? readList(name, written) : splitWords(written);
  const list = 'ok' in words ? (words.ok ? words.value : undefined) : words;
  if ('ok' in words && !words.ok) throw new UsageError(`--service-command ${name}: ${words.error}`);
  const [command, ...rest] = list ?? [];
  if (command === undefined) throw new UsageError(`--service-command ${name}: there is no command behind "="`);
  return [command, ...rest];
}

function readList(name: string, written: string): readonly string[] {
  const value = parseJson(written);
  if (Array.isArray(value) && value.every((word) => typeof word === 'string')) return value;
  throw new UsageError(`--service-command ${name}: the list is not a JSON list of texts`);
}
