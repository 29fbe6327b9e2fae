// What a job must not show: the run's secrets, and what its steps ask to have masked. The latter are remembered in the
// job's private folder, because a resumed job knows nothing else of them.
import { appendFileSync, readFileSync } from 'node:fs';
import type { Secret } from '#base/secret.ts';
import type { FailedCommand, StepDiagnosis } from '#run/diagnosis.ts';
import type { Annotation, StepResult, TestCounts } from '#run/events.ts';
import { createRedactor } from '#run/redaction.ts';
import type { Redactor } from '#run/redaction.ts';

export interface Masks {
  readonly redactor: Redactor;
  redact(text: string): string;
  redactAnnotation(annotation: Annotation): Annotation;
  redactResult(result: StepResult): StepResult;
  add(value: string): void;
}

export function createMasks(file: string, secrets: readonly Secret[]): Masks {
  const redactor = createRedactor(
    [...secrets.map((secret) => secret.reveal()), ...remembered(file)].filter((value) => value !== ''),
  );
  const redact = (text: string): string => (redactor.isEmpty() ? text : redactor.redact(text));
  const add = (value: string): void => {
    if (value === '') return;
    redactor.add(value);
    appendFileSync(file, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  };
  const redactAnnotation = (annotation: Annotation): Annotation => ({
    ...annotation,
    message: redact(annotation.message),
    ...(annotation.title === undefined ? {} : { title: redact(annotation.title) }),
    ...(annotation.file === undefined ? {} : { file: redact(annotation.file) }),
    ...(annotation.code === undefined ? {} : { code: redact(annotation.code) }),
  });
  return {
    redactor: { ...redactor, add },
    redact,
    redactAnnotation,
    add,
    redactResult: (result) => ({
      ...result,
      outputs: Object.fromEntries(Object.entries(result.outputs).map(([name, value]) => [name, redact(value)])),
      annotations: result.annotations.map(redactAnnotation),
      ledger: result.ledger.map((entry) => ({
        ...entry,
        wanted: redact(entry.wanted),
        used: redact(entry.used),
        why: redact(entry.why),
      })),
      ...(result.why === undefined ? {} : { why: redact(result.why) }),
      ...(result.diagnosis ? { diagnosis: redactDiagnosis(result.diagnosis, redact) } : {}),
      ...(result.tests ? { tests: redactTests(result.tests, redact) } : {}),
    }),
  };
}

function redactDiagnosis(diagnosis: StepDiagnosis, redact: (text: string) => string): StepDiagnosis {
  const { cause, fix, probes, command } = diagnosis;
  return {
    ...diagnosis,
    cause: redact(cause),
    ...(fix === undefined ? {} : { fix: redact(fix) }),
    ...(command ? { command: redactCommand(command, redact) } : {}),
    ...(probes ? { probes: probes.map((probe) => ({ ...probe, said: redact(probe.said) })) } : {}),
  };
}

function redactCommand(command: FailedCommand, redact: (text: string) => string): FailedCommand {
  const { text, expanded, mask } = command;
  return {
    ...command,
    text: redact(text),
    ...(expanded === undefined ? {} : { expanded: redact(expanded) }),
    ...(mask === undefined ? {} : { mask: redact(mask) }),
  };
}

function redactTests(tests: TestCounts, redact: (text: string) => string): TestCounts {
  const { failures, flaky } = tests;
  const named = (failures ?? []).map((test) => ({
    ...test,
    name: redact(test.name),
    message: redact(test.message),
    ...(test.file === undefined ? {} : { file: redact(test.file) }),
  }));
  return {
    ...tests,
    ...(failures ? { failures: named } : {}),
    ...(flaky ? { flaky: flaky.map((test) => ({ ...test, name: redact(test.name) })) } : {}),
  };
}

function remembered(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => String(JSON.parse(line)));
  } catch {
    return [];
  }
}
