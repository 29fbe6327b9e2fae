// Every simple command of a script, wherever it stands in it: what somebody looks for who wants to know what was called.
import { forEachChild } from 'unbash';
import type { SyntaxNode } from 'unbash';
import { commandWords } from './command-words.ts';
import { readShell, sourceOf, withoutTemplates } from './shell-text.ts';

export interface CalledCommand {
  /** Without its folder, and without what only runs it, such as `sudo`. */
  readonly name: string;
  /** The same with its folder, where it is called by one. */
  readonly path: string;
  /** Undefined where a word is not written out. */
  readonly args: readonly (string | undefined)[];
  /** As it is written, on one line. */
  readonly text: string;
  /** First and last, from 1. */
  readonly line: number;
  readonly endLine: number;
}

/** In the order of the script; none when it is no script that bash understands. */
export function calledCommands(script: string): readonly CalledCommand[] {
  const shell = readShell(withoutTemplates(script));
  if (!shell) return [];
  const found: CalledCommand[] = [];
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'Command') {
      const { name, path, args } = commandWords(node);
      const { pos, end } = node;
      const [line, endLine] = [shell.at(pos).line, shell.at(Math.max(pos, end - 1)).line];
      if (name !== undefined && path !== undefined)
        found.push({ name, path, args, text: oneLine(sourceOf(shell, node)), line, endLine });
    }
    // What was written with escapes has offsets of its own, which are no places in the text.
    forEachChild(node, (child) => (child.type === 'Script' && child.source !== undefined ? undefined : visit(child)));
  };
  visit(shell.tree);
  return found;
}

function oneLine(source: string): string {
  return source.replaceAll(/\\\n/g, ' ').replaceAll(/\s+/g, ' ').trim();
}
