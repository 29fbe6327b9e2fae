import type { Span } from '../shell-text.ts';

/** Text put before and behind a part of the script. Neither has a line break, so that no line moves. */
export interface Wrap extends Span {
  readonly before: string;
  readonly behind: string;
}

interface Insertion {
  readonly at: number;
  readonly text: string;
  readonly isClosing: boolean;
  readonly length: number;
  readonly order: number;
}

/** Wraps may lie in each other, and of two round the same part the later one is the outer. */
export function insertAll(text: string, wraps: readonly Wrap[]): string {
  const insertions = wraps.flatMap(({ pos, end, before, behind }, order): Insertion[] => [
    { at: pos, text: before, isClosing: false, length: end - pos, order },
    { at: end, text: behind, isClosing: true, length: end - pos, order },
  ]);
  insertions.sort(
    (a, b) =>
      a.at - b.at ||
      Number(b.isClosing) - Number(a.isClosing) ||
      (a.isClosing ? a.length - b.length || a.order - b.order : b.length - a.length || b.order - a.order),
  );
  const parts: string[] = [];
  let done = 0;
  for (const insertion of insertions) {
    parts.push(text.slice(done, insertion.at), insertion.text);
    done = insertion.at;
  }
  parts.push(text.slice(done));
  return parts.join('');
}
