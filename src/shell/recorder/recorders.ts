/**
 * Text of a script -> the same script with recorders in it: each writes, as the name of an empty file, which command failed
 * and with what status, where the script itself throws that away. What the script does, prints and returns stays as it was;
 * where it would not, nothing is put in, and what is left out is told.
 */
import { firstFault, readShell } from '../shell-text.ts';
import { findSpots } from './find-spots.ts';
import { insertAll } from './insertions.ts';
import type { LeftOut, Spot } from './spot.ts';
import { whyVisible, type Dialect } from './visible.ts';

export interface RecorderOptions {
  readonly dialect: Dialect;
  /** As the shell is started. */
  readonly errexit: boolean;
  readonly pipefail: boolean;
  readonly isLogin: boolean;
  /** It exists, is empty, and the script does not know of it. */
  readonly folder: string;
}

export type Recording =
  | {
      readonly kind: 'recorded';
      readonly text: string;
      readonly spots: readonly Spot[];
      readonly leftOut: readonly LeftOut[];
    }
  /** Nothing in it could swallow a failure. */
  | { readonly kind: 'nothing' }
  /** Not understood from here on; the shell runs what stands before, and perhaps all of it. */
  | { readonly kind: 'unread'; readonly line: number; readonly why: string }
  /** Something could, and a recorder would be seen. */
  | { readonly kind: 'left'; readonly why: string };

export function withRecorders(text: string, options: RecorderOptions): Recording {
  if (options.errexit && !options.isLogin && !SWALLOWING.test(text)) return { kind: 'nothing' };
  const shell = readShell(text);
  if (!shell) return unread(text);
  const folder = quoted(options.folder);
  const found = findSpots(shell, { ...options, file: (spot) => `${folder}/${spot}.` });
  if (found.spots.length === 0 && found.leftOut.length === 0) return { kind: 'nothing' };
  const why = whyVisible(text, options.dialect);
  if (why !== undefined) return { kind: 'left', why };
  const recorded = insertAll(text, found.wraps);
  // What the reader of the script does not take for one is not handed to a shell.
  if (!readShell(recorded)) return { kind: 'left', why: 'could not be given recorders' };
  return { kind: 'recorded', text: recorded, spots: found.spots, leftOut: found.leftOut };
}

/**
 * What there must be in a script for a failure to go unnoticed under `-e`. On the safe side, and asked first: a long script
 * that only does one thing after the other is not read at all.
 */
const SWALLOWING =
  /[|&!`]|\$\(|[<>]\(|<<|\(\s*\)|\s-\w*c\b|\b(?:if|elif|while|until|function|set|shopt|eval|source|trap|coproc|alias)\b|(?:^|[\s;])\.\s/m;

function unread(text: string): Recording {
  const fault = firstFault(text);
  return { kind: 'unread', line: fault?.line ?? 1, why: fault?.why ?? 'it is not understood' };
}

/** One failure that a recorder has written down. */
export interface SwallowedFailure {
  readonly spot: Spot;
  readonly part: number;
  readonly status: number;
}

/** The names of the files that the recorders have left -> failures, in the order of the script. */
export function swallowedFailures(names: readonly string[], spots: readonly Spot[]): readonly SwallowedFailure[] {
  const found = names.flatMap((name): readonly (SwallowedFailure & { readonly index: number })[] => {
    const [index = '', statuses = ''] = name.split('.');
    const spot = spots[Number(index)];
    if (!spot) return [];
    return statuses
      .split('-')
      .map((status, part) => ({ spot, part, status: Number(status), index: Number(index) }))
      .filter(({ status, part }) => status !== 0 && spot.commands[part] !== undefined);
  });
  const line = ({ spot, part }: SwallowedFailure): number => spot.commands[part]?.line ?? 0;
  const seen = new Set<string>();
  return found
    .toSorted((a, b) => line(a) - line(b) || a.index - b.index || a.part - b.part || a.status - b.status)
    .filter(({ index, part, status }) => {
      const key = `${index} ${part} ${status}`;
      return !seen.has(key) && seen.add(key) !== undefined;
    })
    .map(({ spot, part, status }) => ({ spot, part, status }));
}

function quoted(path: string): string {
  return /^[\w/.-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
