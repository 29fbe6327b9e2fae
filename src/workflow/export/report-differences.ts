// What a job that Gantry runs on GitHub's machine does otherwise there. Nothing is dropped without a word.
import type { Job, UsesStep } from '../model.ts';
import type { ExportRequest } from './export-request.ts';
import { nameOf } from './set-up-steps.ts';

const COMMIT = /@[0-9a-f]{40}$/;
/** They come with Gantry; what is fetched for the machine is pinned in the exported file. */
const BUILT_IN =
  /^(gantry\/|actions\/(checkout|setup-python|setup-node|cache|upload-artifact|download-artifact)(\/|$))/;

export function reportWhatDiffers(job: Job, { report }: ExportRequest): void {
  const labels = typeof job.runsOn.value === 'string' ? [job.runsOn.value] : job.runsOn.value;
  if (labels.some((label) => /^windows(-|$)/i.test(label)))
    report({
      code: 'WF166',
      at: job.runsOn.at,
      message: `job "${job.key}" uses keys of Gantry, which does not run on Windows`,
    });
  const isHosted = labels.some((label) => /^(ubuntu|macos)-/i.test(label));
  for (const step of usesSteps(job)) {
    const { at, value } = step.uses;
    const name = nameOf(step);
    if (name === 'gantry/deploy' && isHosted) {
      const message = `GitHub's machine is taken away when job "${job.key}" ends, and what was deployed on it too`;
      report({ code: 'WF167', severity: 'warning', at, message });
    } else if (!isBuiltIn(name) && !/^(\.|\$|docker:)/.test(value) && !COMMIT.test(value)) {
      const message = `"${value}" is fetched by its tag or branch inside job "${job.key}", not by a commit`;
      report({ code: 'WF168', severity: 'warning', at, message });
    }
  }
}

export function isBuiltIn(name: string): boolean {
  return BUILT_IN.test(name);
}

/** Steps of a job that use an action, those of fallbacks included. */
export function usesSteps(job: Job): readonly UsesStep[] {
  return job.steps.flatMap((step) => {
    const fallbacks = step.fallback.map((each) => each.step);
    return [step, ...fallbacks].filter((each) => each.kind === 'uses');
  });
}
