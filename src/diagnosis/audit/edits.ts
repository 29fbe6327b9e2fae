// Findings -> the files as they would be mended, and that as a patch that `git apply` takes.
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import type { AuditFiles, Edit, Finding } from './finding.ts';

export interface EditedFile {
  readonly file: string;
  readonly text: string;
  /** Unified diff. */
  readonly patch: string;
  readonly edits: number;
}

const CONTEXT = 2;

export function editedTexts(files: AuditFiles, findings: readonly Finding[]): readonly EditedFile[] {
  const names = [...new Set(findings.map((each) => each.file))];
  return names.flatMap((file): readonly EditedFile[] => {
    const before = files.read(file);
    const edits = findings.flatMap((each) => (each.file === file && each.edit ? each.edit : []));
    const made = before === undefined ? undefined : apply(before, edits);
    if (before === undefined || made === undefined || made.text === before) return [];
    return [
      {
        file,
        text: made.text,
        patch: createTwoFilesPatch(`a/${file}`, `b/${file}`, before, made.text, '', '', {
          context: CONTEXT,
          headerOptions: FILE_HEADERS_ONLY,
        }),
        edits: made.count,
      },
    ];
  });
}

/** From the end, so that offsets stay; one that overlaps another, or no longer fits, is left out. */
function apply(text: string, edits: readonly Edit[]): { readonly text: string; readonly count: number } {
  let made = text;
  let count = 0;
  let next = Infinity;
  for (const { pos, end, was, text: by } of edits.toSorted((a, b) => b.pos - a.pos)) {
    if (end > next || made.slice(pos, end) !== was) continue;
    made = made.slice(0, pos) + by + made.slice(end);
    next = pos;
    count++;
  }
  return { text: made, count };
}
