/**
 * A value that must not be shown. It has no useful string form, no JSON form, and nothing enumerable:
 * whoever needs the text calls `reveal`, which is easy to search for.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }
}
