// The problem matchers that setup actions register on GitHub, for the tools of their language.
import type { MatcherPattern, ProblemMatcher } from '../output/problem-matcher.ts';

const once = (regexp: string, groups: MatcherPattern['groups']): MatcherPattern => ({ regexp, groups, loop: false });

/** setup-python: the place that a traceback names last before what was raised. */
export const PYTHON_MATCHERS: readonly ProblemMatcher[] = [
  {
    owner: 'python',
    severity: '',
    patterns: [
      once(String.raw`^\s*File\s"(.*)",\sline\s(\d+),\sin\s(.*)$`, { file: 1, line: 2 }),
      once(String.raw`^\s*raise\s(.*)\('(.*)'\)$`, { message: 2 }),
    ],
  },
];

/** setup-node: the TypeScript compiler, and ESLint in two of its forms. */
export const NODE_MATCHERS: readonly ProblemMatcher[] = [
  {
    owner: 'tsc',
    severity: '',
    patterns: [
      once(String.raw`^(?:\s+\d+>)?(\S.*)\((\d+),(\d+)\)\s*:\s+(error|warning|info)\s+(\w{1,2}\d+)\s*:\s*(.*)$`, {
        file: 1,
        line: 2,
        column: 3,
        severity: 4,
        code: 5,
        message: 6,
      }),
    ],
  },
  {
    owner: 'eslint-stylish',
    severity: '',
    patterns: [
      once(String.raw`^\s*(\S.*)$`, { file: 1 }),
      {
        regexp: String.raw`^\s+(\d+):(\d+)\s+(error|warning|info)\s+(.*)\s\s+(.*)$`,
        groups: { line: 1, column: 2, severity: 3, message: 4, code: 5 },
        loop: true,
      },
    ],
  },
  {
    owner: 'eslint-compact',
    severity: '',
    patterns: [
      once(String.raw`^(.+):\sline\s(\d+),\scol\s(\d+),\s(Error|Warning|Info)\s-\s(.+)\s\((.+)\)$`, {
        file: 1,
        line: 2,
        column: 3,
        severity: 4,
        message: 5,
        code: 6,
      }),
    ],
  },
];
