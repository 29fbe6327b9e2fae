import type { JobId, RunId, Sha256 } from '#base/ids.ts';
import type { Result } from '#base/result.ts';

/**
 * `tree`: files, each by its content. `zip`: one archive, as actions bring it that carry a client of their own.
 * `file`: a single file, never packed.
 */
export type ArtifactForm = 'tree' | 'zip' | 'file';

/** A step of a job has several when it is retried, or falls back. */
export interface StepTry {
  readonly step: number;
  readonly id: string;
}

export interface Artifact {
  /** Unique in the store, and larger the later it was made. */
  readonly id: number;
  readonly runId: RunId;
  readonly name: string;
  readonly form: ArtifactForm;
  /** Who uploaded it. */
  readonly jobId: JobId;
  readonly attempt: number;
  readonly stepTry?: StepTry;
  /** Of its files, or of the archive. */
  readonly bytes: number;
  /** Undefined for an archive: it is not looked into before somebody wants its files. */
  readonly files?: number;
  /** Of the archive or the file; of a tree, over the list of its paths and their digests. */
  readonly digest: Sha256;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface ArtifactDraft {
  readonly runId: RunId;
  readonly name: string;
  readonly jobId: JobId;
  readonly attempt: number;
  readonly stepTry?: StepTry;
  readonly retentionMs: number;
  /** Takes the place of one that has the name already. */
  readonly overwrite: boolean;
}

export type ArtifactContent =
  /** `path` in the artifact, with `/`; `source` on this machine, followed when it is a link. */
  | { readonly form: 'tree'; readonly files: readonly { readonly path: string; readonly source: string }[] }
  /** On the file system of the store (`drafts`); it is moved. */
  | { readonly form: 'zip' | 'file'; readonly file: string };

/** What is sent to whoever asks for one archive or file. */
export type ArtifactBody =
  | { readonly kind: 'file'; readonly path: string; readonly bytes: number }
  | { readonly kind: 'stream'; readonly stream: NodeJS.ReadableStream };

/**
 * What jobs hand on: files under a name, kept for each run, until they expire.
 *
 * Immutable: a name is given once in a run. A second `save` is refused (`exists`) unless it overwrites, or unless the
 * first came from an earlier attempt of the same job, from another try of the same step, or has expired. Of those that save one name at once, one wins.
 * An artifact is there whole or not at all, and does not change with the files that it was made of.
 * Content: the same file in many artifacts is kept once. Modes are not kept, as on GitHub: what comes out may be read by
 * all and written by its owner, and is not executable. Links come out as what they pointed at; empty folders do not.
 * Expiry: what has expired is in no list and cannot be had; `sweep` removes its content.
 */
export interface ArtifactStore {
  save(draft: ArtifactDraft, content: ArtifactContent): Promise<Result<Artifact, 'exists'>>;
  /** Of one run, the oldest first. */
  list(runId: RunId): Promise<readonly Artifact[]>;
  /** Whether the run has, or once had, an artifact. */
  knows(runId: RunId): Promise<boolean>;
  get(runId: RunId, name: string): Promise<Artifact | undefined>;
  /**
   * Lays its files out in a folder, over what is there. `altered`: what came out is not what was put in. A path that
   * leaves the folder is an error, as is an archive that cannot be read.
   */
  extract(artifact: Artifact, folder: string): Promise<'intact' | 'altered'>;
  body(artifact: Artifact): Promise<ArtifactBody>;
  /**
   * Gives another run what these jobs of `from` handed on, each as it is, by its name and its id. What that run has of the
   * same name already stays.
   */
  carry(from: RunId, to: RunId, jobs: ReadonlySet<JobId>): Promise<readonly Artifact[]>;
  /** False: there is none of that name. */
  remove(runId: RunId, name: string): Promise<boolean>;
  /**
   * Removes what has expired, and says what that was. With a time: does nothing when it was done since. `isTrial`: nothing
   * is removed, and the answer is what would be.
   */
  sweep(options?: { readonly notAgainWithinMs?: number; readonly isTrial?: boolean }): Promise<readonly Artifact[]>;
  /** A folder on the store's file system, for files that are to become artifacts. */
  readonly drafts: string;
}
