import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { summaryToHtml } from './summary-html.ts';

test('GitHub’s Markdown is rendered: headings below those of the page, tables, tasks, code', () => {
  const html = summaryToHtml(
    '# Title\n\n| a | b |\n| - | :-: |\n| 1 | ~~2~~ |\n\n- [x] done\n- [ ] open\n\n```js\n1 < 2\n```\n',
  );
  assert.match(html, /<h3>Title<\/h3>/);
  assert.match(html, /<td>1<\/td>\s*<td align="center"><del>2<\/del><\/td>/);
  assert.match(html, /<li><input type="checkbox" disabled checked \/> done<\/li>/);
  assert.match(html, /<li><input type="checkbox" disabled \/> open<\/li>/);
  assert.match(html, /<pre><code>1 &lt; 2\n<\/code><\/pre>/);
});

test('the HTML that @actions/core writes for summaries stays', () => {
  const html = summaryToHtml(
    '<details><summary>More</summary>\n\n**in** it\n\n</details>\n<table><tr><th colspan="2">h</th></tr></table>',
  );
  assert.match(html, /<details><summary>More<\/summary>\s*<p><strong>in<\/strong> it<\/p>\s*<\/details>/);
  assert.match(html, /<table><tr><th colspan="2">h<\/th><\/tr><\/table>/);
});

describe('nothing in a summary can act, load or pretend', () => {
  const cases: readonly (readonly [written: string, wanted: string])[] = [
    ['<script>alert(1)</script>a', 'a'],
    ['<style>body{display:none}</style>a', 'a'],
    ['<img src=x onerror=alert(1)>', '<a rel="noreferrer noopener">picture</a>'],
    [
      '![a cat](https://example.org/c.png)',
      '<p><a href="https://example.org/c.png" rel="noreferrer noopener">a cat</a></p>',
    ],
    ['[x](javascript:alert(1))', '<p><a rel="noreferrer noopener">x</a></p>'],
    ['[x](JaVaScRiPt&#58;alert(1))', '<p><a rel="noreferrer noopener">x</a></p>'],
    ['[x](data:text/html,hi)', '<p><a rel="noreferrer noopener">x</a></p>'],
    ['[x](//example.org)', '<p><a rel="noreferrer noopener">x</a></p>'],
    ['<a href="java\tscript:alert(1)" onclick="alert(1)">x</a>', '<p><a rel="noreferrer noopener">x</a></p>'],
    ['<b style="position:fixed" class="verdict" id="top">x</b>', '<p><b>x</b></p>'],
    ['<iframe src="https://example.org"></iframe>', ''],
    ['<svg><script>alert(1)</script></svg>', '<p></p>'],
    ['<form action="https://example.org"><input type="text"><button>go</button></form>', 'go'],
    ['<meta http-equiv="refresh" content="0;url=https://example.org">', ''],
    ['</div></main><h1>passed</h1>', '<h3>passed</h3>'],
    ['<math><mi//xlink:href="data:x,<script>alert(1)</script>">', '<p>&lt;mi//xlink:href="data:x,"&gt;</p>'],
  ];
  for (const [written, wanted] of cases) {
    test(written, () => {
      const html = summaryToHtml(written);
      assert.doesNotMatch(
        html,
        /<(?:script|style|img|iframe|svg|form|button|meta|base|link|h1|h2)\b|\son\w+=|javascript:/i,
      );
      assert.equal(html.trim(), wanted);
    });
  }
});
