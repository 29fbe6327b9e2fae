import { failureInWords } from '#run/failure.ts';
import type { Failure } from '#run/failure.ts';
import type { LedgerEntry } from '#run/ledger.ts';
import type { Verdict } from '#run/verdict.ts';

/** What a message is made of. Redacted before it gets here. */
export interface MessageFacts {
  readonly verdict: Verdict;
  /** There is no verdict to tell then: it was stopped. */
  readonly cancelled?: boolean;
  readonly workflow: string;
  readonly runId: string;
  /** Full or short hash. */
  readonly commit?: string;
  readonly branch?: string;
  readonly ledger: readonly LedgerEntry[];
  /** What broke, and why. */
  readonly failures: readonly Failure[];
  /** A line of the sender's own. */
  readonly why?: string;
  /** Where the release that is live answers. */
  readonly address?: string;
}

export interface Message {
  /** One line, for every channel. */
  readonly title: string;
  readonly lines: readonly string[];
}

const MAX_LOSSES = 10;
const MAX_FAILURES = 5;
const MAX_LINE = 300;

/** What happened: verdict, workflow, commit and how much was given up in the title; what broke, and each loss, in lines. */
export function composeMessage(facts: MessageFacts): Message {
  const commit = facts.commit ? ` at ${facts.commit.slice(0, 7)}` : '';
  const branch = facts.branch ? ` (${facts.branch})` : '';
  const losses = facts.ledger.length;
  const lost = losses === 0 ? '' : `; ${losses} ${losses === 1 ? 'thing' : 'things'} given up`;
  const verdict = facts.cancelled ? 'cancelled' : facts.verdict;
  const more = losses > MAX_LOSSES ? [`and ${losses - MAX_LOSSES} more in the report`] : [];
  const lines = [
    ...(facts.why ? [facts.why] : []),
    ...facts.failures.slice(0, MAX_FAILURES).flatMap(failureLines),
    ...(facts.failures.length > MAX_FAILURES ? [`and ${facts.failures.length - MAX_FAILURES} more failed`] : []),
    ...facts.ledger.slice(0, MAX_LOSSES).map(lossLine),
    ...more,
    ...(facts.address ? [`live: ${facts.address}`] : []),
    `run ${facts.runId}`,
  ];
  return { title: oneLine(`${verdict}: ${facts.workflow}${commit}${branch}${lost}`), lines: lines.map(oneLine) };
}

function failureLines(failure: Failure): readonly string[] {
  return [`broke: ${failure.where}: ${failureInWords(failure)}`, ...(failure.fix ? [`fix: ${failure.fix}`] : [])];
}

function lossLine(entry: LedgerEntry): string {
  const loss = entry.loss ? `; lost: ${entry.loss}` : '';
  const until = entry.until ? ` (allowed until ${entry.until})` : '';
  return `${entry.where}: ${entry.used} instead of ${entry.wanted}, because ${entry.why}${loss}${until}`;
}

/** A branch name or a tool's words must not fake a second line or a terminal colour in a channel. */
function oneLine(text: string): string {
  const flat = text.replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return flat.length > MAX_LINE ? `${flat.slice(0, MAX_LINE - 1)}…` : flat;
}
