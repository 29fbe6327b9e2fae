// The summary of a step, GitHub-flavoured Markdown with HTML in it, as lines for a terminal. Loads a library: import this
// file when there is a summary to show.
import { marked } from 'marked';
import type { Token, Tokens } from 'marked';
import { displayWidth, inline, padTo, truncate, wrap } from '#run/report/layout.ts';
import type { Paint } from '#run/report/words.ts';

interface Page {
  readonly width: number;
  readonly paint: Paint;
}

const MOST_LEVELS = 10;
/** A terminal shows a beginning; the HTML report has all of it. */
const MOST_CHARACTERS = 16_384;

/** No line is wider than `width` columns, but for what no terminal would break; none holds anything that one would obey. */
export function summaryToText(markdown: string, width: number, paint: Paint): readonly string[] {
  const shown = markdown.slice(0, MOST_CHARACTERS);
  const lines = trimmed(blocks(marked.lexer(shown, { gfm: true }), { width, paint }, 0));
  return shown.length < markdown.length ? [...lines, '…'] : lines;
}

/** With a blank line between two. */
function blocks(tokens: readonly Token[], page: Page, level: number): readonly string[] {
  const lines: string[] = [];
  for (const token of tokens) {
    if (token.type === 'space' || token.type === 'def' || token.type === 'checkbox') continue;
    const block = level > MOST_LEVELS ? paragraph(token.raw, page) : blockLines(token, page, level);
    if (block.length === 0) continue;
    if (lines.length > 0 && !(level > 0 && token.type === 'list')) lines.push('');
    lines.push(...block);
  }
  return lines;
}

function blockLines(token: Token, page: Page, level: number): readonly string[] {
  const { width, paint } = page;
  switch (token.type) {
    case 'heading':
      return paragraph(words(token.tokens ?? []), page).map((line) => paint('strong', line));
    case 'code':
      return String(token['text'])
        .split('\n')
        .map((line) => paint('dim', '│ ') + truncate(plain(line), width - 2));
    case 'blockquote':
      return blocks(token.tokens ?? [], narrowed(page, 2), level + 1).map((line) => paint('dim', '│ ') + line);
    case 'hr':
      return [paint('dim', '─'.repeat(Math.min(width, 40)))];
    case 'list':
      return isList(token) ? listLines(token, page, level) : [];
    case 'table':
      return isTable(token) ? tableLines(token, page) : [];
    case 'html':
      return htmlLines(token.raw, page);
    case 'paragraph':
    case 'text':
      return words(token.tokens ?? [token])
        .split('\n')
        .flatMap((line) => paragraph(line, page));
    default:
      return paragraph(token.raw, page);
  }
}

function listLines(list: Tokens.List, page: Page, level: number): readonly string[] {
  return list.items.flatMap((item, index) => {
    const bullet = list.ordered ? `${(list.start || 1) + index}.` : '•';
    const box = item.task ? (item.checked ? ' [x]' : ' [ ]') : '';
    const head = `${bullet}${box} `;
    const indent = bullet.length + 1;
    const [first = '', ...rest] = blocks(item.tokens, narrowed(page, head.length), level + 1);
    return [`${head}${first}`, ...rest.map((line) => (line === '' ? '' : ' '.repeat(indent) + line))];
  });
}

function tableLines(table: Tokens.Table, { width, paint }: Page): readonly string[] {
  const cells = [table.header, ...table.rows].map((row) => row.map((cell) => inline(words(cell.tokens))));
  return columns(cells, { width, paint });
}

/** The first row is the head. */
function columns(rows: readonly (readonly string[])[], { width, paint }: Page): readonly string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const most = Math.max(6, Math.floor((width - 2 * (count - 1)) / Math.max(1, count)));
  const wanted = Array.from({ length: count }, (_, at) =>
    Math.max(1, ...rows.map((row) => displayWidth(row[at] ?? ''))),
  );
  const fits = wanted.reduce((sum, each) => sum + each + 2, -2) <= width;
  const widths = wanted.map((each) => (fits ? each : Math.min(each, most)));
  const lines = rows.map((row) =>
    widths
      .map((each, at) => padTo(truncate(row[at] ?? '', each), each))
      .join('  ')
      .trimEnd(),
  );
  const [head = '', ...rest] = lines;
  return [paint('strong', head), paint('dim', widths.map((each) => '─'.repeat(each)).join('  ')), ...rest];
}

/** Tags go, what they mean for lines and columns stays. */
function htmlLines(html: string, page: Page): readonly string[] {
  const rows = [...html.matchAll(/<tr[^>]*>([\s\S]*?)<\/tr>/gi)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/gi)].map(([, cell = '']) => inline(textOfHtml(cell))),
  );
  if (rows.length > 0 && /^\s*<table/i.test(html)) return columns(rows, page);
  return textOfHtml(html)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => paragraph(line, page));
}

function textOfHtml(html: string): string {
  const text = html
    .replaceAll(/<(script|style)\b[\s\S]*?<\/\1>/gi, '')
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll(/<img\b[^>]*?\balt="([^"]*)"[^>]*>/gi, '[$1]')
    .replaceAll(/<li\b[^>]*>/gi, '\n• ')
    .replaceAll(
      /<(br|hr|p|div|tr|h[1-6]|ul|ol|pre|summary|details|blockquote)\b[^>]*>|<\/(p|div|tr|h[1-6]|summary)>/gi,
      '\n',
    )
    .replaceAll(/<\/?[a-z][^>]*>/gi, '');
  return decoded(text);
}

function decoded(text: string): string {
  const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ', amp: '&' };
  return text.replaceAll(/&(lt|gt|quot|#39|nbsp|amp);/g, (whole, name: string) => named[name] ?? whole);
}

/** The text of inline tokens; line breaks that are meant stay. */
function words(tokens: readonly Token[]): string {
  return tokens.map(word).join('');
}

function word(token: Token): string {
  switch (token.type) {
    case 'br':
      return '\n';
    case 'link': {
      const text = words(token.tokens ?? []);
      const href = String(token['href']);
      return text === href || `mailto:${text}` === href ? text : `${text} (${href})`;
    }
    case 'image':
      return `[${String(token['text']) || 'picture'}]`;
    case 'checkbox':
      return '';
    case 'html':
      return textOfHtml(token.raw);
    default: {
      const inner = 'tokens' in token && Array.isArray(token.tokens) ? words(token.tokens) : undefined;
      return inner ?? decoded(String('text' in token ? token.text : token.raw)).replaceAll('\n', ' ');
    }
  }
}

function paragraph(text: string, { width }: Page): readonly string[] {
  const clean = inline(text);
  return clean === '' ? [] : wrap(clean, width);
}

/** A line of code keeps its blanks. */
function plain(line: string): string {
  const indent = /^[ \t]*/.exec(line)?.[0].replaceAll('\t', '    ') ?? '';
  return indent + inline(line);
}

function narrowed(page: Page, columnsLess: number): Page {
  return { ...page, width: Math.max(20, page.width - columnsLess) };
}

function trimmed(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => line !== '');
  return lines.slice(0, last + 1);
}

function isList(token: Token): token is Tokens.List {
  return token.type === 'list' && 'items' in token;
}

function isTable(token: Token): token is Tokens.Table {
  return token.type === 'table' && 'rows' in token;
}
