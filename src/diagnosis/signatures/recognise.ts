import type { LogLine } from '../excerpt/log-line.ts';
import type { Signature } from './signature.ts';
import { SIGNATURES } from './signatures.ts';

export interface Recognition {
  readonly signature: Signature;
  readonly cause: string;
  readonly fix?: string;
}

/** So many kinds of lines are asked for, and no more: a log of a million different complaints explains nothing. */
const MOST_FORMS = 4_000;

/** Finds known failures in the lines of one log. */
export class Recogniser {
  readonly #lines: readonly LogLine[];
  /** Which entry fits a form; lines of one form are asked once. */
  readonly #byForm = new Map<number, Signature | undefined>();

  constructor(lines: readonly LogLine[]) {
    this.#lines = lines;
  }

  at(index: number): Recognition | undefined {
    const line = this.#lines[index];
    if (line === undefined) return undefined;
    const signature = this.#signatureOf(line);
    if (signature === undefined) return undefined;
    return this.#behind(signature, index) ?? recognitionOf(signature, line.text);
  }

  #signatureOf({ form, text }: LogLine): Signature | undefined {
    if (this.#byForm.has(form)) return this.#byForm.get(form);
    const trimmed = text.trimStart();
    if (this.#byForm.size >= MOST_FORMS) return undefined;
    const isIndented = trimmed !== text;
    const found = SIGNATURES.find(({ pattern }) => pattern.test(text) || (isIndented && pattern.test(trimmed)));
    this.#byForm.set(form, found);
    return found;
  }

  /** The failure that an earlier line tells of, when this one is only how it came out. */
  #behind({ insteadWhen = [] }: Signature, index: number): Recognition | undefined {
    for (const { line: pattern, tells } of insteadWhen) {
      const earlier = this.#lines.findLast((line, at) => at <= index && line.isAlarming && pattern.test(line.text));
      const signature = earlier && SIGNATURES.find(({ id }) => id === tells);
      if (signature) return recognitionOf(signature, earlier.text);
    }
    return undefined;
  }
}

function recognitionOf(signature: Signature, text: string): Recognition {
  const caught = signature.pattern.exec(text) ?? signature.pattern.exec(text.trimStart()) ?? [];
  const { fix } = signature;
  return {
    signature,
    cause: filled(signature.cause, caught),
    ...(fix !== undefined && { fix: filled(fix, caught) }),
  };
}

/**
 * Puts in what was caught. A pattern of several alternatives catches in any of its groups, and `$1` is the first that
 * did when there is no more than one placeholder.
 */
function filled(text: string, caught: readonly (string | undefined)[]): string {
  const groups = caught.slice(1);
  const present = groups.filter((group) => group !== undefined && group.trim() !== '');
  const isOne = !/\$[2-9]/u.test(text);
  return text
    .replaceAll(/\$\{\$1:-\}/gu, () => `\${${present[0] ?? 'NAME'}:-}`)
    .replaceAll(/(?:[:,]? )?\$(\d)/gu, (whole, digit: string) => {
      const value = isOne ? present[0] : (groups[Number(digit) - 1] ?? (digit === '1' ? present[0] : undefined));
      return value === undefined || value.trim() === '' ? '' : whole.replace(`$${digit}`, () => value.trim());
    })
    .replaceAll(/ {2,}/gu, ' ')
    .trim();
}
