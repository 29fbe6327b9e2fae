// What goes wrong while a pipeline file is evaluated, with its place: from the words of Node's errors.
import { fileURLToPath } from 'node:url';
import type { Problem } from './evaluation.ts';

export type Place = NonNullable<Problem['place']>;

/** Thrown by the hooks through the code of the pipeline. */
export class PipelineProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Omit<Problem, 'kind'>) {
    super(problem.message);
    this.problem = { kind: 'problem', ...problem };
  }
}

/** Line and column of an offset. */
export function placeOf(file: string, text: string, { offset, length }: { offset: number; length: number }): Place {
  const before = text.slice(0, Math.max(0, offset)).split(/\r\n|\r|\n/);
  return { file, line: before.length, column: (before.at(-1) ?? '').length + 1, length: Math.max(1, length) };
}

/**
 * The head that Node puts before the stack of a syntax error: file and line, the line itself, and carets under what is
 * meant.
 */
export function placeInHead(error: Error, file: string): Place | undefined {
  const [head = '', ...lines] = (error.stack ?? '').split('\n');
  const line = Number(/:(\d+)$/.exec(head)?.[1] ?? 0);
  if (line < 1) return undefined;
  const caret = lines.map((each) => /^( *)(\^+) *$/.exec(each)).find((match) => match !== null);
  return { file, line, column: (caret?.[1]?.length ?? 0) + 1, length: caret?.[2]?.length ?? 1 };
}

/** The innermost place in the stack that is a file of the project. */
export function placeInStack(error: Error, isOfProject: (file: string) => boolean): Place | undefined {
  for (const match of (error.stack ?? '').matchAll(/\(?(file:\/\/[^\s()]+):(\d+):(\d+)\)?$/gm)) {
    const file = fileURLToPath(match[1] ?? '');
    if (isOfProject(file)) return { file, line: Number(match[2]), column: Number(match[3]), length: 1 };
  }
  return undefined;
}

/** The first line of what was thrown. */
export function firstLine(text: string): string {
  const [line = ''] = text.trim().split(/\r?\n/);
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
