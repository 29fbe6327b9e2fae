/**
 * Script -> where recorders stand, and what each of them is. A recorder is text on a line that is there already. It prints
 * nothing (also under `set -x`), starts no process, and is put only where nobody looks at the status that it leaves.
 */
import type { AndOr, Command, CommandNode, If, Pipeline, PipelineNode, Statement } from 'unbash';
import { cleanersIn } from '../cleaners.ts';
import { commandWords } from '../command-words.ts';
import { onlyPrints } from '../effect.ts';
import { nestedScripts } from '../nested-scripts.ts';
import { noStatusesOf } from '../questions.ts';
import { mayHoldCommands, sourceOf, type ShellText } from '../shell-text.ts';
import type { Wrap } from './insertions.ts';
import { changesErrexit, changesErrexitInside, errexitBy, setsNothing } from './options.ts';
import type { Context, LeftOut, RecordedCommand, Span, Spot } from './spot.ts';
import { statusesOf, type Statuses } from './statuses.ts';
import type { Dialect } from './visible.ts';

type Node = Statement['command'] | PipelineNode;

export interface Setting {
  readonly dialect: Dialect;
  readonly errexit: boolean;
  readonly pipefail: boolean;
  /** Profiles are read before the script: functions and options may come from there. */
  readonly isLogin: boolean;
  /** The recorder's file for a spot, but for the status behind it, as a word of the shell. */
  readonly file: (spot: number) => string;
}

export interface Found {
  readonly spots: readonly Spot[];
  readonly wraps: readonly Wrap[];
  readonly leftOut: readonly LeftOut[];
}

interface Walk {
  readonly shell: ShellText;
  readonly setting: Setting;
  readonly statuses: Statuses;
  readonly cleaners: ReadonlySet<string>;
  /** `-e` cannot be followed. */
  readonly isErrexitHidden: boolean;
  /** What the shell was started with holds everywhere, also in functions, whenever they are called. */
  readonly isErrexitConstant: boolean;
  /** Nobody in the script could ask for the statuses of a pipe's parts, or has them looked at. */
  readonly pipesAreUnseen: boolean;
  readonly spots: Spot[];
  readonly wraps: Wrap[];
  readonly leftOut: LeftOut[];
}

export function findSpots(shell: ShellText, setting: Setting): Found {
  const statuses = statusesOf(shell, setting.isLogin);
  const maySet = !setsNothing(shell.text);
  const walk: Walk = {
    shell,
    setting,
    statuses,
    cleaners: cleanersIn(shell.text),
    isErrexitHidden: statuses.runsOthers || (maySet && changesErrexitInside(shell.tree)),
    isErrexitConstant: !statuses.runsOthers && !(maySet && changesErrexit(shell.tree)),
    pipesAreUnseen: !setting.pipefail && !/pipefail|PIPESTATUS/.test(shell.text),
    spots: [],
    wraps: [],
    leftOut: [],
  };
  const errexit = walk.isErrexitHidden ? 'unknown' : setting.errexit ? 'on' : 'off';
  walkList(walk, shell.tree.commands, { errexit, isEffective: true, isUsed: true, isTail: true, cleansUp: false });
  return walk;
}

function walkList(walk: Walk, statements: readonly Statement[], given: Context): void {
  let context = given;
  for (const [index, { command, background }] of statements.entries()) {
    const set = walk.isErrexitHidden ? undefined : errexitBy(command);
    if (set !== undefined) context = { ...context, errexit: set };
    // What runs in the background keeps its process as it is: `$!` names it.
    if (background === true) continue;
    const next = statements[index + 1]?.command;
    const place: Context = {
      ...context,
      isUsed: next === undefined ? given.isUsed : walk.statuses.reads(next),
      isTail: next === undefined && given.isTail,
    };
    walkNode(walk, command, place, next !== undefined);
  }
}

/** `isFollowed`: by a command of the same list, so that what stands behind it does not change the list's status. */
function walkNode(walk: Walk, node: Node, place: Context, isFollowed: boolean): void {
  walkSubstitutions(walk, node);
  switch (node.type) {
    case 'AndOr':
      return walkAndOr(walk, node, place);
    case 'Pipeline':
      if (!isNegated(node)) {
        recordPipe(walk, node, place, isFollowed);
        recordUnchecked(walk, node, place);
      }
      for (const each of node.commands)
        walkInside(walk, each, { ...place, isUsed: true, isTail: false, isEffective: false });
      return;
    case 'Command':
      return recordUnchecked(walk, node, place);
    default:
      return walkInside(walk, node, place);
  }
}

