/**
 * Script -> the places where the failure of a command is thrown away, in the order of the text. Found by reading, so each is
 * something that may happen: what really did is recorded when the script runs.
 *
 * The reading follows the script from top to bottom, with what `set` says on the way. It does not follow calls of functions,
 * and takes a function for what it is where it stands.
 */
import type { AndOr, CommandNode, CompoundList, Pipeline, PipelineNode, Statement } from 'unbash';
import { cleanersIn } from './cleaners.ts';
import { commandWords, plainText } from './command-words.ts';
import { effectOf, effectOfList, onlyPrints } from './effect.ts';
import { noStatusesOf } from './questions.ts';
import { nestedScripts } from './nested-scripts.ts';
import type { ShellText, Span } from './shell-text.ts';

export interface Options {
  /** `-e`: a command that fails ends the script. */
  readonly errexit: boolean;
  readonly pipefail: boolean;
}

export type MaskKind =
  /** `command || true` and its kin. */
  | 'or'
  /** The left part of a pipe, without `pipefail`. */
  | 'pipe'
  /** Not the last command, without `-e`. */
  | 'unchecked'
  /** The last command before an `exit 0`, without `-e`. */
  | 'exit'
  /** `if command; then echo; else echo; fi`. */
  | 'branches'
  /** `command &`, which nobody waits for. */
  | 'background';

export interface Mask {
  readonly kind: MaskKind;
  /** What may fail unseen. */
  readonly command: Span;
  /** What hides it. */
  readonly by: Span;
  /** The whole that both stand in. */
  readonly whole: Span;
  /** The commands in `command` that do work; none when it only asks something. */
  readonly work: readonly PipelineNode[];
  /** A question stands before it: `[ -f x ] && command || true`. */
  readonly isGuarded: boolean;
  /** In a trap's function: what cleans up may fail. */
  readonly cleanup: boolean;
}

interface Walk {
  readonly shell: ShellText;
  readonly found: Mask[];
  /** Functions that a trap calls. */
  readonly cleaners: ReadonlySet<string>;
  cleanup: boolean;
}

export function findMasks(shell: ShellText, options: Options): readonly Mask[] {
  const walk: Walk = { shell, found: [], cleaners: cleanersIn(shell.text), cleanup: false };
  walkList(walk, shell.tree.commands, { ...options, isEnd: true });
  return walk.found.toSorted((a, b) => a.command.pos - b.command.pos);
}

interface Place extends Options {
  /** The list's last status is the script's. */
  readonly isEnd: boolean;
}

/** Gives the options that hold behind the list. */
function walkList(walk: Walk, statements: readonly Statement[], place: Place): Options {
  let options: Options = place;
  let turnedOff: Span | undefined;
  for (const [index, statement] of statements.entries()) {
    const { command } = statement;
    const set = optionsAfter(command, options);
    if (set !== undefined) {
      if (options.errexit && !set.errexit) turnedOff = statement;
      options = set;
      continue;
    }
    const next = statements[index + 1];
    if (statement.background === true) {
      if (!isWaitedFor(walk.shell.text, statement))
        add(walk, { kind: 'background', command, by: statement, whole: statement });
    } else if (!options.errexit) checkSequence(walk, { statement, next, turnedOff, place });
    options = walkNode(walk, command, { ...options, isEnd: place.isEnd && next === undefined });
  }
  return options;
}

