import { createHash } from 'node:crypto';

// 120 + a hash + the longest suffix stays far below the 255 bytes a file name may have.
const longestPlain = 120;
const keptOfLong = 100;

/**
 * A file name for any text: readable, never empty, never a path, and another one for every other text. Long names
 * end in a hash; they are longer than any plain one, so the two kinds cannot meet.
 */
export function safeName(text: string): string {
  if (text === '') return '%';
  // encodeURIComponent refuses half a surrogate pair, and mending it would give two texts one name.
  const encoded = text.isWellFormed()
    ? encodeURIComponent(text)
        .replace(/^\.+/, (dots) => '%2E'.repeat(dots.length))
        .replaceAll('*', '%2A')
    : '%'.repeat(longestPlain + 1);
  if (encoded.length <= longestPlain) return encoded;
  const hash = createHash('sha256').update(text, 'utf16le').digest('hex');
  return `${encoded.slice(0, keptOfLong)}-${hash}`;
}
