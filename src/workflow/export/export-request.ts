import type { Finding } from '../reporter.ts';
import type { Workflow } from '../model.ts';
import type { YamlMap } from '../yaml-node.ts';

/** A checked pipeline and how it is to be written for GitHub. */
export interface ExportRequest {
  readonly workflow: Workflow;
  readonly root: YamlMap;
  /** The pipeline's file, from the folder that the exported jobs run in. */
  readonly file: string;
  /** The project's folder in its repository, with `/` behind it; '' when they are the same. */
  readonly prefix: string;
  /** What npx is asked for. */
  readonly package: string;
  readonly report: (finding: Finding) => void;
}
