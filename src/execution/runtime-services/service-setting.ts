import type { JobOrder } from '#run/job-order.ts';
import type { ArtifactStore } from '#stores/artifacts/artifacts.ts';
import type { CacheStore } from '#stores/cache/cache.ts';
import type { Upload, Uploads } from './uploads.ts';

/** What the services of one job work with. */
export interface ServiceSetting {
  readonly order: Pick<JobOrder, 'runId' | 'jobId' | 'attempt' | 'contexts'>;
  /** How clients name the run and a job: without what their tokens cannot hold. */
  readonly runName: string;
  readonly jobName: (jobId: string) => string;
  readonly artifacts: ArtifactStore;
  readonly cache: CacheStore;
  readonly artifactUploads: Uploads;
  readonly cacheUploads: Uploads;
  readonly downloads: Downloads;
  readonly nowMs: () => number;
  /** The address at which an upload is put. */
  uploadUrl(area: 'artifacts' | 'caches', upload: Upload): string;
}

export interface Download {
  readonly contentType: string;
  readonly fileName: string;
  open(): Promise<
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'stream'; readonly stream: NodeJS.ReadableStream }
  >;
}

export interface Downloads {
  /** The address at which it can be had, as long as the job runs. */
  offer(download: Download): string;
}
