// A failure is rarely one line: from the line that gives it away, its block is grown over the frames of the stack, the
// source that is shown, the lines of the comparison.
import { evidenceOf } from './evidence.ts';
import { indentOf, prefixOf, withoutPrefix } from './log-line.ts';
import type { LogLine } from './log-line.ts';

export interface Block {
  /** Indices into the lines, both inclusive. */
  readonly from: number;
  readonly to: number;
  /** The line that gave the block away. */
  readonly anchor: number;
}

const MOST_BACK = 40;
const MOST_FORWARD = 60;

const FRAME =
  /^\s*(?:at |in |from |File ".*", line|\.{3} \d+ (?:more|common)|#\d+ |\d+: +0x|\d+\. |\[C\]|\[string|\t|@ |Caused by|Suppressed|During handling|The above exception|goroutine|created by|~|\^|\||-+>|>|\+|-\s|E |=+>|[\w/.-]+:\d+:in |[\w.]+\([\w.]+:\d+\))/u;
const CONTINUES =
  /^\s*(?:\^|~|\||\d+ +\||= (?:note|help)|note:|help:|hint:|Hint:|Did you mean|expected|Expected|actual|Actual|got|want|left|right|code:|message:|stacktrace:|Diff|diff|[-+]{3} |[-+] ?\S|@@|symbol:|location:|required:|found:|reason:|operator:|details?:|in (?:function|method)|In file|from |Location|A problem occurred|Execution failed|Could not (?:determine|resolve)|Perhaps|Possible|cause:)/u;
const PYTHON_END = /^\s*(?:[\w$]+\.)*[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Warning|Failure|Timeout)\b/u;
const LEADS_IN =
  /In file included from|: In (?:member |static )?(?:function|method|constructor|instantiation)|: In lambda|required from|^\s*from .*:\d+|^(?:Traceback|During handling|The above exception)|^-{3,} .*stdout -{3,}|^_{3,} .* _{3,}$|^\s*File ".*", line/u;

export function growBlock(
  lines: readonly LogLine[],
  anchor: number,
  bounds: { readonly from: number; readonly to: number },
): Block {
  const to = growForward(lines, anchor, bounds.to);
  const message = TRACEBACK.test(lines[anchor]?.text ?? '') ? endOfTraceback(lines, anchor, to) : anchor;
  return { from: growBack(lines, anchor, bounds.from), to: Math.max(to, message), anchor: message };
}

/** Whether a line looks like the rest of what was said before it. */
export function goesOn(text: string | undefined): boolean {
  if (text === undefined) return false;
  const bare = withoutPrefix(text);
  return bare.trim() !== '' && (indentOf(bare) > 0 || FRAME.test(bare) || CONTINUES.test(bare));
}

const TRACEBACK = /Traceback \(most recent call last\)/u;

/** What a Python stack leads to: the first line under it that stands no further in than its head. */
function endOfTraceback(lines: readonly LogLine[], head: number, to: number): number {
  const column = (lines[head]?.text ?? '').indexOf('Traceback');
  for (let at = head + 1; at < Math.min(lines.length, head + MOST_FORWARD); at++) {
    const text = lines[at]?.text ?? '';
    if (
      text.trim() !== '' &&
      text.length - text.trimStart().length <= column &&
      /^[\w$.]+(?::|$)/u.test(text.slice(column).trimStart())
    )
      return at;
  }
  return Math.min(to, head);
}

function growBack(lines: readonly LogLine[], anchor: number, first: number): number {
  const text = withoutPrefix(lines[anchor]?.text ?? '');
  let from = anchor;
  if (PYTHON_END.test(text)) {
    // The message of a Python exception stands under its stack: back to where the stack begins.
    const indent = indentOf(text);
    for (let at = anchor - 1; at >= Math.max(first, anchor - MOST_BACK); at--) {
      const above = withoutPrefix(lines[at]?.text ?? '');
      if (above.trim().startsWith('Traceback (most')) return at;
      if (indentOf(above) <= indent && above.trim() !== '') break;
    }
  }
  while (from > first && from > anchor - MOST_BACK && LEADS_IN.test(lines[from - 1]?.text ?? '')) from--;
  return from;
}

function growForward(lines: readonly LogLine[], anchor: number, end: number): number {
  const head = lines[anchor]?.text ?? '';
  const prefix = prefixOf(head);
  const indent = indentOf(withoutPrefix(head));
  const isPlainPrefix = /INFO|info|##/u.test(prefix) || prefix === '';
  let to = anchor;
  for (let at = anchor + 1; at < Math.min(end, anchor + MOST_FORWARD); at++) {
    const line = lines[at];
    if (line === undefined || line.number !== (lines[at - 1]?.number ?? 0) + 1) break;
    const bare = withoutPrefix(line.text);
    if (bare.trim() === '') {
      // One empty line may stand inside; what goes on behind it is further in.
      const next = withoutPrefix(lines[at + 1]?.text ?? '');
      if (at > to + 1 || !(indentOf(next) > indent || FRAME.test(next)) || next.trim() === '') break;
      continue;
    }
    const evidence = evidenceOf(line.text, bare);
    // The next test that failed, or the next diagnostic, has a block of its own.
    if (evidence && evidence.weight >= 9 && indentOf(bare) <= indent) break;
    const isPart =
      indentOf(bare) > indent ||
      FRAME.test(bare) ||
      CONTINUES.test(bare) ||
      (!isPlainPrefix && prefixOf(line.text) === prefix) ||
      (at === to + 1 && (evidence?.weight ?? 0) >= 4);
    if (!isPart) break;
    to = at;
  }
  return to;
}
