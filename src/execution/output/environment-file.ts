// The files by which a step passes values on: GITHUB_ENV, GITHUB_OUTPUT, GITHUB_STATE and GITHUB_PATH. Read as GitHub's
// runner does (FileCommandManager.cs), with its words for what is wrong.

export interface EnvironmentFile {
  /** In the order written; of a name that comes twice, both. */
  readonly entries: readonly (readonly [name: string, value: string])[];
  /** GitHub's text for what is wrong. What stands before it counts all the same; what stands behind it does not. */
  readonly problem?: string;
}

/** `name=value` and `name<<DELIMITER` … `DELIMITER`. Lines end with a line feed alone: what stands before it is the value's. */
export function parseEnvironmentFile(text: string): EnvironmentFile {
  const entries: (readonly [string, string])[] = [];
  const reader = new LineReader(withoutMark(text));
  for (let line = reader.next(); line !== undefined; line = reader.next()) {
    if (line.text === '') continue;
    const entry = readEntry(line.text, reader);
    if (typeof entry === 'string') return { entries, problem: entry };
    entries.push(entry);
  }
  return { entries };
}

/** A text is what is wrong. */
function readEntry(line: string, reader: LineReader): readonly [string, string] | string {
  const equals = line.indexOf('=');
  const heredoc = line.indexOf('<<');
  if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
    if (equals === 0) return `Invalid format '${line}'. Name must not be empty`;
    return [line.slice(0, equals), line.slice(equals + 1)];
  }
  if (heredoc < 0) return `Invalid format '${line}'`;
  const name = line.slice(0, heredoc);
  const delimiter = line.slice(heredoc + 2);
  if (name === '' || delimiter === '')
    return `Invalid format '${line}'. Name must not be empty and delimiter must not be empty`;
  const lines: string[] = [];
  for (;;) {
    const next = reader.next();
    if (next === undefined) return `Invalid value. Matching delimiter not found '${delimiter}'`;
    if (next.text === delimiter) return [name, lines.join('\n')];
    // The delimiter itself may be the last thing in the file; any other line must have an end.
    if (!next.isEnded) return 'Invalid value. EOF marker missing new line.';
    lines.push(next.text);
  }
}

/** The folders in a GITHUB_PATH file, in the order written; the last one is to be looked into first. */
export function parsePathFile(text: string): readonly string[] {
  return withoutMark(text)
    .split(/\r\n|\r|\n/)
    .filter((line) => line !== '');
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

class LineReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): { readonly text: string; readonly isEnded: boolean } | undefined {
    if (this.#at >= this.#text.length) return undefined;
    const end = this.#text.indexOf('\n', this.#at);
    const text = this.#text.slice(this.#at, end === -1 ? undefined : end);
    this.#at = end === -1 ? this.#text.length : end + 1;
    return { text, isEnded: end !== -1 };
  }
}
