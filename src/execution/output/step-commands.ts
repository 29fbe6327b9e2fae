// What the lines by which a step talks to the runner do, and what stands in the log in their place. As GitHub's runner
// does it (ActionCommandManager.cs), with its words where something is wrong.
import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { unreachable } from '#base/unreachable.ts';
import type { Annotation } from '#run/events.ts';
import { annotationOf } from './command-annotation.ts';
import { LABELS } from './matcher-scan.ts';
import type { MatcherRegistry } from './matcher-registry.ts';
import type { Heard } from './output-pipeline.ts';
import { readProblemMatchers } from './problem-matcher.ts';
import type { ProblemMatcher } from './problem-matcher.ts';
import { commandName, parseWorkflowCommand, resumesCommands } from './workflow-command.ts';
import type { WorkflowCommand } from './workflow-command.ts';

export interface CommandDeps {
  readonly registry: MatcherRegistry;
  readonly workspace: string;
  /** Step debug is on: `::debug::` is shown, and each command as it was written. */
  readonly isDebug: boolean;
  /** The step's environment: it may allow what is off by default. */
  readonly env: Readonly<Record<string, string>>;
  readonly toHost: (path: string) => string;
  readonly note: (annotation: Annotation) => void;
  /** Into the step's files, as if the step had written it there. */
  put(file: 'env' | 'output' | 'path' | 'state', name: string, value: string): void;
}

const COMMANDS_URL = 'https://docs.github.com/actions/learn-github-actions/workflow-commands-for-github-actions';
const OLD_COMMANDS_URL =
  'https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/';
const OLD_OUTPUTS_URL =
  'https://github.blog/changelog/2022-10-11-github-actions-deprecating-save-state-and-set-output-commands/';
/** A token that is longer is guarded like a secret: who knows it can end the pause. */
const LONGEST_OPEN_TOKEN = 6;

/** The commands of one step. A command that cannot be obeyed fails the step, and its output goes on. */
export class StepCommands {
  readonly #deps: CommandDeps;
  /** The token that ends a pause, while commands are paused. */
  #pausedUntil: string | undefined;
  #isEchoing: boolean;
  #problem: string | undefined;
  readonly #warnedOf = new Set<string>();

  constructor(deps: CommandDeps) {
    this.#deps = deps;
    this.#isEchoing = deps.isDebug;
  }

  /** Why the step has failed whatever its exit code says. */
  get problem(): string | undefined {
    return this.#problem;
  }

