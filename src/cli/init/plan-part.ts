// What is done with one part of a project, and why.
import { planNode } from './plan-node.ts';
import { planPython } from './plan-python.ts';
import type { Part } from './survey.ts';

export interface InitStep {
  /** Why it is there: a line each. */
  readonly why: readonly string[];
  readonly name: string;
  readonly run: string;
  readonly env?: Readonly<Record<string, string>>;
  /** It talks to a network, which may stumble. */
  readonly retry?: true;
  /** A test report, relative to the part. */
  readonly report?: string;
}

export interface PartPlan {
  readonly language: string;
  readonly uses?: { readonly why: string; readonly action: string; readonly with?: Readonly<Record<string, string>> };
  readonly steps: readonly InitStep[];
  /** What was found and is not done, with the reason. */
  readonly notes: readonly string[];
}

export interface Machine {
  /** Whether a command is in PATH. */
  readonly has: (command: string) => boolean;
}

export function planPart(part: Part, machine: Machine): readonly PartPlan[] {
  const plans = [planPython(part), planNode(part, machine), planGo(part, machine), planRust(part, machine)];
  const found = plans.flatMap((plan) => plan ?? []);
  return found.some((plan) => plan.steps.length > 0) ? found : [...found, ...planMake(part, machine)];
}

function planGo(part: Part, { has }: Machine): PartPlan | undefined {
  if (!part.files.includes('go.mod')) return undefined;
  if (!has('go')) return absent('Go', 'go.mod', 'go');
  const test: InitStep = {
    why: ['There are _test.go files. Go writes no test report of its own, so the exit code is the proof.'],
    name: 'Tests',
    run: 'go test ./...',
  };
  const hasTests = part.files.some((path) => path.endsWith('_test.go'));
  const build: InitStep = { why: ['go.mod is here.'], name: 'Build', run: 'go build ./...', retry: true };
  return {
    language: 'go',
    steps: hasTests ? [build, test] : [build],
    notes: hasTests ? [] : ['no _test.go file was found, so no test step is claimed'],
  };
}

function planRust(part: Part, { has }: Machine): PartPlan | undefined {
  if (!part.files.includes('Cargo.toml')) return undefined;
  if (!has('cargo')) return absent('Rust', 'Cargo.toml', 'cargo');
  const locked = part.files.includes('Cargo.lock') ? ' --locked' : '';
  const hasTests = part.files.some((path) => path.endsWith('.rs') && /#\[(\w+::)?test\]/.test(part.read(path)));
  const build: InitStep = { why: ['Cargo.toml is here.'], name: 'Build', run: `cargo build${locked}`, retry: true };
  const test: InitStep = {
    why: ['There are #[test] functions. Cargo writes no test report, so the exit code is the proof.'],
    name: 'Tests',
    run: `cargo test${locked}`,
  };
  return {
    language: 'rust',
    steps: hasTests ? [build, test] : [build],
    notes: hasTests ? [] : ['no #[test] function was found, so no test step is claimed'],
  };
}

function planMake(part: Part, { has }: Machine): readonly PartPlan[] {
  const makefile = part.files.find((path) => /^(GNUm|m|M)akefile$/.test(path));
  if (makefile === undefined) return [];
  const targets = [...part.read(makefile).matchAll(/^([A-Za-z][\w-]*)\s*:(?!=)/gm)].map(([, target = '']) => target);
  const target = ['test', 'check'].find((each) => targets.includes(each));
  if (target === undefined)
    return [{ language: 'make', steps: [], notes: [`${makefile} has no target "test" or "check"`] }];
  if (!has('make')) return [absent('make', makefile, 'make')];
  const why = [
    `${makefile} has the target "${target}". What it proves is for it to say: see "expect" to ask for a report.`,
  ];
  return [{ language: 'make', steps: [{ why, name: 'Tests', run: `make ${target}` }], notes: [] }];
}

function absent(language: string, file: string, command: string): PartPlan {
  const notes = [`${file} is here, but this machine has no ${command}: nothing of it is built or tested`];
  return { language: language.toLowerCase(), steps: [], notes };
}
