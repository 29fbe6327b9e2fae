// How fast a large log is read for its cause: one that is made here, of the kinds of lines that builds print.
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench, Figure } from './bench.ts';

const MEGABYTES = 1_000;
const TURNS = 3;
const WORDS = ['core', 'net', 'image', 'parser', 'store', 'view', 'model', 'auth', 'cache', 'graph', 'tile', 'queue'];
const FAILURE = [
  "src/geo/tile.cpp:88:13: error: no matching function for call to 'project(Tile&, double)'",
  'make[2]: *** [CMakeFiles/geo.dir/build.make:76: tile.cpp.o] Error 1',
];

/** By CPU time, which is what the wall tells on a machine that does nothing else: either command works on one core. */
export async function largeLog({ folder, gantry, run, cpuMsOf, median }: Bench): Promise<readonly Figure[]> {
  const log = join(folder, 'large.log');
  const bytes = writeLog(log);
  const spent: { readonly ours: number; readonly plain: number }[] = [];
  const { peakMb } = await run([gantry, 'diagnose', '--log', log]);
  // By turns: a machine that changes its speed changes it for both.
  for (let turn = 0; turn < TURNS; turn++)
    spent.push({
      ours: await cpuMsOf([gantry, 'diagnose', '--log', log], folder),
      plain: await cpuMsOf(['grep', '-c', 'no matching', log], folder),
    });
  const speed = (ms: number): number => bytes / 1e3 / ms;
  return [
    {
      what: `diagnose a log of ${MEGABYTES} MB, whole command (CPU)`,
      unit: 'MB/s',
      value: speed(median(spent.map(({ ours }) => ours))),
      plain: { how: "grep -c 'no matching'", value: speed(median(spent.map(({ plain }) => plain))) },
      target: { is: 'at least', value: 100 },
    },
    { what: 'the same, peak memory', unit: 'MB', value: peakMb },
  ];
}

/** The failure stands two thirds in. The same each time: what looks like chance is a row of numbers that is known. */
function writeLog(path: string): number {
  let seed = 1;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (seed >> 8) % below;
  };
  const word = (): string => `${WORDS[next(WORDS.length)]}${WORDS[next(WORDS.length)]}`;
  const pieces = Array.from({ length: 100 }, () =>
    Buffer.from(Array.from({ length: 2_000 }, () => `${line(word, next)}\n`).join('')),
  );
  const file = openSync(path, 'w');
  let bytes = 0;
  const put = (piece: Buffer): void => void (bytes += writeSync(file, piece));
  let hasFailed = false;
  while (bytes < MEGABYTES * 1e6) {
    put(pieces[next(pieces.length)] ?? Buffer.alloc(0));
    if (hasFailed || bytes < (MEGABYTES * 2e6) / 3) continue;
    hasFailed = true;
    put(Buffer.from(`${FAILURE.join('\n')}\n`));
  }
  put(Buffer.from('make: *** [Makefile:160: all] Error 2\n##[error]Process completed with exit code 2.\n'));
  closeSync(file);
  return bytes;
}

function line(word: () => string, next: (below: number) => number): string {
  switch (next(6)) {
    case 0:
      return `[${next(100)}%] Building CXX object src/${word()}/CMakeFiles/${word()}.dir/${word()}_${next(999)}.cpp.o`;
    case 1:
      return `[INFO] Downloaded from central: https://repo.example.org/maven2/${word()}/${word()}-${next(9)}.jar (${next(900)} kB)`;
    case 2:
      return `2026-01-02T10:11:12.${1_000_000 + next(9_000_000)}Z   ok ${word()} :: ${word()} (${next(300)} ms)`;
    case 3:
      return `\u001B[32m  ✓\u001B[39m ${word()} renders ${word()} with ${word()}`;
    case 4:
      return `tests/${word()}/test_${word()}.py::test_${word()} PASSED`;
    default:
      return `   Compiling ${word()}-${word()} v${next(9)}.${next(99)}.${next(9)}`;
  }
}
