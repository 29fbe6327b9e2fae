// `::error file=…,line=…,endLine=…,col=…,endColumn=…,title=…::message` as an annotation.
import { isAbsolute, relative } from 'node:path';
import type { Annotation } from '#run/events.ts';
import type { WorkflowCommand } from './workflow-command.ts';

/** More of a message is kept in the log alone, as on GitHub. */
const LONGEST_MESSAGE = 4_096;

interface Surroundings {
  readonly workspace: string;
  readonly toHost: (path: string) => string;
}

export function annotationOf(
  level: Annotation['level'],
  { properties, value }: Pick<WorkflowCommand, 'properties' | 'value'>,
  surroundings: Surroundings,
): Annotation {
  const { file, title } = properties;
  return {
    level,
    message: value.slice(0, LONGEST_MESSAGE),
    ...(title ? { title } : {}),
    ...(file ? { file: pathOf(file, surroundings) } : {}),
    ...place(properties),
  };
}

type Place = Pick<Annotation, 'line' | 'endLine' | 'column' | 'endColumn'>;

/** What contradicts itself is left out, by the rules of GitHub's runner (ValidateLinesAndColumns). */
function place(properties: WorkflowCommand['properties']): Place {
  const endLine = numberIn(properties['endline']);
  const line = numberIn(properties['line']) ?? endLine;
  const endColumn = numberIn(properties['endcolumn']);
  const column = numberIn(properties['col']) ?? endColumn;
  const isBackwards = line !== undefined && endLine !== undefined && endLine < line;
  const lines = isBackwards ? {} : { line, endLine };
  const spansLines = endLine !== undefined && endLine !== line;
  const noColumns = line === undefined || spansLines || (endColumn !== undefined && endColumn < (column ?? 0));
  const columns = noColumns ? {} : { column, endColumn };
  return Object.fromEntries(Object.entries({ ...lines, ...columns }).filter(([, number]) => number !== undefined));
}

function numberIn(text: string | undefined): number | undefined {
  const value = text !== undefined && /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : 0;
  return value > 0 ? value : undefined;
}

/** In the workspace, by its path there. */
function pathOf(file: string, { workspace, toHost }: Surroundings): string {
  if (!isAbsolute(file)) return file;
  const path = relative(workspace, toHost(file));
  return path === '' || path.startsWith('..') ? file : path;
}
