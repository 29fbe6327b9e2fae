// The files by which a step passes values on: GITHUB_ENV, GITHUB_OUTPUT, GITHUB_STATE and GITHUB_PATH. Read as GitHub's
// runner does (FileCommandManager.cs), with its words for what is wrong.
import { err, ok, type Result } from '#base/result.ts';

/**
 * `name=value` and `name<<DELIMITER` … `DELIMITER`, in the order written; of a name that comes twice, both. The error is
 * GitHub's text.
 */
export function parseEnvironmentFile(text: string): Result<readonly (readonly [string, string])[], string> {
  const entries: (readonly [string, string])[] = [];
  // The breaks are kept beside the lines: a value of several lines keeps those it was written with.
  const lines = splitLines(text);
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]?.text ?? '';
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      if (equals === 0) return err(`Invalid format '${line}'. Name must not be empty`);
      entries.push([line.slice(0, equals), line.slice(equals + 1)]);
      continue;
    }
    if (heredoc < 0) return err(`Invalid format '${line}'`);
    const name = line.slice(0, heredoc);
    const delimiter = line.slice(heredoc + 2);
    if (name === '' || delimiter === '') {
      return err(`Invalid format '${line}'. Name must not be empty and delimiter must not be empty`);
    }
    const end = lines.findIndex((candidate, at) => at > index && candidate.text === delimiter);
    if (end === -1) return err(`Invalid value. Matching delimiter not found '${delimiter}'`);
    entries.push([name, joinLines(lines.slice(index + 1, end))]);
    index = end;
  }
  return ok(entries);
}

/** The folders in a GITHUB_PATH file, in the order written; the last one is to be looked into first. */
export function parsePathFile(text: string): readonly string[] {
  return splitLines(text)
    .map((line) => line.text)
    .filter((line) => line !== '');
}

interface Line {
  readonly text: string;
  readonly lineBreak: string;
}

function splitLines(text: string): readonly Line[] {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return Array.from(body.matchAll(/([^\r\n]*)(\r\n|\n|\r|$)/g), ([, line = '', lineBreak = '']) => ({
    text: line,
    lineBreak,
  }));
}

function joinLines(lines: readonly Line[]): string {
  return lines.map((line, index) => (index === lines.length - 1 ? line.text : line.text + line.lineBreak)).join('');
}
