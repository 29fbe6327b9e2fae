/**
 * What a command says of itself on stderr. On a terminal a line is broken between words, and not wherever the terminal is
 * full; several lines have their own order.
 */
export async function told(message: string): Promise<string> {
  const { isTTY, columns } = process.stderr;
  if (!isTTY || message.includes('\n')) return `gantry: ${message}\n`;
  const { wrap } = await import('#run/report/layout.ts');
  const before = ' '.repeat('gantry: '.length);
  return `gantry: ${wrap(message, columns - before.length).join(`\n${before}`)}\n`;
}
