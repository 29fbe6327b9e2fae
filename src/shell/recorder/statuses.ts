// Who looks at `$?`: only where nobody does may a recorder stand between a command and what follows it.
import { forEachChild } from 'unbash';
import type { CommandNode, PipelineNode, Statement, SyntaxNode } from 'unbash';
import { commandWords, plainText } from '../command-words.ts';
import { effectOf, type Effect } from '../effect.ts';
import { mayHoldCommands, type ShellText } from '../shell-text.ts';

type Node = Statement['command'] | PipelineNode;

const STATUS = /\$\{?\?|PIPESTATUS/;

/** Commands that are the shell's own or so common that no sourced file gives them another meaning that matters. */
const PLAIN: readonly string[] = [
  'echo',
  'printf',
  'true',
  ':',
  'cd',
  'export',
  '[',
  'test',
  'unset',
  'cat',
  'mkdir',
  'rm',
  'cp',
  'exit',
  'return',
];

export interface Statuses {
  /** The script runs text that is not in it: functions and options may come from there. */
  readonly runsOthers: boolean;
  /** Whether running it begins with a look at the status before it, as far as can be told. */
  reads(node: Node): boolean;
  /** As `effectOf`, with what functions of the script do. */
  effect(node: Node): Effect;
  isFunction(node: CommandNode): boolean;
}

export function statusesOf(shell: ShellText, isLogin: boolean): Statuses {
  const { functions, runsOthers } = look(shell, isLogin);
  const textOf = (node: Node): string => shell.text.slice(node.pos, node.end);
  const anyReads = [...functions.values()].some(
    ({ text }) => STATUS.test(text) || /\b(?:return|exit)\b(?![ \t]+[\w$"'])/.test(text),
  );
  // No names but those that are written out, and none of them a function: most scripts, and most of their commands.
  const callsPlainOnly = (text: string): boolean => functions.size === 0 && !runsOthers && !/[$`*?[{~(<>]/.test(text);
  const reads = (node: Node): boolean => {
    const text = textOf(node);
    if (STATUS.test(text) || isBare(node)) return true;
    if (callsPlainOnly(text)) return false;
    return calls(node, shell).some((name) => {
      if (name === undefined) return true;
      if (functions.has(name)) return anyReads;
      return runsOthers && !PLAIN.includes(name);
    });
  };
  const effect = (node: Node, depth: number): Effect => {
    if (node.type !== 'Command') return inner(node, depth);
    const { name } = commandWords(node);
    if ((name === 'continue' || name === 'break') && node.args.length < 2) return 'hides';
    const known = name === undefined ? undefined : functions.get(name);
    if (!known || STATUS.test(textOf(node))) return inner(node, depth);
    return known.body && depth < MOST_CALLS ? inner(known.body, depth + 1) : 'works';
  };
  /** Functions that are called inside decide as the commands that they are made of. */
  const inner = (node: Node, depth: number): Effect => {
    if (node.type === 'Redirected') return effect(node.command, depth);
    if (node.type !== 'BraceGroup' && node.type !== 'Subshell') return effectOf(node, shell.text);
    const effects = node.body.commands.map((each) => effect(each.command, depth));
    return effects.includes('hands-on') ? 'hands-on' : (effects.at(-1) ?? 'hides');
  };
  return {
    runsOthers,
    reads,
    effect: (node) => effect(node, 0),
    isFunction: (node) => node.type !== 'Command' || functions.has(commandWords(node).name ?? ''),
  };
}

/** How deep functions that call functions are followed. */
const MOST_CALLS = 4;

interface Known {
  readonly text: string;
  /** Absent: there are several of the name. */
  readonly body?: Node;
}

function look(shell: ShellText, isLogin: boolean): { functions: ReadonlyMap<string, Known>; runsOthers: boolean } {
  const functions = new Map<string, Known>();
  let runsOthers = isLogin;
  const { tree, text } = shell;
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'Function') {
      const name = plainText(node.name) ?? '';
      const before = functions.get(name);
      const source = text.slice(node.pos, node.end);
      if (before) functions.set(name, { text: before.text + source });
      else functions.set(name, { text: source, ...(node.body.type === 'CompoundList' ? {} : { body: node.body }) });
    }
    if (node.type === 'Command') {
      const name = node.name === undefined ? '' : plainText(node.name);
      if (name === undefined || name === 'source' || name === '.' || name === 'eval') runsOthers = true;
      if (!mayHoldCommands(shell, node)) return;
    }
    forEachChild(node, visit);
  };
  visit(tree);
  return { functions, runsOthers };
}

/** What it runs, by name; undefined where the name is not written out. */
function calls(node: Node, shell: ShellText): readonly (string | undefined)[] {
  if (node.type === 'Command' && !mayHoldCommands(shell, node))
    return node.name === undefined ? [] : [commandWords(node).name];
  const found: (string | undefined)[] = [];
  const visit = (each: SyntaxNode): void => {
    if (each.type === 'Command' && each.name !== undefined) found.push(commandWords(each).name);
    forEachChild(each, visit);
  };
  visit(node);
  return found;
}

/** `exit` and `return` without a number hand on the status before them. */
function isBare(node: Node): boolean {
  if (node.type !== 'Command') return false;
  const { name } = commandWords(node);
  return (name === 'exit' || name === 'return') && node.args.length === 0;
}
