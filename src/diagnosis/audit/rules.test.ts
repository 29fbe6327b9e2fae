import assert from 'node:assert/strict';
import test from 'node:test';
import { audit } from './audit.ts';
import type { AuditFiles } from './finding.ts';
import { RULES, type Rule } from './rules.ts';

export function filesOf(files: Readonly<Record<string, string>>): AuditFiles {
  return {
    today: '2026-11-26',
    paths: Object.keys(files).toSorted(),
    read: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
  };
}

for (const [code, rule] of Object.entries<Rule>(RULES)) {
  test(`${code}, ${rule.title}: its bad example is found`, () => {
    const { findings } = audit(filesOf(rule.bad));
    assert.ok(
      findings.some((each) => each.rule === code),
      `found only ${JSON.stringify(findings)}`,
    );
  });
  test(`${code}, ${rule.title}: its good example is not`, () => {
    const { findings } = audit(filesOf(rule.good));
    assert.deepEqual(
      findings.filter((each) => each.rule === code),
      [],
    );
  });
}
