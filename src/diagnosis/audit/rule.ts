/** What the table of rules says of each, and short ways to write its examples. */
import type { Severity } from './finding.ts';

export interface Rule {
  readonly title: string;
  readonly severity: Severity;
  /** What goes wrong, in a sentence or two. */
  readonly why: string;
  /** Files by path; one that is found, and one that is not. */
  readonly bad: Readonly<Record<string, string>>;
  readonly good: Readonly<Record<string, string>>;
}

export function step(...lines: readonly string[]): Readonly<Record<string, string>> {
  const script = lines.map((line) => `          ${line}`).join('\n');
  return workflow(`      - name: Check\n        run: |\n${script}`);
}

export function workflow(steps: string, job = ''): Readonly<Record<string, string>> {
  return {
    '.github/workflows/ci.yml': `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n${job}    steps:\n${steps}\n`,
  };
}
