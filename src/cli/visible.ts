import { cleanLine } from '#diagnosis/log/clean-line.ts';
import { printable } from '#run/report/layout.ts';

/** A line of somebody else's log as it is read: without the time in front of it, too. */
export function visible(text: string): string {
  return printable(cleanLine(text));
}
