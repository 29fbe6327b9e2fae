import { readFilledText } from './fields.ts';
import type { Located } from './position.ts';
import { didYouMean, lenient, report, type Reading } from './reading.ts';
import { shorten, type YamlNode } from './yaml-node.ts';

/**
 * `uses:` of a step: `owner/repository[/path]@version`, `./path` in the workspace, `$/path` in the repository that holds
 * this file, or `docker://image`. Whether it is there is seen when it runs.
 */
export function readUses(reading: Reading, node: YamlNode): Located<string> | undefined {
  const text = readFilledText(reading, node, '"uses"');
  if (text === undefined) return undefined;
  const { at } = text;
  // GitHub takes the separators of Windows too.
  const value = text.value.startsWith('docker://') ? text.value : text.value.replaceAll('\\', '/');
  const uses = { value, at };
  if (value.startsWith('docker://') || value.startsWith('./') || value.startsWith('$/')) return uses;
  const [, name = '', ref] = /^([^@]*)(?:@(.*))?$/s.exec(value) ?? [];
  if (!/^[\w.-]+\/[\w.-]+(\/[\w./-]+)?$/.test(name)) {
    // GitHub reads whatever has an owner, a name and a version, and fails the job when there is no such repository.
    const severity = /^[^/]+(?:\/[^/]+)+$/.test(name) && ref ? lenient(reading) : 'error';
    report(reading, { code: 'WF023', severity, at, message: `"${shorten(value)}" does not name an action` });
    return uses;
  }
  if (!ref) {
    report(reading, {
      code: 'WF023',
      at,
      message: `"${shorten(value)}" does not say which version`,
      cure: `write for example "${shorten(name)}@v1"`,
    });
    return uses;
  }
  reportMisspelling(reading, name, uses);
  return uses;
}

/** Owners whose actions are built in, so that a name of theirs that is almost one of these is a slip. */
const OWNERS = ['actions', 'gantry'];

function reportMisspelling(reading: Reading, name: string, { at }: Located<string>): void {
  const lower = name.toLowerCase();
  const [owner = ''] = lower.split('/');
  if (!OWNERS.includes(owner) || reading.actions.some((each) => each.toLowerCase() === lower)) return;
  const hint = didYouMean(reading, name, reading.actions);
  if (owner === 'gantry') {
    const cure = `use one of ${reading.actions.filter((each) => each.startsWith('gantry/')).join(', ')}`;
    report(reading, { code: 'WF082', at, message: `there is no action "${shorten(name)}"${hint}`, cure });
  } else if (hint !== '') {
    const message = `"${shorten(name)}" does not come with Gantry, so it is fetched${hint}`;
    report(reading, { code: 'WF082', severity: 'warning', at, message });
  }
}
