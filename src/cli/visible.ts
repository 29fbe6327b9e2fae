import { cleanLine } from '#diagnosis/log/clean-line.ts';
import { inline } from '#run/report/layout.ts';

/** A line of somebody else's text as it is, with its spaces, without what a terminal would obey. */
export function visible(text: string): string {
  return cleanLine(text).replaceAll('\t', '    ').split(' ').map(inline).join(' ').trimEnd();
}