function walkInside(walk: Walk, node: CommandNode, place: Context): void {
  const body: Context = { ...place, isTail: false };
  const condition: Context = { ...place, isUsed: true, isEffective: false, isTail: false };
  switch (node.type) {
    case 'Redirected':
      return walkInside(walk, node.command, place);
    case 'BraceGroup':
      return walkList(walk, node.body.commands, place);
    case 'Subshell':
      // Whether `-e` has an effect in it was decided outside, but it ends with its last status in any case.
      return walkList(walk, node.body.commands, { ...place, isUsed: true, isTail: true });
    case 'If':
      recordBranches(walk, node, place);
      for (const clause of [node.clause, ...node.elif.map((each) => each.clause)])
        walkList(walk, clause.commands, condition);
      for (const list of [node.then, ...node.elif.map((each) => each.then), ...(node.else ? [node.else] : [])])
        walkList(walk, list.commands, body);
      return;
    case 'While':
      walkList(walk, node.clause.commands, condition);
      return walkList(walk, node.body.commands, body);
    case 'For':
    case 'ArithmeticFor':
    case 'Select':
      return walkList(walk, node.body.commands, body);
    case 'Case':
      for (const item of node.items) walkList(walk, item.body.commands, body);
      return;
    case 'Function': {
      if (node.body.type === 'CompoundList') return;
      const cleansUp = place.cleansUp || walk.cleaners.has(node.name.value);
      const errexit = walk.isErrexitConstant ? place.errexit : 'unknown';
      return walkInside(walk, node.body, { errexit, isEffective: false, isUsed: true, isTail: false, cleansUp });
    }
    case 'Command':
    case 'Coproc':
    case 'TestCommand':
    case 'ArithmeticCommand':
      return;
  }
}

/** Each part that fails is answered by the next `||` to its right, or by nobody. */
function walkAndOr(walk: Walk, node: AndOr, place: Context): void {
  const { commands, operators } = node;
  const answers = commands.map((_, index) => {
    const answer = operators.findIndex((operator, at) => at >= index && operator === '||');
    return answer === -1 ? undefined : answer + 1;
  });
  for (const answer of new Set(answers)) {
    const asked = commands.filter((_, index) => answers[index] === answer);
    if (answer === undefined) unanswered(walk, asked, node, place);
    else answered(walk, asked, commands[answer], place);
  }
  const last = commands.at(-1);
  for (const each of commands) {
    const inner = each === last ? place : { ...place, isUsed: true, isEffective: false, isTail: false };
    if (each.type === 'Pipeline') {
      if (!isNegated(each))
        recordPipe(walk, each, { ...inner, isTail: false, isEffective: false, isUsed: true }, false);
      for (const part of each.commands)
        walkInside(walk, part, { ...inner, isEffective: false, isUsed: true, isTail: false });
    } else walkInside(walk, each, { ...inner, isEffective: false });
  }
}

function answered(walk: Walk, asked: readonly PipelineNode[], answer: PipelineNode | undefined, place: Context): void {
  const effect = answer && walk.statuses.effect(answer);
  if (!answer || effect === 'hands-on' || walk.statuses.reads(answer)) return;
  const mask = `|| ${short(sourceOf(walk.shell, answer))}`;
  const more = { mask, hasAlternative: effect === 'works', cleansUp: place.cleansUp };
  const [only] = asked;
  if (asked.length === 1 && only) {
    if (!isWorthIt(only)) return;
    const spot = addSpot(walk, { ...more, commands: [described(walk, only)] });
    walk.wraps.push({ ...spanOf(answer), before: `{ ${record(walk, spot)}; `, behind: '; }' });
    return;
  }
  for (const each of asked) if (isWorthIt(each) && !isTest(each)) wrapFailing(walk, each, more);
}

/** Without a `||`: nobody looks at the status of `a && b` where something follows. */
function unanswered(walk: Walk, asked: readonly PipelineNode[], node: AndOr, place: Context): void {
  if (place.isUsed) return;
  const last = node.commands.at(-1);
  const more = { hasAlternative: false, cleansUp: place.cleansUp };
  for (const each of asked) {
    if (!isWorthIt(each) || isTest(each)) continue;
    if (each !== last) wrapFailing(walk, each, { ...more, mask: '&& in the middle of the script' });
    else if (place.errexit === 'off') wrapFailing(walk, each, { ...more, mask: 'no -e' });
  }
}

type Kind = Omit<Spot, 'commands'>;

