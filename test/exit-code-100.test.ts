/** The example of a pipeline that cannot fail, run as it is and in the other ways in which people write such a thing. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { commitAll } from './export/on-github.ts';
import { openTestProject } from './support/gantry-command.ts';
import type { TestProject } from './support/gantry-command.ts';

const EXAMPLE = join(import.meta.dirname, '../examples/exit-code-100');
const WORKFLOW = '.github/workflows/production.yml';

const Diagnosed = z.looseObject({
  cause: z.string(),
  layer: z.string(),
  confidence: z.number(),
  fix: z.string().optional(),
  command: z
    .looseObject({ text: z.string(), line: z.number(), status: z.number(), mask: z.string().optional() })
    .optional(),
  probes: z.array(z.looseObject({ name: z.string(), ok: z.boolean().optional(), said: z.string() })),
});
const Told = Diagnosed.extend({ failures: z.array(Diagnosed.extend({ step: z.string() })) });
const Report = z.looseObject({
  verdict: z.string(),
  ledger: z.array(
    z.looseObject({
      what: z.string(),
      where: z.string(),
      wanted: z.string(),
      why: z.string(),
      cause: z.string().optional(),
    }),
  ),
  diagnosis: Diagnosed.optional(),
});
const Audited = z.looseObject({ findings: z.array(z.looseObject({ rule: z.string(), line: z.number() })) });

test('the audit names each mask of the example with its line', async () => {
  using project = openTestProject(EXAMPLE);
  const { stdout } = await project.gantry(['audit', '--format', 'json']);
  const lines = readFileSync(join(EXAMPLE, WORKFLOW), 'utf8').split('\n');
  const lineOf = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1;
  const { findings } = Audited.parse(JSON.parse(stdout));
  assert.deepEqual(
    findings.filter(({ rule }) => rule.startsWith('AU0')).map(({ rule, line }) => [rule, line]),
    [
      ['AU001', lineOf('apt-get update')],
      ['AU001', lineOf('apt-get install -y --no')],
      ['AU001', lineOf('py_compile')],
      ['AU007', lineOf('continue-on-error')],
      ['AU009', lineOf('All tests passed')],
      ['AU001', lineOf('tar -czf')],
      ['AU009', lineOf('Running health checks')],
    ],
  );
});

test('the example does not pass: each failure that it hides is in the ledger, and the machine stays as it was', async () => {
  using project = openTestProject(EXAMPLE);
  const installed = statSync('/var/lib/dpkg/status').mtimeMs;
  const run = await project.gantry(['run', '--strict', '--format', 'json']);
  const { verdict, ledger } = Report.parse(JSON.parse(run.stdout));
  assert.equal(run.exitCode, 10);
  assert.equal(verdict, 'degraded');
  assert.deepEqual(
    ledger.map(({ what, wanted, why }) => [what, wanted.split(' ').slice(0, 2).join(' '), why.replace(/ \(.*/, '')]),
    [
      ['masked', 'apt-get install', 'status 100 at line 3'],
      ['masked', 'python3 -m', 'status 1 at line 1'],
      ['tolerated', 'Graphics libraries,', 'exit code 100'],
      ['masked', 'tar -czf', 'status 2 at line 1'],
    ],
  );
  assert.deepEqual(
    ledger.map(({ cause }) => cause),
    ['dependency', undefined, 'dependency', undefined],
  );
  assert.equal(statSync('/var/lib/dpkg/status').mtimeMs, installed);
});

test('the example is diagnosed: the tool, the package, what has replaced it, and that the runner is fine', async () => {
  using project = openTestProject(EXAMPLE);
  const run = await project.gantry(['run']);
  const report = run.stdout.replaceAll(/\s+/g, ' ');
  const cause =
    'apt-get cannot install libgl1-mesa-glx: Debian 13.0 (trixie) has no such package; libgl1 has replaced libgl1-mesa-glx';
  assert.ok(report.includes(`cause: ${cause}`), run.stdout);
  assert.match(report, /echo test: the runner is fine/);
  const text = (await project.gantry(['diagnose'])).stdout;
  assert.ok(text.startsWith(`✗ ${cause}\n`), text);
  assert.match(text, /\n {2}Command {2}apt-get install .* line 3, status 100, hidden by \|\| echo/);
  assert.match(
    text,
    /\n {2}Fix {2}at line 3 of the script: apt-get install -y --no-install-recommends libgl1 libsm6 libxext6\n/,
  );
  assert.match(text, /✓ echo test: the runner is fine/);
  const told = Told.parse(JSON.parse((await project.gantry(['diagnose', '--format', 'json'])).stdout));
  assert.equal(told.cause, cause);
  assert.equal(told.layer, 'dependency');
  assert.deepEqual(
    told.failures.map(({ step, command }) => [step, command?.status]),
    [
      ['System dependencies', 100],
      ['Code quality', 1],
      ['Graphics libraries, once more', 100],
      ['Package', 2],
    ],
  );
});

test('of a log from elsewhere, what has replaced the package is told without asking any index', async () => {
  using project = openTestProject(EXAMPLE);
  const log =
    "Reading package lists...\nE: Package 'libgl1-mesa-glx' has no installation candidate\n##[error]Process completed with exit code 100.\n";
  writeFileSync(join(project.folder, 'ci.log'), log);
  const { stdout } = await project.gantry(['diagnose', '--log', 'ci.log', '--format', 'json']);
  const told = z.looseObject({ layer: z.string(), fix: z.string() }).parse(JSON.parse(stdout));
  assert.equal(told.layer, 'dependency');
  assert.equal(told.fix, 'install libgl1 instead: it has replaced libgl1-mesa-glx');
});

