// A pipeline's text to its exported text, without files and git.
import type { JsonObject } from '#base/json.ts';
import { ACTION_NAMES } from '#cli/action-names.ts';
import type { Diagnostic } from '#workflow/diagnostic.ts';
import { exportWorkflow } from '#workflow/export/export-workflow.ts';
import { writeWorkflow } from '#workflow/export/write-workflow.ts';
import { readWorkflow } from '#workflow/read-workflow.ts';
import { readYaml } from '#workflow/read-yaml.ts';
import { Reporter } from '#workflow/reporter.ts';

export interface ExportedText {
  /** Only without errors. */
  readonly text?: string;
  readonly exported: JsonObject;
  readonly diagnostics: readonly Diagnostic[];
}

/** Undefined when the pipeline itself is not valid. */
export function exportText(source: string, prefix = ''): ExportedText | undefined {
  const { workflow } = readWorkflow('gantry.yml', source, { actions: ACTION_NAMES });
  const { root } = readYaml(source, new Reporter('gantry.yml'));
  if (!workflow || root?.kind !== 'map') return undefined;
  const reporter = new Reporter('gantry.yml');
  const exported = exportWorkflow({
    workflow,
    root,
    file: 'gantry.yml',
    prefix,
    package: 'gantry@1',
    report: (finding) => reporter.report(finding),
  });
  const diagnostics = reporter.all();
  return reporter.hasError
    ? { exported, diagnostics }
    : { text: writeWorkflow(exported, [], new Map()), exported, diagnostics };
}
