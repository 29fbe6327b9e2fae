import { isJsonObject, parseJson } from '#base/json.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';
import type { InitStep, Machine, PartPlan } from './plan-part.ts';
import type { Part } from './survey.ts';

interface PackageManager {
  readonly command: string;
  readonly install: string;
}

/** By lock file. */
const MANAGERS: Readonly<Record<string, PackageManager>> = {
  'package-lock.json': { command: 'npm', install: 'npm ci' },
  'npm-shrinkwrap.json': { command: 'npm', install: 'npm ci' },
  'pnpm-lock.yaml': { command: 'pnpm', install: 'pnpm install --frozen-lockfile' },
  'yarn.lock': { command: 'yarn', install: 'yarn install --frozen-lockfile' },
  'bun.lock': { command: 'bun', install: 'bun install --frozen-lockfile' },
};

export function planNode(part: Part, { has }: Machine): PartPlan | undefined {
  const manifest = parseJson(part.read('package.json'));
  if (!isJsonObject(manifest)) return undefined;
  const lock = Object.keys(MANAGERS).find((file) => part.files.includes(file));
  const manager = (lock === undefined ? undefined : MANAGERS[lock]) ?? { command: 'npm', install: 'npm install' };
  if (!has(manager.command)) {
    const notes = [
      `package.json is here, but this machine has no ${manager.command}: nothing of it is built or tested`,
    ];
    return { language: 'node', steps: [], notes };
  }
  const scripts = textsOf(manifest['scripts']);
  const isNeeded = ['dependencies', 'devDependencies', 'optionalDependencies', 'workspaces'].some((key) =>
    isFilled(manifest[key]),
  );
  const install: InitStep = {
    why: [
      `${lock ?? 'package.json, without a lock file'}. A network that stumbles is tried again, and the run then says so.`,
    ],
    name: 'Dependencies',
    run: manager.install,
    retry: true,
  };
  const build: InitStep = {
    why: ['The script "build" of package.json.'],
    name: 'Build',
    run: `${manager.command} run build`,
  };
  const test = planTest(scripts['test'] ?? '', manager);
  const steps = [
    ...(isNeeded ? [install] : []),
    ...(scripts['build'] === undefined ? [] : [build]),
    ...(test === undefined ? [] : [test]),
  ];
  const others = ['lint', 'typecheck', 'format:check'].filter((name) => scripts[name] !== undefined);
  return {
    language: 'node',
    steps,
    notes: [
      ...(test === undefined ? ['package.json has no script "test", so no test step is claimed'] : []),
      ...others.map(
        (name) =>
          `"${manager.command} run ${name}" is there too: add it, with "advisory: true" when it shall not block`,
      ),
    ],
  };
}

/** npm's own text for a package without tests fails on purpose. */
const NO_TEST = /no test specified/;

function planTest(script: string, { command }: PackageManager): InitStep | undefined {
  if (script.trim() === '' || NO_TEST.test(script)) return undefined;
  const why = 'The script "test" of package.json.';
  if (/\bnode\b.*\s--test\b/.test(script))
    return {
      why: [why, 'It uses node:test, which is told to write a report as well: no tests is unknown, not passed.'],
      name: 'Tests',
      run: `${command} test`,
      env: {
        NODE_OPTIONS:
          '--test-reporter=spec --test-reporter-destination=stdout --test-reporter=junit --test-reporter-destination=report.xml',
      },
      report: 'report.xml',
    };
  if (/^vitest( run)?$/.test(script.trim()))
    return {
      why: [why, 'vitest writes a report as well: no tests is unknown, not passed.'],
      name: 'Tests',
      run: `${command} test -- --run --reporter=default --reporter=junit --outputFile=report.xml`,
      report: 'report.xml',
    };
  return {
    why: [why, 'What it proves is for it to say: see "expect" to ask for a report.'],
    name: 'Tests',
    run: `${command} test`,
  };
}

function textsOf(value: JsonValue | undefined): Readonly<Record<string, string | undefined>> {
  const fields: JsonObject = isJsonObject(value) ? value : {};
  return Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [name, typeof text === 'string' ? text : undefined]),
  );
}

function isFilled(value: JsonValue | undefined): boolean {
  return (isJsonObject(value) && Object.keys(value).length > 0) || Array.isArray(value);
}
