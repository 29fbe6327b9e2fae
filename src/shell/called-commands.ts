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
  /** The same, or the pipe that it is part of. */
  readonly whole: string;
  /** First and last, from 1. */
  readonly line: number;
  readonly endLine: number;
}

/** In the order of the script; none when it is no script that bash understands. */
export function calledCommands(script: string): readonly CalledCommand[] {
  const shell = readShell(withoutTemplates(script));
  if (!shell) return [];
  const found: CalledCommand[] = [];
  const visit = (node: SyntaxNode, pipe?: string): void => {
    if (node.type === 'Command') {
      const { name, path, args } = commandWords(node);
      const { pos, end } = node;
      const [line, endLine] = [shell.at(pos).line, shell.at(Math.max(pos, end - 1)).line];
      const text = oneLine(sourceOf(shell, node));
      if (name !== undefined && path !== undefined)
        found.push({ name, path, args, text, whole: pipe ?? text, line, endLine });
    }
    const isPipe = node.type === 'Pipeline' && node.commands.length > 1;
    const inner = isPipe ? oneLine(sourceOf(shell, node)) : undefined;
    forEachChild(node, (child) => {
      // What was written with escapes has offsets of its own, which are no places in the text.
      if (child.type === 'Script' && child.source !== undefined) return;
      visit(child, child.type === 'Command' ? inner : undefined);
    });
  };
  visit(shell.tree);
  return found;
}

function oneLine(source: string): string {
  return source.replaceAll(/\\\n/g, ' ').replaceAll(/\s+/g, ' ').trim();
}
