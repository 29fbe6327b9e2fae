// Findings as SARIF 2.1.0 (OASIS), which GitHub's code scanning and editors read.
import type { JsonObject } from '#base/json.ts';
import type { Finding, Severity } from './finding.ts';
import type { Rule } from './rule.ts';
import { RULES } from './rules.ts';

const LEVELS: Readonly<Record<Severity, string>> = { gate: 'error', risk: 'warning', habit: 'note' };

export function toSarif(findings: readonly Finding[], version: string): JsonObject {
  const used = Object.entries<Rule>(RULES).filter(([code]) => findings.some((each) => each.rule === code));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'gantry audit',
            version,
            rules: used.map(([id, { title, why, severity }]) => ({
              id,
              shortDescription: { text: title },
              fullDescription: { text: why },
              defaultConfiguration: { level: LEVELS[severity] },
            })),
          },
        },
        results: findings.map(({ rule, severity, file, line, endLine, message, fix }) => ({
          ruleId: rule,
          level: LEVELS[severity],
          message: { text: fix === undefined ? message : `${message}. Instead: ${fix}` },
          locations: [{ physicalLocation: { artifactLocation: { uri: file }, region: { startLine: line, endLine } } }],
        })),
      },
    ],
  };
}
