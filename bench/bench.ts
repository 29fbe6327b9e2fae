/**
 * What Gantry itself costs, each figure beside the plainest thing that does the same work, measured in the same run.
 *
 *     node bench/bench.ts [--json] [--only PART]
 *
 * Drives bin/gantry as built, on projects in a temporary folder. Figures are medians. A target that is missed is said
 * so and changes no exit code: a busy machine is no defect.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { largeLog } from './large-log.ts';
import { maskedFailures } from './masked.ts';

const gantry = resolve(import.meta.dirname, '../bin/gantry');
const LINES = 1_000_000;
const JOBS = 100;
const LARGE_JOBS = 60;
const LARGE_LINES = 1_000;
/** The kernel keeps the peak for us, so a poll can only miss what comes within the last one. */
const MEMORY_POLL_MS = 5;

export interface Figure {
  readonly what: string;
  readonly unit: 's' | 'ms' | 'lines/s' | 'MB' | 'MB/s';
  readonly value: number;
  /** The same work without Gantry, in the same unit. */
  readonly plain?: { readonly how: string; readonly value: number };
  readonly target?: { readonly is: 'at most' | 'at least'; readonly value: number };
}

/** What a figure needs that is measured in a file of its own. */
export interface Bench {
  readonly folder: string;
  readonly gantry: string;
  readonly run: typeof run;
  readonly cpuMsOf: typeof cpuMsOf;
  readonly median: typeof median;
}

interface Ran {
  readonly startedAtMs: number;
  readonly wallMs: number;
  readonly peakMb: number;
}

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gantry-bench-')));
// Of the machine only what a command needs to run, so that two machines differ in less.
const env = { PATH: process.env['PATH'] ?? '', HOME: folder, GANTRY_STATE_DIR: join(folder, 'state') };

