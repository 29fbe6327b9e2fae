import { forEachChild } from 'unbash';
import type { ParsedScript, SyntaxNode } from 'unbash';

/** Scripts in the words of one command: `$(…)`, backquotes and `<(…)`. Not those in commands that it is made of. */
export function nestedScripts(node: SyntaxNode): readonly ParsedScript[] {
  if (node.type !== 'Command' && node.type !== 'For' && node.type !== 'Select' && node.type !== 'Case') return [];
  const found: ParsedScript[] = [];
  const visit = (child: SyntaxNode): void => {
    if (child.type === 'Script') {
      // A script that was written with escapes has offsets of its own, which are no places in the text.
      if (child.source === undefined && (child.errors ?? []).length === 0) found.push(child);
      return;
    }
    if (child.type === 'CompoundList' || child.type === 'CaseItem') return;
    forEachChild(child, visit);
  };
  forEachChild(node, visit);
  return found;
}
