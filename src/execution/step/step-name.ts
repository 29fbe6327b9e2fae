import type { Step } from '#workflow/model.ts';

/** The step's own name before anything is evaluated, as GitHub shows it. */
export function stepName(step: Step): string {
  if (step.name) return step.name.value;
  switch (step.kind) {
    case 'uses':
      return `Run ${step.uses.value}`;
    case 'run':
      return `Run ${step.run.value.trim().split('\n')[0] ?? ''}`;
    case 'wait':
      return step.steps === 'all' ? 'Wait for all' : 'Wait';
    default:
      return 'Cancel';
  }
}
