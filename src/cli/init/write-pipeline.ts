// The plans of all parts as a `gantry.yml` that its reader understands without having read anything else.
import { stringify } from 'yaml';
import type { InitStep, PartPlan } from './plan-part.ts';

export interface InitJob {
  readonly folder: string;
  readonly plan: PartPlan;
}

export interface PipelineDraft {
  /** Of the schema, from the file; absent when there is none. */
  readonly schema?: string;
  readonly name: string;
  readonly runsOn: string;
  readonly jobs: readonly InitJob[];
  /** What is said at the top, a line each. */
  readonly notes: readonly string[];
}

export function writePipeline(draft: PipelineDraft): string {
  const { schema, name, runsOn, jobs, notes } = draft;
  const head = [
    ...(schema === undefined ? [] : [`# yaml-language-server: $schema=${schema}`]),
    '# Written by gantry init from what is in this repository; it is yours to change.',
    '# gantry run runs it here, gantry export github writes it as a workflow of GitHub.',
    ...(notes.length > 0 ? ['#', ...notes.flatMap((note) => comment(note))] : []),
    '',
    `name: ${scalar(name)}`,
    'on:',
    '  push:',
    '  pull_request:',
    '',
    'jobs:',
  ];
  const used = new Set<string>();
  const written = jobs.map((job) => writeJob(job, { key: freeKey(job, used), runsOn }).join('\n'));
  return `${head.join('\n')}\n${written.join('\n\n')}\n`;
}

function freeKey({ folder, plan }: InitJob, used: Set<string>): string {
  const base = (folder === '' ? plan.language : folder.replace(/\/$/, ''))
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z_]+/, '');
  const named = base === '' ? 'part' : base;
  const key = !used.has(named) ? named : `${named}-${plan.language}`;
  let free = key;
  for (let number = 2; used.has(free); number++) free = `${key}-${number}`;
  used.add(free);
  return free;
}

function writeJob(
  { folder, plan }: InitJob,
  { key, runsOn }: { readonly key: string; readonly runsOn: string },
): string[] {
  const { uses, steps, notes } = plan;
  const lines = [
    ...notes.flatMap((note) => comment(note, '  ')),
    `  ${key}:`,
    `    runs-on: ${runsOn}`,
    ...(folder === ''
      ? []
      : ['    defaults:', '      run:', `        working-directory: ${scalar(folder.replace(/\/$/, ''))}`]),
    '    steps:',
    '      - uses: actions/checkout@v4',
  ];
  if (uses) {
    lines.push(...comment(uses.why, '      '), `      - uses: ${uses.action}`);
    const inputs = Object.entries(uses.with ?? {});
    if (inputs.length > 0)
      lines.push('        with:', ...inputs.map(([name, value]) => `          ${name}: ${scalar(value)}`));
  }
  for (const step of steps) lines.push(...writeStep(step, folder));
  return lines;
}

function writeStep({ why, name, run, env, retry, report }: InitStep, folder: string): readonly string[] {
  const variables = Object.entries(env ?? {});
  return [
    ...why.flatMap((line) => comment(line, '      ')),
    `      - name: ${scalar(name)}`,
    `        run: ${scalar(run)}`,
    ...(variables.length > 0
      ? ['        env:', ...variables.map(([key, value]) => `          ${key}: ${scalar(value)}`)]
      : []),
    ...(retry ? ['        retry: 3'] : []),
    ...(report === undefined
      ? []
      : ['        expect:', `          tests: { report: ${scalar(`${folder}${report}`)}, min: 1 }`]),
  ];
}

const WIDTH = 100;

function comment(text: string, indent = ''): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.replaceAll(/\s+/g, ' ').split(' ')) {
    if (line !== '' && indent.length + line.length + word.length + 3 > WIDTH) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => `${indent}# ${each}`);
}

function scalar(value: string): string {
  return stringify(value, { lineWidth: 0, singleQuote: true }).trimEnd();
}