/** From before the process starts to after it has ended; throws when it did not succeed. */
async function run(argv: readonly [string, ...string[]], cwd = folder): Promise<Ran> {
  const [command, ...args] = argv;
  const startedAtMs = now();
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  let peakMb = 0;
  const poll = setInterval(() => (peakMb = Math.max(peakMb, peakOf(child.pid))), MEMORY_POLL_MS);
  const code = await new Promise<number | null>((settle, reject) => {
    child.once('error', reject);
    child.once('exit', settle);
  });
  const wallMs = now() - startedAtMs;
  clearInterval(poll);
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}`);
  return { startedAtMs, wallMs, peakMb };
}

/** Milliseconds since 1970, finer than Date tells them, to compare with bash's EPOCHREALTIME. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Largest resident set so far, in MB of 1,000,000 bytes; 0 when the process is gone or the system does not tell. */
function peakOf(pid: number | undefined): number {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return (Number(kibibytes ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}

async function repeat<T>(times: number, measure: () => Promise<T>): Promise<readonly T[]> {
  const measured: T[] = [];
  for (let turn = 0; turn < times; turn++) measured.push(await measure());
  return measured;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

const medianWall = (runs: readonly Ran[]): number => median(runs.map((each) => each.wallMs));

function project(name: string, scripts: readonly string[]): string {
  const jobs = scripts.map(
    (script, index) => `  job-${index}:\n    runs-on: ubuntu-latest\n    steps:\n      - run: ${script}\n`,
  );
  const root = join(folder, name);
  mkdirSync(root);
  writeFileSync(join(root, 'gantry.yml'), `on: push\njobs:\n${jobs.join('')}`);
  return root;
}

async function oneStep(): Promise<{ readonly figures: readonly Figure[]; readonly wallMs: number }> {
  const began = join(folder, 'began');
  const root = project('one', [`echo $EPOCHREALTIME > ${began}`]);
  // The first one fills the compile cache and the system's file cache.
  await run([gantry, 'run'], root);
  const runs = await repeat(15, async () => {
    const { wallMs, startedAtMs } = await run([gantry, 'run'], root);
    return { wallMs, firstStepMs: Number(readFileSync(began, 'utf8').replace(',', '.')) * 1000 - startedAtMs };
  });
  const plain = medianWall(await repeat(15, () => run(['bash', '-c', `echo $EPOCHREALTIME > ${began}`])));
  const wallMs = median(runs.map((each) => each.wallMs));
  const how = "bash -c 'echo'";
  return {
    wallMs,
    figures: [
      {
        what: 'start to first step',
        unit: 's',
        value: median(runs.map((each) => each.firstStepMs)) / 1000,
        plain: { how, value: plain / 1000 },
      },
      {
        what: 'one echo step, total',
        unit: 's',
        value: wallMs / 1000,
        plain: { how, value: plain / 1000 },
        target: { is: 'at most', value: 0.35 },
      },
    ],
  };
}

async function manyJobs(oneWallMs: number): Promise<readonly Figure[]> {
  const root = project(
    'many',
    Array.from({ length: JOBS }, () => 'echo hello'),
  );
  const runs = await repeat(5, () => run([gantry, 'run'], root));
  const loop = `for i in $(seq ${JOBS}); do bash -c 'echo hello'; done`;
  const plain = medianWall(await repeat(5, () => run(['bash', '-c', loop])));
  return [
    {
      what: `${JOBS} one-step jobs, per extra job`,
      unit: 'ms',
      value: (medianWall(runs) - oneWallMs) / (JOBS - 1),
      plain: { how: `bash loop of ${JOBS} bash -c, each`, value: plain / JOBS },
      target: { is: 'at most', value: 12 },
    },
    { what: `${JOBS} one-step jobs, peak memory`, unit: 'MB', value: median(runs.map((each) => each.peakMb)) },
  ];
}

/** CPU of `gantry plan` on a large workflow, less that of one that is as small as can be: reading, checking, planning. */
async function largeWorkflow(): Promise<Figure> {
  const small = project('small', ['make']);
  const large = project('large', []);
  writeFileSync(join(large, 'gantry.yml'), largeText());
  const spent: { readonly small: number; readonly large: number }[] = [];
  // By turns: a machine that changes its speed changes it for both.
  for (let turn = 0; turn < 15; turn++)
    spent.push({ small: await cpuMsOf([gantry, 'plan'], small), large: await cpuMsOf([gantry, 'plan'], large) });
  return {
    what: `reading, checking and planning ${LARGE_LINES} lines, ${LARGE_JOBS} jobs (CPU after start-up)`,
    unit: 'ms',
    value: median(spent.map((turn) => turn.large)) - median(spent.map((turn) => turn.small)),
    target: { is: 'at most', value: 60 },
  };
}

function largeText(): string {
  const lines = ['name: Large', 'on: push', 'env: { LEVEL: "${{ github.ref }}" }', 'jobs:'];
  for (let job = 0; job < LARGE_JOBS; job++) {
    lines.push(`  job-${job}:`, '    runs-on: ubuntu-latest');
    if (job > 2)
      lines.push(`    needs: [job-${job - 1}, job-${job - 3}]`, `    if: needs.job-${job - 1}.result == 'success'`);
    lines.push('    strategy: { matrix: { os: [a, b], version: [1, 2] } }', '    steps:');
    lines.push('      - uses: actions/checkout@v4', '      - id: build', "        if: github.event_name == 'push'");
    lines.push(
      '        env: { WHO: "${{ github.actor }}" }',
      '        run: make ${{ matrix.os }} ${{ matrix.version }}',
    );
    lines.push('      - name: Test ${{ matrix.os }}', '        run: make test', '        timeout-minutes: 5');
  }
  while (lines.length < LARGE_LINES) lines.push(`      # line ${lines.length + 1}`);
  return `${lines.join('\n')}\n`;
}

/** User and system time of a command and its children, as the shell's `times` tells it. */
async function cpuMsOf(argv: readonly [string, ...string[]], cwd: string): Promise<number> {
  const told = join(folder, 'times');
  await run(['bash', '-c', '"$@" > "$0.out"; code=$?; times > "$0"; exit $code', told, ...argv], cwd);
  const children = readFileSync(told, 'utf8').trim().split('\n').at(-1) ?? '';
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1_000,
    0,
  );
}

