/** A run, e.g. `r-20261123-094012-7f3a`: sortable by time, unique on the machine. */
export type RunId = string & { readonly __runId: never };

/** One job of a plan: the job's key, and for a matrix ` (value, value)` behind it. Unique in its run. */
export type JobId = string & { readonly __jobId: never };

/** Lower-case hexadecimal SHA-256. */
export type Sha256 = string & { readonly __sha256: never };

export function runId(text: string): RunId {
  return text as RunId;
}

export function jobId(text: string): JobId {
  return text as JobId;
}

export function sha256(text: string): Sha256 {
  return text as Sha256;
}
