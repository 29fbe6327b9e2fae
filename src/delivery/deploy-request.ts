import type { Evidence, Manifest } from './manifest.ts';
import type { Reading } from './probe.ts';

export interface DeployRequest {
  readonly envDir: string;
  readonly environment: string;
  /** Default: the calendar version that is next, `2026.11.23-1`. */
  readonly version?: string;
  /** Names this deploy: the same id again continues or repeats it, and never makes a second release of it. */
  readonly runId: string;
  readonly commit: string;
  readonly clean: boolean;
  readonly actor: string;
  readonly sourceDir: string;
  readonly exclude?: readonly string[];
  /** Run in the release's folder, with PORT and RELEASE_VERSION added to `env`. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** 0: any, and the same one for every later release. */
  readonly publicPort: number;
  readonly healthPath: string;
  /** Where the application tells its version, as JSON `{"version": …}` or as text. */
  readonly expectVersionPath?: string;
  readonly startTimeoutMs: number;
  /** How long it must stay healthy at the public address before the old one is stopped; 0 for not at all. */
  readonly bakeMs: number;
  /** Complete releases kept on disk, the live one among them. */
  readonly keep: number;
  readonly evidence: Evidence;
  /** Argv that starts a supervisor; folder and port are appended. */
  readonly superviseCommand: readonly string[];
}

export interface DeployDeps {
  readonly signal?: AbortSignal;
  readonly log?: (line: string) => void;
  /** Applied to everything that comes from the application's log. */
  readonly redact?: (text: string) => string;
}

export interface DeployFailure {
  /** `refused`: it never got traffic. `rolled-back`: it did, and the release before was put back. */
  readonly kind: 'refused' | 'rolled-back';
  readonly version?: string;
  readonly why: string;
  /** The last 20 lines of what the release wrote. */
  readonly logTail: readonly string[];
  /** What the router serves now. */
  readonly stillServing?: string;
  /** It was asked at the public address, and the release before answered (or nothing was live, as before). */
  readonly verified: boolean;
  readonly readings: readonly Reading[];
}

export interface DeploySuccess {
  readonly kind: 'live';
  readonly version: string;
  readonly address: string;
  readonly manifestPath: string;
  readonly manifest: Manifest;
  readonly previous?: string;
  readonly readings: readonly Reading[];
}

export type DeployResult = DeploySuccess | DeployFailure;
