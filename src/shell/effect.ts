// What a command on the right of `||`, or in a branch, makes of a failure: does it hide it, hand it on, or do something else?
import type { AndOr, CompoundList, PipelineNode, Redirection, Statement } from 'unbash';
import { commandWords, plainText } from './command-words.ts';

export type Effect =
  /** It succeeds whatever happened: `true`, `:`, `echo`, `exit 0`. */
  | 'hides'
  /** The failure goes on: `false`, `exit 1`, `return`, or it is looked at, as in `rc=$?`. */
  | 'hands-on'
  /** Work of its own, which may fail: another way to the same end. */
  | 'works';

const PRINTS: readonly string[] = ['echo', 'printf', 'cat', 'logger', 'tput'];
const SUCCEEDS: readonly string[] = ['true', ':', 'wait', 'unset', 'shift', ...PRINTS];

export function effectOf(node: Statement['command'] | PipelineNode | AndOr, text: string): Effect {
  switch (node.type) {
    case 'Command':
      return effectOfCommand(node, text);
    case 'Redirected':
      return effectOf(node.command, text);
    case 'BraceGroup':
    case 'Subshell':
      return effectOfList(node.body, text);
    case 'AndOr': {
      const effects = node.commands.map((each) => effectOf(each, text));
      if (effects.includes('hands-on')) return 'hands-on';
      return effects.every((each) => each === 'hides') || (node.operators.at(-1) === '||' && effects.at(-1) === 'hides')
        ? 'hides'
        : 'works';
    }
    case 'Pipeline':
      return node.commands.every((each) => effectOf(each, text) === 'hides') ? 'hides' : 'works';
    case 'If': {
      const branches = [node.then, ...node.elif.map((each) => each.then), ...(node.else ? [node.else] : [])];
      const effects = branches.map((each) => effectOfList(each, text));
      if (effects.includes('hands-on')) return 'hands-on';
      return effects.every((each) => each === 'hides') ? 'hides' : 'works';
    }
    default:
      return 'works';
  }
}

/** A list hides what came before it when its last command succeeds and none in it ends the script with a failure. */
export function effectOfList({ commands }: CompoundList, text: string): Effect {
  const effects = commands.map((each) => effectOf(each.command, text));
  if (effects.includes('hands-on')) return 'hands-on';
  return effects.at(-1) ?? 'hides';
}

/** Whether it does nothing but tell: no work, no check. */
export function onlyPrints(node: Statement['command'] | PipelineNode): boolean {
  switch (node.type) {
    case 'Command': {
      const { name } = commandWords(node);
      if (node.redirects.some(writesFile)) return false;
      return name !== undefined && (PRINTS.includes(name) || name === 'true' || name === ':' || name === 'exit');
    }
    case 'Redirected':
      return !node.redirects.some(writesFile) && onlyPrints(node.command);
    case 'BraceGroup':
    case 'Subshell':
      return node.body.commands.every((each) => onlyPrints(each.command));
    case 'AndOr':
    case 'Pipeline':
      return node.commands.every(onlyPrints);
    default:
      return false;
  }
}

/** What goes into a file is an answer that somebody may read. */
function writesFile(redirect: Redirection): boolean {
  if (redirect.type !== 'Redirect' || !/^(&?>>?|>\|)$/.test(redirect.operator)) return false;
  return !/^\/dev\/(null|stdout|stderr|tty|fd\/\d)$/.test(plainText(redirect.target) ?? 'file');
}

function effectOfCommand(node: Extract<Statement['command'], { type: 'Command' }>, text: string): Effect {
  const source = text.slice(node.pos, node.end);
  if (/\$\{?\?/.test(source)) return 'hands-on';
  if (node.name === undefined) return 'works';
  const { name, args } = commandWords(node);
  if (name === undefined) return 'works';
  if (name === 'exit' || name === 'return') {
    const [status] = node.args;
    const word = status?.type === 'Word' ? plainText(status) : undefined;
    return word !== undefined && Number(word) % 256 === 0 ? 'hides' : 'hands-on';
  }
  if (name === 'false' || name === 'kill') return name === 'false' ? 'hands-on' : 'works';
  if (['continue', 'break'].includes(name)) return 'works';
  // `echo ::error::` tells GitHub, and fails nothing.
  return SUCCEEDS.includes(name) && !(name === 'cat' && args.length > 0 && !args.includes('-')) ? 'hides' : 'works';
}
