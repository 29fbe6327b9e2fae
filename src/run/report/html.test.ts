import assert from 'node:assert/strict';
import { test } from 'node:test';

import { liveRun } from '#test/support/report-runs.ts';
import { CANCELLED, DEGRADED, FAILED, PASSED, UNKNOWN } from '#test/support/report-scripts.ts';

import { renderHtml } from './html.ts';
import { buildReport } from './report.ts';

test('each kind of run has its verdict in the title, and the page needs nothing from outside', () => {
  const titles = [PASSED, DEGRADED, UNKNOWN, FAILED, CANCELLED].map((script) => {
    const page = renderHtml(buildReport(liveRun(script)));
    assert.doesNotMatch(page, /<(?:script|link|img|iframe)|@import|url\(/u);
    return /<title>(.*)<\/title>/u.exec(page)?.[1];
  });
  assert.deepEqual(
    titles,
    ['passed', 'degraded', 'unknown', 'failed', 'cancelled'].map((word) => `${word}: Space Intelligence pipeline`),
  );
});

test('a name cannot become markup, neither in text nor in an attribute', () => {
  const name = `</title><script>alert('1')</script>" onload="x`;
  const ends = { atMs: 1, conclusion: 'failure', why: name } as const;
  const annotations = [{ level: 'error', message: name, file: name }] as const;
  const run = liveRun({ jobs: [{ key: 'a', name, steps: [{ name, annotations }], ends }], endsAtMs: 2 });
  const page = renderHtml(buildReport(run));
  assert.doesNotMatch(page, /<script|" onload/u);
  assert.match(page, /&lt;script&gt;alert\(&#39;1&#39;\)&lt;\/script&gt;&quot; onload=&quot;x/u);
});

test('only web addresses become links', () => {
  const page = (address: string): string => {
    const steps = [{ name: 'deploy', release: { kind: 'live', version: '1', address } }];
    const ends = { atMs: 1, conclusion: 'success' } as const;
    return renderHtml(buildReport(liveRun({ jobs: [{ key: 'a', name: 'a', steps, ends }], endsAtMs: 2 })));
  };
  assert.match(page('http://127.0.0.1:8080'), /<a href="http:\/\/127\.0\.0\.1:8080"/u);
  assert.doesNotMatch(page('javascript:alert(1)'), /href/u);
});

const SUMMED = liveRun({
  jobs: [
    {
      key: 'a',
      name: 'a',
      steps: [
        {
          name: 'tests',
          summary: '# <b>Hello</b>\n\n    code\n',
          tests: {
            total: 53,
            failed: 52,
            skipped: 0,
            failures: [{ name: 'app.<start>', message: 'no & no', file: 'app.py', line: 7 }],
          },
        },
      ],
      ends: { atMs: 1, conclusion: 'success' },
    },
  ],
  endsAtMs: 2,
});

test('failed tests are named, and how many more there are', () => {
  const page = renderHtml(buildReport(SUMMED));
  assert.match(page, /app\.&lt;start&gt;<\/b><code>app\.py:7<\/code>\n<span>no &amp; no<\/span>/u);
  assert.match(page, /… and 51 more/u);
});

test('a summary stands as it was written, or as its renderer makes it, with its line breaks', () => {
  const report = buildReport(SUMMED);
  assert.match(renderHtml(report), /<pre># &lt;b&gt;Hello&lt;\/b&gt;&#10;&#10; {4}code&#10;<\/pre>/u);
  const rendered = renderHtml(report, { summaryToHtml: () => '<pre>a\n  b</pre>' });
  assert.match(rendered, /<pre>a&#10; {2}b<\/pre>/u);
});
