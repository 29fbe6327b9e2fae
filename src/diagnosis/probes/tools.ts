/**
 * What could not be started, and why: 126 and 127 say only that it could not. The file is looked at where the step ran, by its
 * PATH: is it there, may it be run, by what, for which machine, and with which libraries.
 */
import type { CalledCommand } from '#shell/called-commands.ts';
import type { ProbeFinding } from '../diagnose.ts';
import { accuse, ask } from './probe.ts';
import type { Probe, ProbePlace } from './probe.ts';

const COMPLAINTS: readonly RegExp[] = [
  /line \d+: ([^\s:]+): (?:command not found|No such file or directory|cannot execute|Permission denied|.*bad interpreter)/u,
  /^(?:\/\S*\/)?(?:ba|da|z)?sh: (?:\d+: )?([^\s:]+): (?:not found|Permission denied|Exec format error|cannot execute)/u,
  /\S+: \d+: ([^\s:]+): (?:not found|Permission denied|Exec format error)/u,
  /env: [‘'"]?([^\s‘’'":]+)[’'"]?: (?:No such file or directory|Permission denied)/u,
  /^(\S+): error while loading shared libraries: /u,
  /exec: "([^"]+)": executable file not found/u,
];
const MOST_TOOLS = 6;
const NOT_STARTED: readonly (number | undefined)[] = [126, 127];

/** Names or paths, as they were called; none when nothing speaks of a tool that could not be started. */
export function toolsInTrouble(
  alarming: readonly string[],
  { called, exitCode }: { readonly called: readonly CalledCommand[]; readonly exitCode?: number | undefined },
): readonly string[] {
  const named = alarming.flatMap((line) => {
    for (const pattern of COMPLAINTS) {
      const [, name] = pattern.exec(line) ?? [];
      if (name !== undefined) return [name];
    }
    return [];
  });
  const tools = named.length > 0 || !NOT_STARTED.includes(exitCode) ? named : called.map(({ path }) => path);
  return [...new Set(tools)].slice(0, MOST_TOOLS);
}

/** For each: `tool`, then what is found of it, a line each. Nothing of it is run but `ldd`, which reads. */
const LOOK = `
for tool do
  echo "tool $tool"
  file=$(command -v -- "$tool") || { [ -e "$tool" ] && file=$tool || { echo missing; continue; }; }
  case $file in /*|./*|../*|*/*) ;; *) echo built-in; continue ;; esac
  echo "file $file"
  [ -x "$file" ] || echo "not-executable"
  if [ "$(head -c 2 "$file" 2>/dev/null)" = '#!' ]; then
    printf 'interpreter %s\\n' "$(head -n 1 "$file" | cut -c 3-200)"
    by=$(head -n 1 "$file" | tr -d '\\r' | cut -c 3- | sed 's/^ *//; s/ .*//')
    [ -e "$by" ] || echo "no-interpreter $by"
  elif [ "$(head -c 4 "$file" 2>/dev/null | tail -c 3)" = ELF ]; then
    echo "machine $(od -An -tu2 -j18 -N2 "$file" | tr -d ' ') $(uname -m)"
    ldd "$file" 2>/dev/null | sed -n 's/^[[:space:]]*\\([^ ]*\\) => not found.*/library \\1/p'
  fi
done`;

/** By the number in the head of a program. */
const MACHINES: Readonly<Record<string, string>> = {
  3: 'i686',
  40: 'armv7l',
  62: 'x86_64',
  183: 'aarch64',
  243: 'riscv64',
};
/** What also runs what was built for another. */
const ALSO_RUNS: Readonly<Record<string, readonly string[]>> = { x86_64: ['i686'], aarch64: ['armv7l'] };

export async function lookAtTools(tools: readonly string[], place: ProbePlace): Promise<readonly Probe[]> {
  if (tools.length === 0) return [];
  const answer = await ask(place, ['sh', '-c', LOOK, 'sh', ...tools], { LC_ALL: 'C' });
  const blocks = (answer?.stdout ?? '').split(/^tool /m).slice(1);
  return blocks.map((block) => {
    const [tool = '', ...facts] = block.split('\n').filter((line) => line !== '');
    return toProbe(tool, new Map(facts.map(factOf)));
  });
}

function factOf(line: string): readonly [string, string] {
  const at = line.indexOf(' ');
  return at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}

function toProbe(tool: string, facts: ReadonlyMap<string, string>): Probe {
  const name = `tool ${tool}`;
  const wrong = wrongWith(tool, facts);
  if (wrong) return accuse(name, wrong.cause, wrong);
  return {
    name,
    ok: true,
    said: facts.has('built-in') ? 'part of the shell' : `${facts.get('file') ?? tool} can be started`,
  };
}

function wrongWith(tool: string, facts: ReadonlyMap<string, string>): ProbeFinding | undefined {
  const configuration = { layer: 'configuration', confidence: 0.9 } as const;
  if (facts.has('missing'))
    return tool.includes('/')
      ? {
          ...configuration,
          cause: `there is no file ${tool}`,
          fix: `check the path of ${tool}, from the folder of the step`,
        }
      : {
          ...configuration,
          cause: `the command ${tool} is not there: no folder of PATH has it`,
          fix: `install what brings ${tool}, or add its folder to PATH`,
        };
  if (facts.get('interpreter')?.includes('\r'))
    return {
      ...configuration,
      cause: `${tool} has line ends of Windows: its interpreter is looked for under a name with a carriage return`,
      fix: `sed -i 's/\\r$//' ${tool}, and say "*.sh text eol=lf" in .gitattributes`,
    };
  const by = facts.get('no-interpreter');
  if (by !== undefined)
    return {
      ...configuration,
      cause: `${tool} is to be run by ${by}, which is not there`,
      fix: `install ${by}, or correct the first line of ${tool}`,
    };
  if (facts.has('not-executable'))
    return { ...configuration, cause: `${tool} may not be executed`, fix: `git update-index --chmod=+x ${tool}` };
  const [machine = '', own = ''] = (facts.get('machine') ?? '').split(' ');
  const built = MACHINES[machine];
  if (built !== undefined && built !== own && ALSO_RUNS[own]?.includes(built) !== true)
    return {
      ...configuration,
      cause: `${tool} is built for ${built}, and the runner is ${own}`,
      fix: `take the build of ${tool} for ${own}`,
    };
  const library = facts.get('library');
  if (library === undefined) return undefined;
  return {
    layer: 'dependency',
    confidence: 0.9,
    cause: `${tool} needs the library ${library}, which is not on the runner`,
    fix: `install the package that has ${library}: apt-file search ${library}`,
  };
}
