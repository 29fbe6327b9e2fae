// Dockerfiles -> stages with their instructions, as far as the audit has to know them.
import { DockerfileParser } from 'dockerfile-ast';
import type { AuditFiles } from './finding.ts';

export interface DockerInstruction {
  readonly keyword: string;
  /** What stands behind the keyword, continued lines joined by one space each. */
  readonly text: string;
  readonly line: number;
  readonly endLine: number;
}

export interface DockerStage {
  readonly file: string;
  readonly index: number;
  readonly name: string | undefined;
  /** The image it begins with, or the name of an earlier stage. */
  readonly base: string;
  /** Of its FROM. */
  readonly line: number;
  readonly endLine: number;
  readonly instructions: readonly DockerInstruction[];
}

export function readStages(files: AuditFiles, isDockerfile: (path: string) => boolean): readonly DockerStage[] {
  return files.paths.filter(isDockerfile).flatMap((file) => {
    const text = files.read(file);
    return text === undefined ? [] : stagesOf(file, text);
  });
}

function stagesOf(file: string, text: string): readonly DockerStage[] {
  const stages: (Omit<DockerStage, 'instructions'> & { readonly instructions: DockerInstruction[] })[] = [];
  const values = new Map<string, string>();
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const keyword = instruction.getKeyword();
    const range = instruction.getRange();
    const place = { line: range.start.line + 1, endLine: range.end.line + 1 };
    const words = (instruction.getArgumentsContent() ?? '').replaceAll(/\\\r?\n\s*/g, ' ').trim();
    const stage = stages.at(-1);
    if (keyword === 'FROM') {
      const [base = '', as, name] = words.split(/\s+/).filter((word) => !word.startsWith('--'));
      const isNamed = as?.toLowerCase() === 'as';
      stages.push({
        ...place,
        file,
        index: stages.length,
        name: isNamed ? name : undefined,
        base: base.replaceAll(
          /\$\{?(\w+)(?::-([^}]*))?\}?/g,
          (whole, variable: string, or?: string) => values.get(variable) ?? or ?? whole,
        ),
        instructions: [],
      });
    } else if (stage === undefined) {
      const [, variable = '', value = ''] = /^(\w+)=["']?([^"'\s]*)/.exec(words) ?? [];
      if (keyword === 'ARG') values.set(variable, value);
    } else stage.instructions.push({ ...place, keyword, text: words });
  }
  return stages;
}
