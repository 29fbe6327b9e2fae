import type { Secret } from '#base/secret.ts';
import type { JsonObject } from '#base/json.ts';
import type { Annotation } from '#run/events.ts';
import type { JobOrder } from '#run/job-order.ts';
import type { LedgerEntry } from '#run/ledger.ts';
import type { StepTry } from '#stores/artifacts/artifacts.ts';
import type { ProblemMatcher } from '../output/problem-matcher.ts';

/** A step down that an action took; the runner adds where. */
export type ActionEntry = Omit<LedgerEntry, 'where'> & { readonly where?: string };

export type ActionResult =
  | {
      readonly kind: 'done';
      readonly ledger?: readonly ActionEntry[];
      readonly annotations?: readonly Annotation[];
      readonly release?: JsonObject;
    }
  /** `why` is one sentence for people. `release` still tells what is live although the step failed. */
  | {
      readonly kind: 'failed';
      readonly why: string;
      readonly exitCode?: number;
      readonly ledger?: readonly ActionEntry[];
      readonly release?: JsonObject;
    };

export interface CommandSpec {
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Its output does not go to the log. */
  readonly quiet?: boolean;
}

export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly why: string;
}

/** What an action may see and do. Everything it writes to the log passes the redactor. */
export interface ActionContext {
  readonly order: JobOrder;
  readonly stepTry?: StepTry;
  /** `with:`, evaluated; names in lower case. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The environment that a `run:` step would have here. */
  readonly env: Readonly<Record<string, string>>;
  readonly workspace: string;
  /** The job's steps run in a container: what is set up on this machine does not reach them. */
  readonly isInContainer: boolean;
  /** A folder of the job's own that is gone with the job. */
  readonly temporary: string;
  readonly signal: AbortSignal;
  log(text: string): void;
  output(name: string, value: string): void;
  exportVariable(name: string, value: string): void;
  addPath(folder: string): void;
  /** Kept for `post`. */
  saveState(name: string, value: string): void;
  state(name: string): string | undefined;
  /** Lines of tools that become annotations from here to the end of the job. */
  addMatchers(matchers: readonly ProblemMatcher[]): void;
  secret(value: string): Secret;
  hashFiles(patterns: readonly string[]): string;
  run(spec: CommandSpec): Promise<CommandResult>;
}

/** An action that is built in. `post` runs at the end of the job, in reverse order, when `main` succeeded. */
export interface NativeAction {
  main(context: ActionContext): Promise<ActionResult>;
  readonly post?: (context: ActionContext) => Promise<ActionResult>;
}