test('a run that hid a failure is not the good run that the next one is compared with', async () => {
  using project = openTestProject(EXAMPLE);
  await project.gantry(['run']);
  await project.gantry(['run']);
  const told = Told.parse(JSON.parse((await project.gantry(['diagnose', '--format', 'json'])).stdout));
  const quality = told.failures.find(({ step }) => step === 'Code quality');
  assert.equal(quality?.cause, 'the file or folder main.py is not there');
  assert.equal(quality['changed'], undefined);
});

/** One step in place of all others. */
function onlyStep(project: TestProject, step: string): void {
  const head = 'on: push\nenv: { APT_CONFIG: package-index/apt.conf }\njobs:\n  test:\n    runs-on: ubuntu-latest\n';
  const steps = `    steps:\n      - uses: actions/checkout@v4\n      - run: apt-get update\n${step.replaceAll(/^/gm, '      ')}\n`;
  writeFileSync(join(project.folder, WORKFLOW), `${head}${steps}`);
  // More of Debian 13, and a source that says nothing of itself.
  for (const name of ['netcat-openbsd', 'default-jdk', 'libjpeg62-turbo'])
    appendFileSync(
      join(project.folder, 'package-index/repository/Packages'),
      `\nPackage: ${name}\nArchitecture: amd64\nVersion: 1\nFilename: x\nSize: 0\nSHA256: ${'0'.repeat(64)}\nMaintainer: x <x@example.org>\nDescription: x\n`,
    );
  rmSync(join(project.folder, 'package-index/repository/Release'));
  commitAll(project);
}

interface Way {
  readonly name: string;
  readonly step: string;
  readonly verdict?: 'failed';
  readonly cause: RegExp;
  readonly fix: string;
}

const WAYS: readonly Way[] = [
  {
    name: 'nothing hides it',
    step: '- run: |\n    echo one\n    apt-get install -y libgl1-mesa-glx',
    verdict: 'failed',
    cause: /^apt-get cannot install libgl1-mesa-glx: .*; libgl1 has replaced libgl1-mesa-glx$/,
    fix: 'at line 2 of the script: apt-get install -y libgl1',
  },
  {
    name: 'another package, with || true, among others and in quotes',
    step: "- run: apt-get install -y 'libsm6' 'netcat' libxext6 || true",
    cause: /^apt-get cannot install netcat: .*; netcat-openbsd has replaced netcat$/,
    fix: "at line 1 of the script: apt-get install -y 'libsm6' 'netcat-openbsd' libxext6",
  },
  {
    name: 'two that are gone, with apt and set +e',
    step: '- run: |\n    set +e\n    apt install -y openjdk-11-jdk "libgl1-mesa-glx"\n    echo done',
    cause:
      /^apt cannot install openjdk-11-jdk and libgl1-mesa-glx: .* has no such packages; default-jdk has replaced openjdk-11-jdk; libgl1 has replaced libgl1-mesa-glx$/,
    fix: 'at line 2 of the script: apt install -y default-jdk "libgl1"',
  },
  {
    name: 'one that nothing has replaced, with continue-on-error',
    step: '- run: apt-get -y install libjasper-dev\n  continue-on-error: true',
    cause: /^apt-get cannot install libjasper-dev: .* has no such package$/,
    fix: 'leave out libjasper-dev, or run on a release that has it',
  },
  {
    name: 'one whose number has gone on, with || exit 0',
    step: '- run: env DEBIAN_FRONTEND=noninteractive apt-get install -y libjpeg8-turbo || exit 0',
    cause: /^apt-get cannot install libjpeg8-turbo: .*; the nearest name to libjpeg8-turbo is libjpeg62-turbo$/,
    fix: 'at line 1 of the script: env DEBIAN_FRONTEND=noninteractive apt-get install -y libjpeg62-turbo',
  },
  {
    name: 'in a script that the step calls',
    step: '- run: sh setup.sh || echo "continuing"',
    cause: /^apt-get cannot install libgl1-mesa-glx: .*; libgl1 has replaced libgl1-mesa-glx$/,
    fix: 'install libgl1 instead of libgl1-mesa-glx',
  },
];

describe('a package that is gone is named, with what has replaced it', { concurrency: 2 }, () => {
  for (const { name, step, verdict = 'degraded', cause, fix } of WAYS)
    test(name, async () => {
      using project = openTestProject(EXAMPLE);
      writeFileSync(join(project.folder, 'setup.sh'), 'apt-get install -y libgl1-mesa-glx\n');
      onlyStep(project, step);
      const run = await project.gantry(['run', '--format', 'json']);
      const report = Report.parse(JSON.parse(run.stdout));
      assert.equal(report.verdict, verdict);
      const diagnosis = report.diagnosis ?? assert.fail('no diagnosis');
      assert.match(diagnosis.cause, cause);
      assert.equal(diagnosis.layer, 'dependency');
      assert.equal(diagnosis.fix, fix);
      assert.equal(diagnosis.probes.find((probe) => probe.name === 'echo test')?.ok, true);
    });
});