/** A `wait` further on, or a use of `$!`, by which it is looked after. */
function isWaitedFor(text: string, { end }: Statement): boolean {
  return /(^|[\s;&|({])wait\b|\$!|\$\{!\}/.test(text.slice(end));
}

interface InSequence {
  readonly statement: Statement;
  readonly next: Statement | undefined;
  readonly turnedOff: Span | undefined;
  readonly place: Place;
}

/** Without `-e` only the last command counts, unless somebody looks. */
function checkSequence(walk: Walk, { statement, next, turnedOff, place }: InSequence): void {
  const { command } = statement;
  if (next === undefined) {
    // The last of a script, a subshell or a function is its status.
    if (place.isEnd || turnedOff === undefined) return;
  } else if (/\$\{?\?|\bPIPESTATUS\b/.test(walk.shell.text.slice(next.pos, next.end))) return;
  if (effectOf(command, walk.shell.text) !== 'works' || isDeclaration(command)) return;
  const isExit = next !== undefined && endsWell(next.command, walk.shell.text);
  const kind: MaskKind = isExit ? 'exit' : 'unchecked';
  add(walk, { kind, command, by: isExit ? next : (turnedOff ?? statement), whole: statement });
}

function endsWell(node: Statement['command'], text: string): boolean {
  const name = nameOf(node);
  return (name === 'exit' || name === 'true' || name === ':') && effectOf(node, text) === 'hides';
}

function isDeclaration(node: Statement['command']): boolean {
  return (
    node.type === 'Function' || ['cd', 'export', 'shopt', 'trap', 'set', 'source', '.'].includes(nameOf(node) ?? '')
  );
}

function nameOf(node: Statement['command'] | PipelineNode): string | undefined {
  return node.type === 'Command' ? commandWords(node).name : undefined;
}

/** What `set` makes of the options; undefined when the command is no `set`. */
function optionsAfter(node: Statement['command'], options: Options): Options | undefined {
  if (node.type !== 'Command' || nameOf(node) !== 'set') return undefined;
  let { errexit, pipefail } = options;
  const words = node.args.map((arg) => (arg.type === 'Word' ? plainText(arg) : undefined));
  for (const [index, word] of words.entries()) {
    if (word === undefined || word === '--') break;
    const isOn = word.startsWith('-');
    if (!isOn && !word.startsWith('+')) continue;
    if (word.includes('e')) errexit = isOn;
    if (!word.includes('o')) continue;
    const named = words[index + 1];
    if (named === 'pipefail') pipefail = isOn;
    if (named === 'errexit') errexit = isOn;
  }
  return { errexit, pipefail };
}

function walkNode(walk: Walk, node: Statement['command'] | PipelineNode, place: Place): Options {
  for (const script of nestedScripts(node)) walkList(walk, script.commands, { ...place, errexit: true, isEnd: true });
  if (node.type === 'AndOr') return walkAndOr(walk, node, place);
  if (node.type === 'Pipeline') return walkPipeline(walk, node, place);
  return walkCommand(walk, node, place);
}

function walkAndOr(walk: Walk, node: AndOr, place: Place): Options {
  const { text } = walk.shell;
  for (const [index, operator] of node.operators.entries()) {
    const right = node.commands[index + 1];
    const [first] = node.commands;
    const left = node.commands[index];
    if (operator !== '||' || !right || !first || !left || effectOf(right, text) !== 'hides') continue;
    // What hides a failure that another `||` before it has dealt with hides nothing more.
    const work = node.commands.slice(0, index + 1).filter((each) => isWork(each, text));
    const isGuarded = node.operators[0] === '&&' && noStatusesOf(first) !== undefined;
    add(walk, { kind: 'or', command: { pos: first.pos, end: left.end }, by: right, whole: node, work, isGuarded });
  }
  // `-e` does not hold for what stands on the left: its failure is looked at.
  for (const each of node.commands) walkNode(walk, each, { ...place, errexit: true });
  return place;
}

function walkPipeline(walk: Walk, node: Pipeline, place: Place): Options {
  const last = node.commands.at(-1);
  if (!place.pipefail && last)
    for (const [index, each] of node.commands.slice(0, -1).entries()) {
      const reader = node.commands[index + 1] ?? last;
      add(walk, { kind: 'pipe', command: each, by: reader, whole: node });
    }
  for (const each of node.commands) walkNode(walk, each, { ...place, errexit: true });
  return place;
}

function walkCommand(walk: Walk, node: CommandNode, place: Place): Options {
  const inner: Place = { ...place, isEnd: true };
  switch (node.type) {
    case 'If':
      return walkIf(walk, node, place);
    case 'For':
    case 'ArithmeticFor':
    case 'Select':
      return walkList(walk, node.body.commands, { ...inner, isEnd: place.isEnd });
    case 'While':
      walkList(walk, node.clause.commands, inner);
      return walkList(walk, node.body.commands, { ...inner, isEnd: place.isEnd });
    case 'Case': {
      for (const item of node.items) walkList(walk, item.body.commands, { ...inner, isEnd: place.isEnd });
      return place;
    }
    case 'BraceGroup':
      return walkList(walk, node.body.commands, { ...inner, isEnd: place.isEnd });
    case 'Subshell':
      walkList(walk, node.body.commands, inner);
      return place;
    case 'Function': {
      const before = walk.cleanup;
      walk.cleanup ||= walk.cleaners.has(plainText(node.name) ?? '');
      if (node.body.type !== 'CompoundList') walkNode(walk, node.body, inner);
      walk.cleanup = before;
      return place;
    }
    case 'Redirected':
      return walkNode(walk, node.command, place);
    case 'Command':
    case 'Coproc':
    case 'TestCommand':
    case 'ArithmeticCommand':
    default:
      return place;
  }
}

/** A check that tells either way, and does nothing else, cannot fail. */
function walkIf(walk: Walk, node: Extract<CommandNode, { type: 'If' }>, place: Place): Options {
  const { text } = walk.shell;
  const lists: readonly CompoundList[] = [node.then, ...node.elif.map((each) => each.then)];
  const otherwise = node.else;
  const tells = (list: CompoundList): boolean => list.commands.every((each) => onlyPrints(each.command));
  const condition = node.clause.commands.at(-1);
  if (condition && otherwise && tells(otherwise) && lists.every(tells) && effectOfList(otherwise, text) === 'hides')
    add(walk, {
      kind: 'branches',
      command: node.clause,
      by: otherwise,
      whole: node,
      work: worksOf(condition.command, text),
    });
  walkList(walk, node.clause.commands, { ...place, errexit: true, isEnd: true });
  for (const list of [...lists, ...(otherwise ? [otherwise] : [])]) walkList(walk, list.commands, place);
  return place;
}

type Draft = Omit<Mask, 'work' | 'cleanup' | 'isGuarded'> & {
  readonly command: Span;
  readonly work?: Mask['work'];
  readonly isGuarded?: boolean;
};

function add(
  walk: Walk,
  { work, isGuarded = false, ...draft }: Draft & { readonly command: Span | Statement['command'] },
): void {
  const node = draft.command;
  const own = work ?? ('type' in node ? worksOf(node, walk.shell.text) : []);
  const { kind, by, whole } = draft;
  const span = ({ pos, end }: Span): Span => ({ pos, end });
  walk.found.push({
    kind,
    command: span(node),
    by: span(by),
    whole: span(whole),
    work: own,
    isGuarded,
    cleanup: walk.cleanup,
  });
}

function worksOf(node: Statement['command'] | PipelineNode, text: string): readonly PipelineNode[] {
  if (node.type === 'AndOr') return node.commands.filter((each) => isWork(each, text));
  return isWork(node, text) ? [node] : [];
}

function isWork(node: PipelineNode, text: string): boolean {
  return noStatusesOf(node) === undefined && effectOf(node, text) === 'works';
}
