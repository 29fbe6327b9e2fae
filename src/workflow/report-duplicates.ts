import type { Reporter } from './reporter.ts';
import type { YamlEntry } from './yaml-node.ts';

/** Keys that stand twice in one mapping. GitHub compares them without regard to case. */
export function reportDuplicates(entries: readonly Pick<YamlEntry, 'key' | 'keyNode'>[], reporter: Reporter): void {
  const first = new Map<string, Pick<YamlEntry, 'key' | 'keyNode'>>();
  for (const entry of entries) {
    const folded = entry.key.toLowerCase();
    const before = first.get(folded);
    if (before === undefined) {
      first.set(folded, entry);
      continue;
    }
    const spelled = before.key === entry.key ? '' : `, there as "${before.key}"; case makes no difference`;
    const message = `the key "${entry.key}" already stands in line ${before.keyNode.at.line} of this mapping${spelled}`;
    reporter.report({ code: 'WF005', at: entry.keyNode.at, message });
  }
}
