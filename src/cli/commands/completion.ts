// Completion for shells: a script that knows every command, option and choice, written from the commands themselves.
import type { Command, Option } from 'commander';
import { unreachable } from '#base/unreachable.ts';
import { EXIT } from '../exit-codes.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

interface Place {
  /** The commands that lead here: '' for the program itself, else ` export github`. */
  readonly path: string;
  readonly commands: readonly Command[];
  readonly options: readonly Option[];
}

export function completion(program: Command, shell: Shell): number {
  const places = placesOf(program, '');
  process.stdout.write(scriptFor(shell, places));
  return EXIT.passed;
}

function scriptFor(shell: Shell, places: readonly Place[]): string {
  switch (shell) {
    case 'bash':
      return bash(places);
    case 'zsh':
      return zsh(places);
    case 'fish':
      return fish(places);
    default:
      return unreachable(shell);
  }
}

function placesOf(command: Command, path: string): readonly Place[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).filter((each) => each.name() !== 'help');
  const inner = commands.flatMap((each) => placesOf(each, `${path} ${each.name()}`));
  return [{ path, commands, options: help.visibleOptions(command) }, ...inner];
}

function wordsOf({ commands, options }: Place): string {
  const flags = options.flatMap(({ short, long }) => [long, short].filter((flag) => flag !== undefined));
  return [...commands.map((command) => command.name()), ...flags].join(' ');
}

/** By flag, the values it takes; the same flag takes the same values everywhere it matters. */
function choicesOf(places: readonly Place[]): ReadonlyMap<string, string> {
  const choices = places.flatMap(({ options }) =>
    options.flatMap(({ long, argChoices }): [string, readonly string[]][] =>
      long && argChoices ? [[long, argChoices]] : [],
    ),
  );
  const merged = new Map<string, Set<string>>();
  for (const [flag, values] of choices) merged.set(flag, new Set([...(merged.get(flag) ?? []), ...values]));
  return new Map([...merged].map(([flag, values]) => [flag, [...values].join(' ')]));
}

/** The lines that find out which command is being typed: the same for both shells, but for how they name the words. */
function findPlace(places: readonly Place[], words: string): string {
  const paths = places.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  return `  for word in ${words}; do
    case "$place $word" in
      ${paths.join(' | ')}) place="$place $word" ;;
    esac
  done`;
}

function bash(places: readonly Place[]): string {
  const cases = places.map((place) => `    '${place.path}') words='${wordsOf(place)}' ;;`);
  const choices = [...choicesOf(places)].map(([flag, values]) => `    ${flag}) words='${values}' ;;`);
  return `# eval "$(gantry completion bash)"
_gantry() {
  local place='' word words='' current="\${COMP_WORDS[COMP_CWORD]}"
${findPlace(places, '"${COMP_WORDS[@]:1:COMP_CWORD-1}"')}
  case "$place" in
${cases.join('\n')}
  esac
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
${choices.join('\n')}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  [ "\${#COMPREPLY[@]}" -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "$current")
}
complete -o filenames -F _gantry gantry
`;
}

function zsh(places: readonly Place[]): string {
  const cases = places.map((place) => `    '${place.path}') found=(${wordsOf(place)}) ;;`);
  const choices = [...choicesOf(places)].map(([flag, values]) => `    ${flag}) found=(${values}) ;;`);
  return `#compdef gantry
# eval "$(gantry completion zsh)"
_gantry() {
  local place='' word
  local -a found
${findPlace(places, '"${(@)words[2,CURRENT-1]}"')}
  case "$place" in
${cases.join('\n')}
  esac
  case "\${words[CURRENT-1]}" in
${choices.join('\n')}
  esac
  compadd -- $found
  _files
}
compdef _gantry gantry
`;
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, commands, options }) => {
    const seen = path.trim();
    const own = commands.map((command) => command.name()).join(' ');
    const last = seen.split(' ').at(-1) ?? '';
    const here = seen === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${last}`;
    const before = own === '' || seen === '' ? here : `${here}; and not __fish_seen_subcommand_from ${own}`;
    return [
      ...commands.map((each) => `complete -c gantry -n '${before}' -a ${each.name()} -d ${quoted(each.description())}`),
      ...options.map(({ short, long, description, argChoices }) => {
        const names = `${long ? ` -l ${long.slice(2)}` : ''}${short ? ` -s ${short.slice(1)}` : ''}`;
        const values = argChoices ? ` -x -a ${quoted(argChoices.join(' '))}` : '';
        return `complete -c gantry -n '${here}'${names}${values} -d ${quoted(description)}`;
      }),
    ];
  });
  return `# gantry completion fish | source\n${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
