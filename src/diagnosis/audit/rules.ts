/**
 * The rules of `gantry audit`, as tables: what stands there is the whole of what a page of the documentation says, and the
 * examples are run by the tests, the bad one to be found and the good one not.
 */
import type { Finding } from './finding.ts';
import { CANNOT_FAIL } from './rules-cannot-fail.ts';
import { IMAGE_HABITS } from './rules-image.ts';
import { WILL_BREAK } from './rules-will-break.ts';

export const RULES = { ...CANNOT_FAIL, ...WILL_BREAK, ...IMAGE_HABITS } as const;

export type RuleCode = keyof typeof RULES;

export interface FilePlace {
  readonly file: string;
  readonly line: number;
  readonly endLine: number;
}

export function finding(
  rule: RuleCode,
  at: FilePlace,
  message: string,
  more: Pick<Finding, 'fix' | 'edit'> = {},
): Finding {
  return { rule, severity: RULES[rule].severity, ...at, message, ...more };
}
