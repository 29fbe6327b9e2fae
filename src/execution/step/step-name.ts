import type { RunStep, Step, UsesStep } from '#workflow/model.ts';

/** The step's own name before anything is evaluated, as GitHub shows it. */
export function stepName(step: RunStep | UsesStep): string {
  if (step.name) return step.name.value;
  if (step.kind === 'uses') return `Run ${step.uses.value}`;
  return `Run ${step.run.value.trim().split('\n')[0] ?? ''}`;
}

/** `github.action`: the id, or else a name that GitHub makes from what the step does, numbered when it comes again. */
export function actionName(step: RunStep | UsesStep, siblings: readonly Step[]): string {
  if (step.id !== undefined) return step.id;
  const name = madeName(step);
  const before = siblings.filter(
    (each) =>
      each.index < step.index &&
      (each.kind === 'run' || each.kind === 'uses') &&
      each.id === undefined &&
      madeName(each) === name,
  );
  return before.length === 0 ? name : `${name}_${before.length + 1}`;
}

function madeName(step: RunStep | UsesStep): string {
  if (step.kind === 'run') return '__run';
  const words = step.uses.value.replace(/@.*$/, '').split(/[^\w-]+/);
  return `__${words.filter((word) => word !== '').join('_')}`;
}
