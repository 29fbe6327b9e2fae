import type { Layer } from '#run/diagnosis.ts';

/**
 * A known failure. One entry of a table and one file `samples/<id>.log` that it must be found in: a test runs every
 * sample through the whole diagnosis. `$1` and on in `cause` and `fix` are what the pattern caught.
 */
export interface Signature {
  readonly id: string;
  readonly layer: Layer;
  /** Fits one line, with its time and colours taken off. */
  readonly pattern: RegExp;
  readonly cause: string;
  readonly fix?: string;
  /** The tool was run and its output captured; a public test fixture; seen in logs of real builds; its documentation. */
  readonly source: 'run' | 'fixture' | 'log' | 'docs';
  /**
   * `report`: it says that a check failed, in the words of a tool that reports many; `wrapper`: it passes on that
   * something else failed. Without a rank the line is the cause itself.
   */
  readonly rank?: 'report' | 'wrapper';
  /** The same words come from failures of more than one layer: it is told with less confidence, whatever agrees with it. */
  readonly isAmbiguous?: true;
  /** When this line, or one before it, fits `line`, it is really the failure `tells` that is told here in other words. */
  readonly insteadWhen?: readonly { readonly line: RegExp; readonly tells: string }[];
}
