import type { Reporter } from './reporter.ts';
import { sourceText, type SourceText } from './source-text.ts';

/** In UTF-16 units. GitHub's own limit is in this order, and a pipeline is rarely longer than 50 kB. */
const MAX_TEXT_LENGTH = 1_048_576;

/** The text of a file, if it is one that can be read on; otherwise that is reported. */
export function readableText(text: string, reporter: Reporter): SourceText | undefined {
  if (text.length > MAX_TEXT_LENGTH) {
    const message = `the file has ${text.length} characters; ${MAX_TEXT_LENGTH} is the limit`;
    reporter.report({ code: 'WF001', at: { line: 1, column: 1, length: 1 }, message });
    return undefined;
  }
  // Editors do not count the mark of byte order as a column, and no more do we.
  const source = sourceText(text.replace(/^\uFEFF/, ''));
  return hasBinary(source, reporter) ? undefined : source;
}

function hasBinary(source: SourceText, reporter: Reporter): boolean {
  // U+FFFD is what a decoder leaves where the bytes were not UTF-8.
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const index = source.text.search(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\uFFFD]/);
  if (index < 0) return false;
  const code = source.text.charCodeAt(index);
  const message =
    code === 0xfffd
      ? 'the file is not UTF-8: a character here could not be read'
      : `the file is not text: it holds the control character U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  reporter.report({ code: 'WF002', at: source.span(index, index + 1), message });
  return true;
}
