import assert from 'node:assert/strict';
import { test } from 'node:test';

import { liveRun } from '#test/support/report-runs.ts';
import { DEGRADED, FAILED } from '#test/support/report-scripts.ts';

import { renderMarkdown } from './markdown.ts';
import { buildReport } from './report.ts';

test('a degraded run as a job summary', () => {
  const expected = `\
## ◐ Space Intelligence pipeline: degraded

### Ledger: 2 steps down from passed

| what | where | wanted → used | why | loss | until |
| --- | --- | --- | --- | --- | --- |
| fallback | Comprehensive testing / Install Python dependencies | pip install -r requirements.txt → Core packages only | exit code 1: no matching distribution found for opencv-python-headless==4.10.0.84, and the index that was asked is the only one there is | no solar image analysis | 2027-03-01 |
| advisory | Comprehensive testing / flake8 | no findings → 12 findings | exit code 1 |  |  |

### Jobs

**◐ degraded · Comprehensive testing** · 1 m 15 s

| verdict | step | time |
| --- | --- | ---: |
| ✓ passed | actions/checkout@⁠v4 | 0.1 s |
| ◐ degraded | Install Python dependencies<br>fallback: Core packages only | 1 m 01 s |
| ◐ degraded | flake8<br>advisory: 12 findings | 0.8 s |

### Findings: 1 error, 11 warnings

| level | place | finding |
| --- | --- | --- |
| error | \`src/app.py:12:5\` | E999 SyntaxError: invalid syntax |
| warning | \`src/sources/noaa.py:1\` | F401 'module\\_0' imported but unused |
| warning | \`src/sources/noaa.py:2\` | F401 'module\\_1' imported but unused |
| warning | \`src/sources/noaa.py:3\` | F401 'module\\_2' imported but unused |
| warning | \`src/sources/noaa.py:4\` | F401 'module\\_3' imported but unused |
| warning | \`src/sources/noaa.py:5\` | F401 'module\\_4' imported but unused |
| warning | \`src/sources/noaa.py:6\` | F401 'module\\_5' imported but unused |
| warning | \`src/sources/noaa.py:7\` | F401 'module\\_6' imported but unused |
| warning | \`src/sources/noaa.py:8\` | F401 'module\\_7' imported but unused |
| warning | \`src/sources/noaa.py:9\` | F401 'module\\_8' imported but unused |
| warning | \`src/sources/noaa.py:10\` | F401 'module\\_9' imported but unused |
| warning | \`src/sources/noaa.py:11\` | F401 'module\\_10' imported but unused |

**degraded in 1 m 15 s** · 2 entries in the ledger · run \`r-20261123-094012-7f3a\`

push · main · 3f2a9c1 · 2026-11-23 09:40 UTC
`;
  assert.equal(renderMarkdown(buildReport(liveRun(DEGRADED))), expected);
});

test('a failed run as a job summary', () => {
  const expected = `\
## ✗ Space Intelligence pipeline: failed

### Jobs

**✗ failed · deploy** · 8.9 s

| verdict | step | time |
| --- | --- | ---: |
| ✗ failed | gantry/deploy@⁠v1<br>the release did not become healthy within 5 s: GET /health answered 503 (exit code 30) | 8.0 s |
| – skipped | Tell the world | 0.0 s |

- **Not live: refused** \`production\` \`2026.11.23-2\`: GET /health answered 503; still serving \`2026.11.23-1\`, and it answers

**failed in 9.0 s** · nothing in the ledger · run \`r-20261123-094012-7f3a\`

push · main · 3f2a9c1 · 2026-11-23 09:40 UTC
`;
  assert.equal(renderMarkdown(buildReport(liveRun(FAILED))), expected);
});

test('a name cannot become markup, a mention, a table cell or a new line', () => {
  const name = '<img src=x> **b** [x](javascript:1) | @everyone\n# title';
  const run = liveRun({
    jobs: [{ key: 'a', name: 'a', steps: [{ name }], ends: { atMs: 1, conclusion: 'success' } }],
    endsAtMs: 2,
  });
  const line = renderMarkdown(buildReport(run))
    .split('\n')
    .find((each) => each.includes('img'));
  assert.equal(
    line,
    String.raw`| ✓ passed | &lt;img src=x&gt; \*\*b\*\* \[x\](javascript:1) \| @${'\u2060'}everyone \# title | 1.0 s |`,
  );
});

test('failed tests are a table, and a summary is there as it was written', () => {
  const failures = [{ name: 'app.test|start', message: '<no>', file: 'app.py', line: 7 }];
  const step = {
    name: 'te*sts',
    summary: '# S\n\n<b>as is</b>\n',
    tests: { total: 3, failed: 2, skipped: 0, failures },
  };
  const ends = { atMs: 1, conclusion: 'success' } as const;
  const run = liveRun({ jobs: [{ key: 'a', name: 'a', steps: [step], ends }], endsAtMs: 2 });
  const text = renderMarkdown(buildReport(run));
  assert.ok(text.includes('| app.test\\|start | `app.py:7` | &lt;no&gt; |\n\n… and 1 more'), text);
  assert.ok(text.endsWith('### Summary: a / te\\*sts\n\n# S\n\n<b>as is</b>\n'), text);
});