async function manyLines(): Promise<readonly Figure[]> {
  const lines = join(folder, 'lines.txt');
  const output = createWriteStream(lines);
  for (let line = 1; line <= LINES; line++) {
    output.write(`line ${String(line).padStart(8, '0')} of what a noisy build prints out\n`);
    if (line % 10_000 === 0) await new Promise((next) => setImmediate(next));
  }
  await finished(output.end());
  const root = project('lines', [`cat ${lines}`]);
  const runs = await repeat(5, () => run([gantry, 'run'], root));
  await run(['bash', '-c', `test "$("$0" logs --raw | wc -l)" = ${LINES}`, gantry], root);
  const withSecret = await repeat(5, () => run([gantry, 'run', '--secret', `TOKEN=${'s3cret-'.repeat(5)}`], root));
  const plain = medianWall(await repeat(5, () => run(['bash', '-c', `cat ${lines} > ${join(folder, 'copy.txt')}`])));
  return [
    {
      what: '1,000,000 log lines, whole run',
      unit: 'lines/s',
      value: LINES / (medianWall(runs) / 1000),
      plain: { how: 'cat to a file', value: LINES / (plain / 1000) },
      target: { is: 'at least', value: 300_000 },
    },
    {
      what: 'the same with a secret to look for',
      unit: 'lines/s',
      value: LINES / (medianWall(withSecret) / 1000),
      plain: { how: 'cat to a file', value: LINES / (plain / 1000) },
      target: { is: 'at least', value: 300_000 },
    },
    {
      what: '1,000,000 log lines, peak memory',
      unit: 'MB',
      value: median([...runs, ...withSecret].map((each) => each.peakMb)),
      target: { is: 'at most', value: 200 },
    },
  ];
}

function isMet({ value, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  return target.is === 'at most' ? value <= target.value : value >= target.value;
}

/** How many times as much as the plain way; for speeds, what part of its speed. */
function ratio({ value, plain }: Figure): number | undefined {
  return plain === undefined ? undefined : value / plain.value;
}

function shown(value: number, unit: Figure['unit']): string {
  const digits = unit === 's' ? 3 : unit === 'ms' ? 1 : 0;
  return `${value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
}

function row(figure: Figure): string {
  const { what, unit, value, plain, target } = figure;
  const beside = plain ? `${shown(plain.value, unit)} ${plain.how}` : '';
  const times = ratio(figure);
  const judged = target ? `${target.is} ${shown(target.value, unit)}: ${isMet(figure) ? 'met' : 'MISSED'}` : '';
  return `${what.padEnd(52)} ${shown(value, unit).padStart(16)}  ${(times === undefined ? '' : `× ${times.toPrecision(times > 0.9 && times < 2 ? 3 : 2)}`).padEnd(9)} ${beside.padEnd(46)} ${judged}`.trimEnd();
}

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, only: { type: 'string' } },
});
try {
  const bench: Bench = { folder, gantry, run, cpuMsOf, median };
  const parts: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
    jobs: async () => {
      const one = await oneStep();
      return [...one.figures, ...(await manyJobs(one.wallMs))];
    },
    lines: manyLines,
    plan: async () => [await largeWorkflow()],
    diagnose: () => largeLog(bench),
    masked: () => maskedFailures(bench),
  };
  const asked = Object.entries(parts).filter(([name]) => options.only === undefined || options.only === name);
  if (asked.length === 0) throw new Error(`--only takes one of: ${Object.keys(parts).join(', ')}`);
  const cores = availableParallelism();
  if (!options.json)
    console.log(`medians on ${cores} cores, Node ${process.version}; × is Gantry against the plain way\n`);
  const figures: Figure[] = [];
  for (const [name, measure] of asked) {
    if (process.stderr.isTTY) process.stderr.write(`measuring: ${name} …`);
    const measured = await measure();
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    figures.push(...measured);
    // As soon as they are known: all of it takes minutes.
    if (!options.json) for (const figure of measured) console.log(row(figure));
  }
  if (options.json) {
    const listed = figures.map((figure) => ({ ...figure, ratio: ratio(figure), met: isMet(figure) }));
    console.log(JSON.stringify({ version: 1, cores, node: process.version, figures: listed }, null, 2));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
