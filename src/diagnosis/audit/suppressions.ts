/**
 * `# gantry-audit: AU001 until 2027-03-01: the mirror is down` on the line of a finding, or on the one above it. Without a reason
 * or a date, or after its day, it takes nothing out.
 */
import { linesOf, type AuditFiles, type Finding } from './finding.ts';

const COMMENT =
  /(?:#|\/\/)\s*gantry-audit:\s*(?<rules>AU\d{3}(?:\s*,\s*AU\d{3})*)\s+until\s+(?<until>\d{4}-\d{2}-\d{2})\s*:\s*(?<reason>\S.*)$/;

export function applySuppressions(
  files: AuditFiles,
  findings: readonly Finding[],
): { readonly findings: readonly Finding[]; readonly suppressed: number } {
  const lines = linesOf(files);
  const left = findings.filter(({ file, line, rule }) => {
    const near = [lines(file)[line - 1], lines(file)[line - 2]];
    return !near.some((text) => {
      const { rules = '', until = '' } = COMMENT.exec(text ?? '')?.groups ?? {};
      return rules.split(/\s*,\s*/).includes(rule) && until >= files.today;
    });
  });
  return { findings: left, suppressed: findings.length - left.length };
}
