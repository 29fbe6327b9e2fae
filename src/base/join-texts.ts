/** One behind the other, each beginning a line of its own; what is not there or empty leaves no trace. */
export function joinTexts(texts: readonly (string | undefined)[]): string {
  return texts.reduce<string>((before, text = '') => {
    const isOpen = before !== '' && text !== '' && !before.endsWith('\n');
    return `${before}${isOpen ? '\n' : ''}${text}`;
  }, '');
}
