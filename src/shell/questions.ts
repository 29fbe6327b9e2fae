// Commands that ask something: one of their statuses is the answer "no", and no failure.
import { unreachable } from '#base/unreachable.ts';
import type { CommandNode, PipelineNode, Statement, AndOr } from 'unbash';
import { commandWords } from './command-words.ts';

interface Question {
  readonly name: string;
  /** Statuses that mean "no". What lies above is trouble: a file that is not there, a wrong option. */
  readonly no: readonly number[];
  /** Only with one of these words behind the name. */
  readonly with?: readonly string[];
}

/** By name. The statuses are those of the commands' own manuals. */
const QUESTIONS: readonly Question[] = [
  { name: '[', no: [1] },
  { name: 'test', no: [1] },
  { name: 'grep', no: [1] },
  { name: 'egrep', no: [1] },
  { name: 'fgrep', no: [1] },
  { name: 'zgrep', no: [1] },
  { name: 'rg', no: [1] },
  { name: 'ag', no: [1] },
  { name: 'diff', no: [1] },
  { name: 'cmp', no: [1] },
  { name: 'which', no: [1] },
  { name: 'type', no: [1] },
  { name: 'hash', no: [1] },
  { name: 'command', no: [1, 127], with: ['-v', '-V'] },
  { name: 'pgrep', no: [1] },
  { name: 'pidof', no: [1] },
  { name: 'kill', no: [1], with: ['-0'] },
  // Whom they were to end is not there.
  { name: 'pkill', no: [1] },
  { name: 'killall', no: [1] },
  { name: 'expr', no: [1] },
  { name: 'read', no: [1] },
  { name: 'let', no: [1] },
  { name: 'mountpoint', no: [1, 32] },
  { name: 'getent', no: [2] },
  { name: 'id', no: [1] },
  { name: 'tty', no: [1] },
  { name: 'dpkg', no: [1], with: ['-s', '-l', '--status', '--list', '--compare-versions'] },
  { name: 'dpkg-query', no: [1] },
  { name: 'rpm', no: [1], with: ['-q', '--query'] },
  { name: 'git', no: [1], with: ['diff', 'diff-index', 'diff-files', 'check-ignore', 'merge-base', 'show-ref'] },
  { name: 'git', no: [1, 128], with: ['rev-parse', 'symbolic-ref', 'ls-files', 'cat-file', 'describe', 'config'] },
  { name: 'systemctl', no: [1, 3, 4], with: ['is-active', 'is-enabled', 'is-failed', 'status'] },
  { name: 'docker', no: [1, 127], with: ['inspect', 'info', 'version'] },
  { name: 'jq', no: [1, 4], with: ['-e', '--exit-status'] },
];

/** `[[ ]]` and `(( ))` have no name and say "no" with 1. */
const SYNTAX_NO: readonly number[] = [1];

/** The statuses of a command that mean "no"; undefined when it does work rather than ask. */
export function noStatuses(node: CommandNode): readonly number[] | undefined {
  switch (node.type) {
    case 'TestCommand':
    case 'ArithmeticCommand':
      return SYNTAX_NO;
    case 'Command': {
      const { name, args } = commandWords(node);
      const found = QUESTIONS.find(
        (each) => each.name === name && (each.with === undefined || each.with.some((word) => args.includes(word))),
      );
      return found?.no;
    }
    case 'BraceGroup':
    case 'Subshell': {
      const last = node.body.commands.at(-1);
      return node.body.commands.length === 1 && last ? noStatusesOf(last.command) : undefined;
    }
    case 'Redirected':
      return noStatuses(node.command);
    case 'If':
    case 'For':
    case 'ArithmeticFor':
    case 'Select':
    case 'While':
    case 'Case':
    case 'Function':
    case 'Coproc':
      return undefined;
    default:
      return unreachable(node);
  }
}

/** Of a pipe, the last command answers; of a list, all of them ask. */
export function noStatusesOf(node: PipelineNode | AndOr | Statement['command']): readonly number[] | undefined {
  if (node.type === 'Pipeline') {
    const last = node.commands.at(-1);
    return last && noStatuses(last);
  }
  if (node.type === 'AndOr') {
    const all = node.commands.map(noStatusesOf);
    return all.every((each) => each !== undefined) ? all.flat() : undefined;
  }
  return noStatuses(node);
}