/** Only where the status is looked at for being zero or not: that it was another than 1 is lost. */
function wrapFailing(walk: Walk, node: PipelineNode, kind: Kind): void {
  const spot = addSpot(walk, { ...kind, commands: [described(walk, node)] });
  walk.wraps.push({ ...spanOf(node), before: '{ ', behind: ` || { ${record(walk, spot)}; ${FAILS}; }; }` });
}

/** Without `-e` a command that fails has no effect, unless somebody looks. */
function recordUnchecked(walk: Walk, node: Command | Pipeline, place: Context): void {
  if (place.errexit !== 'off' || place.isUsed || !isWorthIt(node)) return;
  if (node.type === 'Command' && (isTest(node) || NOT_WORK.includes(commandWords(node).name ?? ''))) return;
  const more = { mask: 'no -e', hasAlternative: false, cleansUp: place.cleansUp };
  const spot = addSpot(walk, { ...more, commands: [described(walk, node)] });
  const { end } = node;
  walk.wraps.push({ pos: end, end, before: ` || ${record(walk, spot)}`, behind: '' });
}

const NOT_WORK: readonly string[] = [
  'set',
  'exit',
  'return',
  'break',
  'continue',
  'shift',
  'unset',
  'trap',
  'exec',
  'wait',
];

/** The parts of a pipe before the last, where no `pipefail` looks at them. */
function recordPipe(walk: Walk, node: Pipeline, place: Context, isFollowed: boolean): void {
  if (!walk.pipesAreUnseen) return;
  const parts = node.commands.slice(0, -1);
  if (!parts.some(isWorthIt)) return;
  const reader = node.commands.at(-1);
  const kind: Kind = {
    mask: `| ${short(reader ? sourceOf(walk.shell, reader) : '')}, without pipefail`,
    hasAlternative: false,
    cleansUp: place.cleansUp,
  };
  if (walk.setting.dialect === 'dash') return recordParts(walk, parts, kind);
  const isSafe = (isFollowed && !place.isUsed) || (place.errexit === 'on' && place.isEffective);
  if (!isSafe && !place.isTail) return leaveOut(walk, node, 'a pipe whose status is looked at where it stands');
  if (node.operators.includes('|&') && !isSafe && !place.isTail) return;
  const spot = addSpot(walk, { ...kind, commands: parts.map((each) => described(walk, each)) });
  const statuses = parts.map((_, index) => `\${PIPESTATUS[${index}]}`).join('-');
  const { end } = node;
  const behind = `! 2>/dev/null >>${walk.setting.file(spot)}"${statuses}"; ${SUCCEEDS}`;
  walk.wraps.push({ pos: end, end, before: isSafe ? `; ${behind}` : ` && { ${behind}; }`, behind: '' });
}

/** Dash tells nobody the status of a part of a pipe: each is recorded in its own process. */
function recordParts(walk: Walk, parts: readonly CommandNode[], kind: Kind): void {
  for (const part of parts) {
    if (!isWorthIt(part)) continue;
    const isPlain = part.type === 'Command' && !walk.statuses.isFunction(part) && part.name?.parts === undefined;
    if (isPlain && part.name !== undefined && ![...NOT_WORK, 'eval', '.', 'command'].includes(part.name.value))
      wrapFailing(walk, part, kind);
    else leaveOut(walk, part, 'a part of a pipe that is more than one command');
  }
}

/** `if command; then ...; else echo; fi`: a failure that only makes the script say so. */
function recordBranches(walk: Walk, node: If, place: Context): void {
  const [statement, ...others] = node.clause.commands;
  if (!statement || others.length > 0 || statement.background === true || node.elif.length > 0) return;
  const { command } = statement;
  const negated = command.type === 'Pipeline' && isNegated(command) ? command : undefined;
  const asks = negated?.commands ?? (command.type === 'AndOr' ? [] : [command]);
  if (!asks.some((each) => isWorthIt(each) && !isTest(each))) return;
  const branch = negated ? node.then : node.else;
  const first = branch?.commands[0]?.command;
  if (!branch || !first || !branch.commands.every((each) => onlyPrints(each.command))) return;
  const effects = branch.commands.map((each) => walk.statuses.effect(each.command));
  if (effects.includes('hands-on') || branch.commands.some((each) => walk.statuses.reads(each.command))) return;
  const mask = negated ? 'if !, and a branch that only prints' : 'if, and an else that only prints';
  const kind: Kind = { mask, hasAlternative: false, cleansUp: place.cleansUp };
  const asked = negated ? { pos: negated.commands[0]?.pos ?? negated.pos, end: negated.end } : command;
  const answering = asks.at(-1);
  const no = answering && noStatusesOf(answering);
  const commands = [{ ...describedSpan(walk, asked), no: no ?? [] }];
  if (negated) {
    const spot = addSpot(walk, { ...kind, commands });
    walk.wraps.push({ ...spanOf(asked), before: '{ ', behind: ` || { ${record(walk, spot)}; ${FAILS}; }; }` });
    return;
  }
  const spot = addSpot(walk, { ...kind, commands });
  walk.wraps.push({ pos: first.pos, end: first.pos, before: `${record(walk, spot)}; `, behind: '' });
}

