import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { displayWidth } from '#run/report/layout.ts';
import { unpainted } from '#run/report/words.ts';
import { summaryToText } from './summary-text.ts';

function text(markdown: string, width = 60): string {
  return summaryToText(markdown, width, unpainted).join('\n');
}

test('headings, paragraphs, lists, tasks, code and quotes can be read in a terminal', () => {
  const markdown = `# Coverage *report*

All **good**, see [the docs](https://example.org) &amp; \`x < y\`.
Same paragraph.

1. one
2. two
   - inner

- [x] done
- [ ] open
  - inner

\`\`\`sh
  indented \\
\`\`\`

> quoted

---
`;
  assert.equal(
    text(markdown),
    `Coverage report

All good, see the docs (https://example.org) & x < y. Same
paragraph.

1. one
2. two
   • inner

• [x] done
• [ ] open
  • inner

│   indented \\

│ quoted

────────────────────────────────────────`,
  );
});

test('tables stand in columns, those of HTML too', () => {
  const table = `name    status
──────  ──────
a       ok
longer  ✗ no`;
  assert.equal(text('| name | status |\n| - | - |\n| a | `ok` |\n| longer | ✗ no |\n'), table);
  const rows = [
    ['name', 'status'],
    ['a', '<code>ok</code>'],
    ['longer', '✗ no'],
  ].map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
  assert.equal(text(`<table>${rows.join('')}</table>`), table);
});

test('tags go, and scripts with what is in them', () => {
  assert.equal(
    text('<details><summary>More &gt; less</summary><p>in it</p><ul><li>a</li></ul></details>'),
    'More > less\nin it\n• a',
  );
  assert.equal(text('a <b>bold</b> <script>alert(1)</script>word'), 'a bold alert(1)word');
  assert.equal(text('<script>alert(1)</script>'), '');
});

test('nothing that a terminal obeys gets through, and lines stay short however deep lists go', () => {
  const word = fc.constantFrom(
    '# ',
    '- [x] ',
    '| a | b |\n| - | - |\n',
    '```\n',
    '\u001B[31mred',
    '\u001B]0;title\u0007',
    '\u202E',
    '<b>',
    '\n\n',

    'x'.repeat(70),
    'ä'.repeat(9),
    '漢字',
    '> ',
    '1. ',
    '<table><tr><td>',
    '</td></tr></table>',
    '&lt;',
    '\r',
    '\t',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), (words) => {
      for (const line of summaryToText(words.join(''), 40, unpainted)) {
        assert.doesNotMatch(line, /[\p{Cc}\u202E]/u);
        assert.ok(displayWidth(line) <= 90, line);
      }
    }),
  );
});

test('of a very long summary a beginning is shown', () => {
  const lines = summaryToText('<script '.repeat(100_000), 60, unpainted);
  assert.equal(lines.at(-1), '…');
});