  hear(line: string): Heard {
    if (this.#pausedUntil !== undefined) {
      if (!resumesCommands(line, this.#pausedUntil)) return { kind: 'text' };
      this.#pausedUntil = undefined;
      return { kind: 'command', lines: [line, ...this.#debug('Resume processing commands')] };
    }
    const command = parseWorkflowCommand(line);
    if (command === undefined) return { kind: 'text' };
    const echo = this.#isEchoing && !SPEAKS_FOR_ITSELF.has(command.name) ? [line] : [];
    try {
      const answer = this.#obey(command, line);
      return { kind: 'command', ...answer, lines: [...echo, ...answer.lines] };
    } catch (cause) {
      if (!(cause instanceof CommandError)) throw cause;
      const what = SPEAKS_FOR_ITSELF.has(command.name) ? command.name : line;
      return { kind: 'command', lines: [...echo, ...this.#fail(what, cause.message)] };
    }
  }

  #obey(command: WorkflowCommand, line: string): Answer {
    const { name, value, properties } = command;
    switch (name) {
      case 'error':
      case 'warning':
      case 'notice':
        this.#deps.note(annotationOf(name, command, this.#deps));
        return { lines: linesOf(`${LABELS[name]}: ${value}`) };
      case 'debug':
        return { lines: this.#debug(value) };
      case 'group':
        return { lines: linesOf(`##[group]${value}`) };
      case 'endgroup':
        return { lines: ['##[endgroup]'] };
      case 'add-mask':
        return this.#mask(value);
      case 'stop-commands':
        return this.#pause(value, line);
      case 'echo':
        return this.#echo(value);
      case 'set-output':
      case 'save-state':
        if (!properties['name']) throw new CommandError(`Required field 'name' is missing in ##[${name}] command.`);
        this.#deps.put(name === 'set-output' ? 'output' : 'state', properties['name'], value);
        return { lines: this.#deprecated(name) };
      case 'set-env':
      case 'add-path':
        return this.#obeyUnsafe(command);
      case 'add-matcher':
        return this.#addMatchers(value);
      case 'remove-matcher':
        return this.#removeMatchers(properties['owner'] ?? '', value);
      default:
        return unreachable(name);
    }
  }

  #mask(value: string): Answer {
    if (value.trim() === '')
      return { lines: this.#warn(`Can't add secret mask for empty string in ##[add-mask] command.`) };
    return { lines: this.#isEchoing ? ['::add-mask::***'] : [], mask: value };
  }

  #pause(token: string, line: string): Answer {
    const isCommand = token === '' || token.toLowerCase() === 'pause-logging' || commandName(token) !== undefined;
    if (isCommand && this.#deps.env['ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS'] !== 'true')
      throw new CommandError(
        `You cannot use a endToken that is an empty string, the string 'pause-logging', or another workflow command. For more information see: ${COMMANDS_URL}#example-stopping-and-starting-workflow-commands or opt into insecure command execution by setting the \`ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS\` environment variable to \`true\`.`,
      );
    this.#pausedUntil = token;
    // With echo on it has been shown already.
    const lines = this.#isEchoing ? [] : [line];
    return token.length > LONGEST_OPEN_TOKEN ? { lines, mask: token } : { lines };
  }

  #echo(value: string): Answer {
    const wanted = value.trim().toLowerCase();
    if (wanted !== 'on' && wanted !== 'off')
      throw new CommandError(
        `Invalid echo command value. Possible values can be: 'on', 'off'. Current value is: '${value}'.`,
      );
    this.#isEchoing = wanted === 'on';
    return { lines: this.#debug(`Setting echo command value to '${wanted}'`) };
  }

  /** Off, as on GitHub, unless the environment says otherwise. */
  #obeyUnsafe({ name, properties, value }: WorkflowCommand): Answer {
    if (this.#deps.env['ACTIONS_ALLOW_UNSECURE_COMMANDS']?.toLowerCase() !== 'true')
      throw new CommandError(
        `The \`${name}\` command is disabled. Please upgrade to using Environment Files or opt into unsecure command execution by setting the \`ACTIONS_ALLOW_UNSECURE_COMMANDS\` environment variable to \`true\`. For more information see: ${OLD_COMMANDS_URL}`,
      );
    if (name === 'add-path') {
      if (value === '') throw new CommandError('a path is missing in ##[add-path] command.');
      this.#deps.put('path', '', value);
      return NOTHING;
    }
    const variable = properties['name'];
    if (!variable) throw new CommandError(`Required field 'name' is missing in ##[set-env] command.`);
    if (variable.toUpperCase() === 'NODE_OPTIONS')
      return { lines: this.#error(`Can't update NODE_OPTIONS environment variable using ::set-env:: command.`) };
    this.#deps.put('env', variable, value);
    return NOTHING;
  }

  #addMatchers(file: string): Answer {
    if (file === '') return { lines: this.#warn('File path must be specified.') };
    const matchers = this.#readMatchers(file);
    if (matchers.length === 0) return NOTHING;
    this.#deps.registry.add(matchers);
    const owners = matchers.map(({ owner }) => `'${owner}'`).join(', ');
    const what = 'Problem matchers scan action output for known warning or error strings and report these inline.';
    return { lines: this.#debug(`Added matchers: ${owners}. ${what}`) };
  }

  #removeMatchers(owner: string, file: string): Answer {
    if (owner !== '' && file !== '')
      return {
        lines: this.#warn(
          'Either specify an owner name or a file path in ##[remove-matcher] command. Both values cannot be set.',
        ),
      };
    if (owner === '' && file === '')
      return {
        lines: this.#warn('Either an owner name or a file path must be specified in ##[remove-matcher] command.'),
      };
    const owners = owner === '' ? this.#readMatchers(file).map((matcher) => matcher.owner) : [owner];
    this.#deps.registry.remove(owners);
    return { lines: this.#debug(`Removed matchers: ${owners.map((each) => `'${each}'`).join(', ')}`) };
  }

  #readMatchers(written: string): readonly ProblemMatcher[] {
    const { workspace } = this.#deps;
    const file = this.#deps.toHost(isAbsolute(written) ? written : join(workspace, written));
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      throw new CommandError(`Could not read file '${written}'.`);
    }
    const read = readProblemMatchers(text);
    if (!read.ok) throw new CommandError(read.error);
    return read.value;
  }

  /** Once a step: whoever uses the old way mostly uses it often. */
  #deprecated(name: string): readonly string[] {
    if (this.#warnedOf.has(name)) return [];
    this.#warnedOf.add(name);
    return this.#warn(
      `The \`${name}\` command is deprecated and will be disabled soon. Please upgrade to using Environment Files. For more information see: ${OLD_OUTPUTS_URL}`,
    );
  }

  #fail(what: string, why: string): readonly string[] {
    const said = `Unable to process command '${what}' successfully.`;
    this.#problem ??= `${said} ${why}`;
    return [...this.#error(said), ...this.#error(why)];
  }

  #error(message: string): readonly string[] {
    this.#deps.note({ level: 'error', message });
    return linesOf(`Error: ${message}`);
  }

  #warn(message: string): readonly string[] {
    this.#deps.note({ level: 'warning', message });
    return linesOf(`Warning: ${message}`);
  }

  #debug(text: string): readonly string[] {
    return this.#deps.isDebug ? linesOf(text).map((line) => `Debug: ${line}`) : [];
  }
}

type Answer = Omit<Extract<Heard, { kind: 'command' }>, 'kind'>;

const NOTHING: Answer = { lines: [] };

/** A command that cannot be obeyed. */
class CommandError extends Error {}

/** Not echoed: what they say is shown anyway, or must not be. */
const SPEAKS_FOR_ITSELF: ReadonlySet<string> = new Set(['add-mask', 'debug', 'error', 'notice', 'warning']);

function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/);
}
