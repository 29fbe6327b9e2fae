// `github.action` of the steps of a job: their ids, and for steps without one the name that GitHub gives them.
import { unreachable } from '#base/unreachable.ts';
import type { Step } from '#workflow/model.ts';

const MAX_LENGTH = 100;

/** In the order of the steps, each once: `__run`, `__run_2`, `__actions_checkout`, `__self` for what lies in the workspace. */
export function actionNames(steps: readonly Step[]): readonly string[] {
  const used = new Set(steps.flatMap((step) => step.id ?? []));
  return steps.map((step) => {
    if (step.id !== undefined) return step.id;
    const base = `__${kindName(step)}`.replace(/[^A-Za-z0-9_-]/g, '_');
    for (let count = 1; ; count++) {
      const suffix = count === 1 ? '' : `_${count}`;
      const name = base.slice(0, MAX_LENGTH - suffix.length) + suffix;
      if (used.has(name)) continue;
      used.add(name);
      return name;
    }
  });
}

function kindName(step: Step): string {
  switch (step.kind) {
    case 'run':
    case 'wait':
    case 'cancel':
      return step.kind;
    case 'uses':
      return actionName(step.uses.value);
    default:
      return unreachable(step);
  }
}

function actionName(uses: string): string {
  if (uses.startsWith('docker://')) return uses.slice('docker://'.length);
  if (uses.startsWith('./') || uses.startsWith('$/')) return 'self';
  return uses.replace(/@.*$/, '').split('/').slice(0, 2).join('/');
}
