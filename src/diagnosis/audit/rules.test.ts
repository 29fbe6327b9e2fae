import assert from 'node:assert/strict';
import test from 'node:test';
import { audit } from './audit.ts';
import { filesOf } from '#test/support/audit-files.ts';
import type { Rule } from './rule.ts';
import { RULES } from './rules.ts';

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
