// What the child that looks for hosts is asked, and what it tells. It stands alone in a bundle, so this file holds types and
// nothing else.

export interface AskedHost {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** `http` and what speaks like it; other services are only connected to. */
  readonly isHttp: boolean;
  /** Absent: `/`. */
  readonly path?: string;
}

/** How far one got, and what stopped it there. */
export type HostAnswer =
  /** No address: `ENOTFOUND`, there is no such name; `EAI_AGAIN`, nobody could be asked. */
  | { readonly kind: 'not-resolved'; readonly code: string }
  | { readonly kind: 'not-connected'; readonly code: string }
  | { readonly kind: 'not-trusted'; readonly code: string }
  /** The proxy on the way to it refused. */
  | { readonly kind: 'refused-by-proxy'; readonly status: number }
  /** It answers. By `Date`, the seconds by which this machine's clock is ahead of it. */
  | { readonly kind: 'answered'; readonly status: number; readonly clockAheadS?: number }
  | { readonly kind: 'connected' }
  | { readonly kind: 'no-answer' };

export interface ToldHost {
  readonly host: string;
  readonly port: number;
  /** Without its credentials. */
  readonly proxy?: string;
  readonly answer: HostAnswer;
}
