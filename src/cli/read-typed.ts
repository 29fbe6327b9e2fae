// A pipeline in TypeScript: its code is run in a process of its own, and what it made is read like any other pipeline.
import { readFileSync, realpathSync } from 'node:fs';
import { relative } from 'node:path';
import { projectOf } from '#engine/project.ts';
import { evaluatePipeline } from '#execution/typed/evaluate-pipeline.ts';
import type { Evaluation } from '#execution/typed/evaluate-pipeline.ts';
import { CODES } from '#workflow/codes.ts';
import type { Code } from '#workflow/codes.ts';
import type { Diagnostic } from '#workflow/diagnostic.ts';
import { checkTypedText, readTyped } from '#workflow/typed/read-typed.ts';
import { syntaxPlace } from '#workflow/typed/syntax-place.ts';
import { ACTION_NAMES } from './action-names.ts';
import type { ReadFile } from './find-workflow.ts';

/** More than any pipeline has; one that is longer is refused by its length, and need not be read to the end. */
const MAX_READ_BYTES = 8 * 1024 * 1024;

const BEGINNING = { line: 1, column: 1, length: 1 } as const;

export async function readTypedFile(file: string): Promise<ReadFile> {
  // Editors do not count the mark of byte order, and no more does Node.
  const text = readFileSync(file)
    .subarray(0, MAX_READ_BYTES)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  const unreadable = checkTypedText(file, text);
  if (unreadable.length > 0) return { file, text, diagnostics: unreadable };
  const evaluation = await evaluatePipeline({ file, text, root: projectOf(file) });
  if (evaluation.kind === 'value') {
    return { file, text, ...readTyped({ ...evaluation, file, text }, { actions: ACTION_NAMES }) };
  }
  return failed({ file, text }, evaluation);
}

type Failed = Exclude<Evaluation, { kind: 'value' }>;

/** One diagnostic, in the pipeline or in the file it imports that is at fault. */
function failed({ file, text }: Pick<ReadFile, 'file' | 'text'>, evaluation: Failed): ReadFile {
  if (evaluation.kind === 'no-end') {
    return { file, text, diagnostics: [diagnosticOf('WF174', evaluation.why, { file, at: BEGINNING })] };
  }
  const { code, message, cure, place, script, text: otherText } = evaluation;
  const isElsewhere = place !== undefined && otherText !== undefined;
  const where = isElsewhere ? relative(realpathSync(process.cwd()), place.file) : file;
  const at =
    (place && (isElsewhere || place.file === realpathSync(file)) ? place : undefined) ??
    (script === undefined ? undefined : syntaxPlace(script)) ??
    BEGINNING;
  const diagnostic = diagnosticOf(code, message, {
    file: where,
    at: { line: at.line, column: at.column, length: at.length },
    ...(cure === undefined ? {} : { cure }),
  });
  return { file: where, text: otherText ?? text, diagnostics: [diagnostic] };
}

function diagnosticOf(
  code: Code,
  message: string,
  { file, at, cure = CODES[code].cure }: Pick<Diagnostic, 'file' | 'at'> & Partial<Pick<Diagnostic, 'cure'>>,
): Diagnostic {
  return { code, severity: 'error', file, at, message, cure };
}
