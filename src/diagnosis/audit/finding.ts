import type { RuleCode } from './rules.ts';

/** `gate`: a check that cannot fail. `risk`: will break or mislead. `habit`: of images, costs safety or time. */
export type Severity = 'gate' | 'risk' | 'habit';

export interface Finding {
  readonly rule: RuleCode;
  readonly severity: Severity;
  /** Relative to the project's folder, with `/`. */
  readonly file: string;
  /** Lines count from 1; `endLine` is the last one that belongs to it. */
  readonly line: number;
  readonly endLine: number;
  readonly message: string;
  /** What to write instead, in words or as text. */
  readonly fix?: string;
  /** A change that keeps the meaning of everything else: `--fix` makes it. */
  readonly edit?: Edit;
}

export interface Edit {
  /** Offsets of the file's text, from 0 in UTF-16 units. */
  readonly pos: number;
  readonly end: number;
  /** What stands there now; the edit is made only where it still does. */
  readonly was: string;
  readonly text: string;
}

/** What is looked at: a project's files, as git knows them, or all of them where there is no repository. */
export interface AuditFiles {
  /** The day, as `2026-11-26`: what was put off until an earlier one is due. */
  readonly today: string;
  /** Relative, with `/`, sorted. */
  readonly paths: readonly string[];
  /** Undefined: there is no such file, or it is no text, or too large for one that people write. */
  readonly read: (path: string) => string | undefined;
}

/** The lines of its texts, each file's taken apart once. */
export function linesOf(files: AuditFiles): (path: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (path) => {
    const lines = known.get(path) ?? (files.read(path) ?? '').split('\n');
    known.set(path, lines);
    return lines;
  };
}
