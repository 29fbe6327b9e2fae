/** Where something stands in a source file. Lines and columns count from 1; `length` is in characters on that line. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** A value, and where it was written. */
export interface Located<T> {
  readonly value: T;
  readonly at: Span;
}
