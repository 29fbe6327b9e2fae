// What it costs to record failures that a script swallows: the same run with recorders and without, by turns.
// By CPU time of all its processes: the wall of a run of seconds tells more of what else the machine does.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench, Figure } from './bench.ts';

const COMMANDS = 10_000;
/** Of the time without recorders. */
const MOST = 1.05;

interface Kind {
  readonly what: string;
  readonly script: string;
  readonly turns: number;
}

const KINDS: readonly Kind[] = [
  {
    what: `${COMMANDS} programs in a loop, none fails`,
    script: `for i in $(seq ${COMMANDS}); do\n  /bin/true || true\ndone`,
    turns: 2,
  },
  { what: `${COMMANDS} programs, a mix of masks`, script: loopOf(mixed()), turns: 2 },
  { what: `${COMMANDS} lines of builtins`, script: lines((at) => `export A${at % 50}=${at}`), turns: 3 },
  {
    what: `${COMMANDS} lines of builtins, each with a mask`,
    script: lines((at) => `export A${at % 50}=${at} || true`),
    turns: 3,
  },
  {
    what: `${COMMANDS} failing calls of a function`,
    script: `f() {\n  return 3\n}\nfor i in $(seq ${COMMANDS}); do\n  f || true\ndone`,
    turns: 3,
  },
];

/** Ten commands that builds have. Four can fail and are masked, of these one does, and one answers "no". */
function mixed(): readonly string[] {
  return [
    'mkdir -p out',
    'cp /etc/hostname out/a || echo "no name"',
    'rm -f out/b || true',
    'ls out >out/list',
    'ls /no/such/folder 2>/dev/null || true',
    'grep -q nothing out/list || echo "not listed" >out/told',
    'sort out/list | uniq >out/sorted',
    'touch out/c',
    'cat out/list >/dev/null',
  ];
}

function loopOf(body: readonly string[]): string {
  return `for i in $(seq ${COMMANDS / 10}); do\n${body.map((each) => `  ${each}\n`).join('')}done`;
}

function lines(line: (at: number) => string): string {
  return Array.from({ length: COMMANDS }, (_, at) => line(at)).join('\n');
}

export async function maskedFailures(bench: Bench): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const [at, kind] of KINDS.entries()) figures.push(await costOf(kind, at, bench));
  return figures;
}

async function costOf(kind: Kind, at: number, { folder, gantry, cpuMsOf, median }: Bench): Promise<Figure> {
  const recorded = project(join(folder, `masked-${at}`), kind.script);
  // Recorders are not put in where the shell is told to read another file first, though it is none.
  const plain = project(join(folder, `unmasked-${at}`), kind.script, "        env: { BASH_ENV: '' }\n");
  const spent: { readonly recorded: number; readonly plain: number }[] = [];
  for (let turn = 0; turn < kind.turns; turn++) {
    spent.push({
      recorded: (await cpuMsOf([gantry, 'run'], recorded)) / 1000,
      plain: (await cpuMsOf([gantry, 'run'], plain)) / 1000,
    });
  }
  const without = median(spent.map((turn) => turn.plain));
  return {
    what: `${kind.what} (CPU)`,
    unit: 's',
    value: median(spent.map((turn) => turn.recorded)),
    plain: { how: 'without recorders', value: without },
    target: { is: 'at most', value: without * MOST },
  };
}

function project(root: string, script: string, more = ''): string {
  mkdirSync(root);
  const run = script.replaceAll(/^/gm, '          ');
  writeFileSync(
    join(root, 'gantry.yml'),
    `on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n${run}\n${more}`,
  );
  return root;
}
