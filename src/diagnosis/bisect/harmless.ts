// Whether a job may be run on commits of the past: only when all that can be seen of it stays in its workspace.
import { tmpdir } from 'node:os';
import type { Job, Step } from '#workflow/model.ts';
import { actsOutside } from '../replay/acts-outside.ts';

/** They read, or write to what belongs to the run. */
const HARMLESS_ACTIONS =
  /^actions\/(?:checkout|setup-python|setup-node|cache(?:\/restore|\/save)?|upload-artifact|download-artifact)@/;

/** Why not, in a few words; undefined when nothing speaks against it. */
export function whyNotAgain(job: Job): string | undefined {
  if (job.environment) return `job "${job.key}" is for an environment`;
  if (job.call) return `job "${job.key}" calls a workflow`;
  for (const step of job.steps) {
    const ways = 'fallback' in step ? [step, ...step.fallback.map((fallback) => fallback.step)] : [step];
    const why = ways.map((way) => whyNotStep(way, job)).find((each) => each !== undefined);
    if (why !== undefined) return `job "${job.key}": ${why}`;
  }
  return undefined;
}

function whyNotStep(step: Step, job: Job): string | undefined {
  if (step.kind === 'wait' || step.kind === 'cancel') return undefined;
  if (step.kind === 'uses') {
    const uses = step.uses.value;
    return HARMLESS_ACTIONS.test(uses) ? undefined : `it uses ${uses}, which may act outside`;
  }
  const shell = step.shell?.value ?? job.defaults?.shell?.value ?? 'bash';
  if (!/^(?:bash|sh)\b/.test(shell)) return `a step of it is for ${shell}, which is not looked into`;
  // What an expression becomes is not known here; a word stands in its place.
  const script = step.run.value.replaceAll(/\$\{\{[^]*?\}\}/g, 'x');
  const why = actsOutside(script, { own: [tmpdir()], env: {} });
  return why === undefined ? undefined : `a step of it acts outside: ${why}`;
}
