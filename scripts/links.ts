/** Links between Markdown files of this repository. Addresses of the web are not looked up: a check needs no network. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** `:line link "…" leads nowhere`, for each relative link or heading that is not there. */
export function brokenLinks(path: string): readonly string[] {
  return prose(readFileSync(path, 'utf8')).flatMap((line, index) =>
    targetsIn(line)
      .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target))
      .filter((target) => !leadsSomewhere(path, target))
      .map((target) => `:${index + 1} link "${target}" leads nowhere`),
  );
}

/** The lines, with code emptied: a link in an example is an example. */
function prose(text: string): readonly string[] {
  let inFence = false;
  return text.split('\n').map((line) => {
    const isFence = /^\s*(```|~~~)/.test(line);
    if (isFence) inFence = !inFence;
    return isFence || inFence ? '' : line.replaceAll(/`[^`]*`/g, (code) => code.replaceAll(/[[\]()]/g, ' '));
  });
}

function targetsIn(line: string): readonly string[] {
  const inline = [...line.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const references = [...line.matchAll(/^\s*\[[^\]]+\]:\s*(\S+)/g)];
  const html = [...line.matchAll(/(?:href|src)="([^"]+)"/g)];
  return [...inline, ...references, ...html].map((match) => match[1] ?? '');
}

function leadsSomewhere(from: string, target: string): boolean {
  const [file = '', heading] = decodeURIComponent(target).split('#');
  const path = file === '' ? from : resolve(dirname(from), file);
  if (!existsSync(path)) return false;
  if (heading === undefined || heading === '' || !path.endsWith('.md') || statSync(path).isDirectory()) return true;
  return headingsOf(path).has(heading);
}

/** Headings by the names that GitHub gives them. */
function headingsOf(path: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const names = prose(readFileSync(path, 'utf8')).flatMap((line) => {
    const title = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (title === undefined) return [];
    const slug = title
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return [count === 0 ? slug : `${slug}-${count}`];
  });
  return new Set(names);
}
