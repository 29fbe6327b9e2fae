import type { Span } from './position.ts';

export type Severity = 'error' | 'warning';

/** Something a pipeline's author has to know: what, where, and how to mend it. Codes are listed in `codes.ts`. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly file: string;
  readonly at: Span;
  readonly message: string;
  readonly cure: string;
}