/** The status of what stands in `$( )` is lost when it is a word of a command. */
function walkSubstitutions(walk: Walk, node: Node): void {
  if (node.type === 'AndOr' || node.type === 'Pipeline') {
    for (const each of node.commands) if (each.type !== 'Pipeline') walkSubstitutions(walk, each);
    return;
  }
  if (!mayHoldCommands(walk.shell, node)) return;
  const isLost = node.type !== 'Command' || (node.name !== undefined && node.name.parts === undefined);
  for (const script of nestedScripts(node)) {
    if (walk.shell.text[script.pos - 1] !== '(') continue;
    const isUsed = !isLost || /\$\{?\?/.test(sourceOf(walk.shell, node));
    walkList(walk, script.commands, {
      errexit: 'unknown',
      isEffective: false,
      isUsed: true,
      isTail: true,
      cleansUp: false,
    });
    const last = script.commands.at(-1);
    if (isUsed || !last || last.background === true || last.command.type !== 'Command') continue;
    const { command } = last;
    if (!isWorthIt(command) || isTest(command) || walk.statuses.isFunction(command)) continue;
    if (command.name?.parts !== undefined) continue;
    if ([...NOT_WORK, 'eval', 'source', '.'].includes(command.name?.value ?? '')) continue;
    const kind: Kind = { mask: 'a substitution inside another command', hasAlternative: false, cleansUp: false };
    const spot = addSpot(walk, { ...kind, commands: [described(walk, command)] });
    const { end } = command;
    walk.wraps.push({ pos: end, end, before: ` || { ${record(walk, spot)}; ${FAILS}; }`, behind: '' });
  }
}

/** A null command: it has no words that could be shown and starts no process. `!` keeps `-e` away when the file cannot be. */
function record(walk: Walk, spot: number): string {
  return `! 2>/dev/null >>${walk.setting.file(spot)}"$?"`;
}

const FAILS = '! 2>/dev/null';
const SUCCEEDS = '2>/dev/null';

function addSpot(walk: Walk, spot: Spot): number {
  return walk.spots.push(spot) - 1;
}

function leaveOut(walk: Walk, { pos }: Span, why: string): void {
  walk.leftOut.push({ line: walk.shell.at(pos).line, why });
}

function described(walk: Walk, node: PipelineNode): RecordedCommand {
  return { ...describedSpan(walk, node), no: noStatusesOf(node) ?? [] };
}

function describedSpan(walk: Walk, span: Span): Omit<RecordedCommand, 'no'> {
  return { command: short(sourceOf(walk.shell, span)), line: walk.shell.at(span.pos).line };
}

const MOST_CHARACTERS = 160;

function short(source: string): string {
  const line = source.replaceAll(/\\\n/g, ' ').replaceAll(/\s+/g, ' ').trim();
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS - 1)}…` : line;
}

function spanOf({ pos, end }: Span): Span {
  return { pos, end };
}

function isNegated(node: Pipeline): boolean {
  return node.prefixes.some(({ type }) => type === 'Negation');
}

/** What only prints fails only when nobody listens. */
function isWorthIt(node: Node): boolean {
  switch (node.type) {
    case 'Pipeline':
      return !isNegated(node) && node.commands.some(isWorthIt);
    case 'AndOr':
      return node.commands.some(isWorthIt);
    case 'BraceGroup':
    case 'Subshell':
      return node.body.commands.some(({ command }) => isWorthIt(command));
    case 'Redirected':
      return isWorthIt(node.command);
    case 'Function':
    case 'Coproc':
      return false;
    case 'Command': {
      const { name, args } = commandWords(node);
      return !PRINTS.includes(name ?? '') && !(name === 'cat' && args.length === 0);
    }
    default:
      return true;
  }
}

const PRINTS: readonly string[] = ['echo', 'printf', 'true', ':'];

/** They only ever say yes or no. */
function isTest(node: PipelineNode): boolean {
  if (node.type === 'TestCommand' || node.type === 'ArithmeticCommand') return true;
  return node.type === 'Command' && ['[', 'test'].includes(node.name?.value ?? '');
}
