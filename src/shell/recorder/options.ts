import { forEachChild } from 'unbash';
import type { Command, ParsedScript, Statement, SyntaxNode } from 'unbash';
import { commandWords } from '../command-words.ts';

/** What a command makes of `-e`; undefined when it says nothing of it. */
export function errexitBy(node: Statement['command']): 'on' | 'off' | undefined {
  if (node.type !== 'Command' || commandWords(node).name !== 'set') return undefined;
  let found: 'on' | 'off' | undefined;
  const { args } = commandWords(node);
  for (const [index, word] of args.entries()) {
    if (word === undefined || word === '--') break;
    const sign = word[0];
    if (sign !== '-' && sign !== '+') continue;
    if (word.includes('e') || (word.includes('o') && args[index + 1] === 'errexit'))
      found = sign === '-' ? 'on' : 'off';
  }
  return found;
}

export function changesErrexit(tree: ParsedScript): boolean {
  return anyCommand(tree, (node) => errexitBy(node) !== undefined);
}

/** Somewhere else than directly in the script, where its commands stand one after the other. */
export function changesErrexitInside(tree: ParsedScript): boolean {
  const direct = new Set<SyntaxNode>(tree.commands.map(({ command }) => command));
  return anyCommand(tree, (node) => !direct.has(node) && errexitBy(node) !== undefined);
}

/** No command of the text can be `set`, however it is quoted: then nobody need look for one. */
export function setsNothing(text: string): boolean {
  return !/s['"\\\n]*e['"\\\n]*t|\$'/.test(text);
}

function anyCommand(tree: ParsedScript, is: (node: Command) => boolean): boolean {
  let found = false;
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'Command' && is(node)) found = true;
    forEachChild(node, visit);
  };
  visit(tree);
  return found;
}
