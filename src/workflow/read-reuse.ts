// `consumes` and `produces`: what a step reads of the workspace, and what it makes there.
import { readTemplate, wrongType, type Fields } from './fields.ts';
import type { Template } from './model.ts';
import { report, type Reading, type Site } from './reading.ts';
import { hasExpression } from './template-text.ts';
import { scalarText, shorten, type YamlNode } from './yaml-node.ts';

interface ReuseKeys {
  readonly consumes?: readonly Template[];
  readonly produces?: readonly Template[];
}

export function readReuse(reading: Reading, fields: Fields, site: Site): ReuseKeys {
  const [consumes, produces] = [fields.get('consumes'), fields.get('produces')];
  const first = consumes ?? produces;
  if (!first) return {};
  const [there, missing] = consumes ? ['consumes', 'produces'] : ['produces', 'consumes'];
  if (!consumes || !produces)
    report(reading, {
      code: 'WF130',
      at: first.keyNode.at,
      message: `"${there}" stands without "${missing}", so the step could never be restored`,
      cure: `add "${missing}:" with paths, or "${missing}: []" if there are none`,
    });
  const action = fields.get('uses');
  const uses = action?.value.kind === 'scalar' ? scalarText(action.value) : '';
  const isBuiltIn = reading.actions.some((each) => each.toLowerCase() === uses.replace(/@.*$/s, '').toLowerCase());
  if (isBuiltIn || uses.startsWith('docker://'))
    report(reading, {
      code: 'WF133',
      severity: 'warning',
      at: first.keyNode.at,
      message: `"${shorten(uses)}" always runs: what it does is not all in the workspace`,
    });
  return {
    ...(consumes && { consumes: readPatterns(reading, consumes.value, { what: '"consumes"', site }) }),
    ...(produces && { produces: readPatterns(reading, produces.value, { what: '"produces"', site }) }),
  };
}

function readPatterns(
  reading: Reading,
  node: YamlNode,
  { what, site }: { readonly what: string; readonly site: Site },
): readonly Template[] {
  const items = node.kind === 'list' ? node.items : [node];
  const patterns: Template[] = [];
  for (const item of items) {
    if (item.kind !== 'scalar' || scalarText(item).trim() === '') {
      wrongType(reading, item, { what, wanted: 'a path, or a list of paths' });
      continue;
    }
    const pattern = readTemplate(reading, item, { what, site });
    if (pattern === undefined) continue;
    const problem = hasExpression(pattern.value) ? undefined : pathProblem(pattern.value);
    if (problem !== undefined)
      report(reading, { code: 'WF131', at: pattern.at, message: `"${shorten(pattern.value)}" in ${what} ${problem}` });
    if (patterns.length === 0 && pattern.value.startsWith('!'))
      report(reading, {
        code: 'WF132',
        at: pattern.at,
        message: `"${shorten(pattern.value)}" is the first in ${what}, so there is nothing to take it out of`,
      });
    patterns.push(pattern);
  }
  return patterns;
}

/** The same is asked again of what an expression makes, when the step runs. */
function pathProblem(text: string): string | undefined {
  const path = text.replace(/^!/, '');
  if (path.startsWith('/') || path === '~' || path.startsWith('~/')) return 'lies outside the workspace';
  return path.split('/').includes('..') ? 'leaves the workspace' : undefined;
}
