import type { Job } from '#workflow/model.ts';
import { UnusableTemplate } from './job-scope.ts';
import type { JobScope } from './job-scope.ts';
import type { Masks } from './masks.ts';

interface Outputs {
  readonly scope: JobScope;
  readonly masks: Masks;
  readonly note: (text: string) => void;
}

/** As on GitHub, an output that holds a secret is not passed on. */
export function jobOutputs(job: Job, { scope, masks, note }: Outputs): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [name, template] of Object.entries(job.outputs)) {
    try {
      const value = scope.evaluate(template.value);
      if (masks.redact(value) === value) outputs[name] = value;
      else note(`output "${name}" is not passed on, because it holds a secret`);
    } catch (cause) {
      if (!(cause instanceof UnusableTemplate)) throw cause;
      note(`output "${name}": ${cause.message}`);
    }
  }
  return outputs;
}
