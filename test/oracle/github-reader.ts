// GitHub's own reader of workflows: what it has against a text.
import { registerHooks } from 'node:module';

// The package imports its schema as bundlers allow it and Node does not.
registerHooks({
  load: (url, context, nextLoad) =>
    nextLoad(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
});
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import('@actions/workflow-parser');
const { TemplateContext, TemplateValidationErrors } =
  await import('@actions/workflow-parser/templates/template-context');
const { getWorkflowSchema } = await import('@actions/workflow-parser/workflows/workflow-schema');
const { FeatureFlags } = await import('@actions/expressions/features');

/** Nothing when GitHub would take it. */
export async function errorsOfGitHub(text: string): Promise<readonly string[]> {
  const featureFlags = new FeatureFlags({ all: true });
  const trace = new NoOperationTraceWriter();
  const context = new TemplateContext(new TemplateValidationErrors(), getWorkflowSchema(), trace);
  context.state['featureFlags'] = featureFlags;
  const { value } = parseWorkflow({ name: 'w.yml', content: text }, context);
  const told = (): readonly string[] => context.errors.getErrors().map((error) => error.message);
  if (told().length > 0) return told();
  if (value === undefined) return ['there is nothing in it'];
  const template = await convertWorkflowTemplate(context, value, undefined, { featureFlags });
  return [...(template.errors ?? []).map((error) => error.Message), ...told()];
}
