// The arguments of a shell template, as GitHub's runner cuts them: it hands them to .NET as one text, so double quotes
// hold together what belongs together, a backslash means something only before one, and single quotes are letters.

export function splitArguments(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\') {
      const backslashes = /^\\+/.exec(text.slice(at))?.[0].length ?? 1;
      const next = text.charAt(at + backslashes);
      if (next !== '"') {
        word = (word ?? '') + '\\'.repeat(backslashes);
        at += backslashes - 1;
        continue;
      }
      word = (word ?? '') + '\\'.repeat(Math.floor(backslashes / 2));
      if (backslashes % 2 === 1) word += '"';
      // A quote behind an even number is one, and is taken in the next round.
      at += backslashes % 2 === 1 ? backslashes : backslashes - 1;
    } else if (char === '"') {
      word ??= '';
      // Two inside a quotation are one that is meant.
      if (isQuoted && text.charAt(at + 1) === '"') {
        word += '"';
        at++;
      } else isQuoted = !isQuoted;
    } else if (!isQuoted && (char === ' ' || char === '\t')) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + char;
  }
  if (word !== undefined) words.push(word);
  return words;
}
