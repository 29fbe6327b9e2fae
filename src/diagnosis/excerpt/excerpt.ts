// Chooses, out of everything a log holds, the few lines that explain why it failed. Every candidate has a score that is
// a product of named factors, so that the choice can be explained.
import type { FormTable } from '../log/form-table.ts';
import type { SkimmedLog } from '../log/log-skim.ts';
import { goesOn, growBlock } from './blocks.ts';
import type { Block } from './blocks.ts';
import { Recogniser } from '../signatures/recognise.ts';
import type { Recognition } from '../signatures/recognise.ts';
import { evidenceOf, isHarmless } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { isHead, logLines, withoutPrefix } from './log-line.ts';
import type { LogLine } from './log-line.ts';
import { isGithubStep, structureOf } from './structure.ts';
import type { Structure } from './structure.ts';

const MOST_EXCERPT_LINES = 30;

export interface LineRange {
  readonly start: number;
  readonly end: number;
}

export interface Candidate extends Block {
  readonly evidence: Evidence;
  readonly known?: Recognition;
  readonly score: number;
}

export interface Reading {
  readonly lines: readonly LogLine[];
  readonly structure: Structure;
  readonly candidates: readonly Candidate[];
  readonly excerpt: readonly LineRange[];
  readonly hasFailed: boolean;
}

/** Nothing but strong evidence makes a log that does not say how it ended a failed one. */
const STRONG = 7;
/** A block that scores less than this part of the best one is not worth the reader's time. */
const WORTH = 0.3;
/** Of one block, when others have something to say too. */
const MOST_OF_ONE = 16;
const OFTEN = 30;
/** So little explains little: with a green log, the last new words are added to it. */
const FEW = 12;
const LAST_WORDS = 4;
const LAST_NEW_WORDS = 8;
const LOOKED_BACK = 12;
const LOOKED_BACK_FOR_NEW = 40;
const LAST_WORDS_ALONE = 12;
const FIRST = 1.15;
const LATER = 0.02;
const LEAST_LATER = 0.8;

export function readLog(log: SkimmedLog, options: { readonly green?: FormTable; readonly failed?: boolean }): Reading {
  const lines = logLines(log, options.green);
  const structure = structureOf(lines);
  const candidates = candidatesOf(lines, structure, options.green !== undefined);
  const hasFailed = options.failed ?? saysFailed(structure, candidates, lines.length);
  const excerpt = hasFailed ? choose({ lines, structure, candidates }, options.green !== undefined) : [];
  return { lines, structure, candidates, excerpt, hasFailed };
}

function saysFailed(structure: Structure, candidates: readonly Candidate[], lineCount: number): boolean {
  const lastPart = lineCount - Math.max(40, lineCount * 0.1);
  switch (structure.ending.kind) {
    case 'failed':
      return true;
    case 'passed':
      return false;
    default:
      return candidates.some(
        ({ evidence, anchor }) => evidence.weight >= STRONG || (evidence.weight >= 4 && anchor >= lastPart),
      );
  }
}

function candidatesOf(lines: readonly LogLine[], structure: Structure, hasGreen: boolean): readonly Candidate[] {
  const candidates: Candidate[] = [];
  const recogniser = new Recogniser(lines);
  let covered = -1;
  for (const [at, line] of lines.entries()) {
    if (!line.isAlarming || at <= covered) continue;
    const shape = evidenceOf(line.text, withoutPrefix(line.text));
    const isNoise = line.count > OFTEN || (shape === undefined && isHarmless(line.text));
    const own = isNoise ? undefined : recogniser.at(at);
    if (shape === undefined && own === undefined) continue;
    // What the green log has too explains nothing, and must not draw in what does.
    const block =
      hasGreen && !line.isNew
        ? { from: at, to: at, anchor: at }
        : growBlock(lines, at, { from: Math.max(0, covered + 1), to: lines.length });
    covered = block.to;
    const known = isNoise || (hasGreen && !line.isNew) ? own : knownIn(lines, block, recogniser);
    const evidence = weigh(shape, known, hasGreen);
    if (evidence === undefined) continue;
    candidates.push({
      ...block,
      evidence,
      ...(known && { known }),
      score: scoreOf(line, at, { evidence, structure, lines, hasGreen }),
    });
  }
  return preferFirst(candidates).toSorted((a, b) => b.score - a.score || a.anchor - b.anchor);
}

/** The known failure that a block tells of: that of its anchor, else the first cause in it, else what reports one. */
function knownIn(
  lines: readonly LogLine[],
  { from, to, anchor }: Block,
  recogniser: Recogniser,
): Recognition | undefined {
  const own = recogniser.at(anchor);
  if (own && own.signature.rank === undefined) return own;
  const found = own ? [own] : [];
  for (let at = from; at <= to; at++) {
    const line = lines[at];
    const known = line?.isAlarming && line.count <= OFTEN && !isHarmless(line.text) ? recogniser.at(at) : undefined;
    if (known && known.signature.rank === undefined) return known;
    if (known) found.push(known);
  }
  return found.find(({ signature }) => signature.rank === 'report') ?? found[0];
}

const KNOWN_WEIGHT = 8;

/** A known failure is worth as much as its shape says, and at least what such entries have proved to be worth. */
function weigh(shape: Evidence | undefined, known: Recognition | undefined, hasGreen: boolean): Evidence | undefined {
  if (known === undefined) return shape;
  const { rank, id } = known.signature;
  if (rank === 'wrapper') return shape ?? { kind: 'wrapper', weight: 2, because: 'passes on that something failed' };
  const weight = Math.max(shape?.weight ?? 0, rank === 'report' ? 7 : KNOWN_WEIGHT + (hasGreen ? 1 : 0));
  return { kind: shape?.kind ?? 'known', weight, because: `it is the known failure ${id}` };
}

/** Of things of one kind, the first to go wrong is more often the cause than those after it. */
function preferFirst(candidates: readonly Candidate[]): readonly Candidate[] {
  const seen = new Map<string, number>();
  return candidates.map((candidate) => {
    if (candidate.score < 3) return candidate;
    const kind = `${candidate.evidence.kind} ${candidate.evidence.weight}`;
    const before = seen.get(kind) ?? 0;
    seen.set(kind, before + 1);
    const factor = before === 0 ? FIRST : Math.max(LEAST_LATER, 1 - before * LATER);
    return { ...candidate, score: candidate.score * factor };
  });
}

interface Situation {
  readonly evidence: Evidence;
  readonly structure: Structure;
  readonly lines: readonly LogLine[];
  readonly hasGreen: boolean;
}

function scoreOf(line: LogLine, at: number, { evidence, structure, lines, hasGreen }: Situation): number {
  const novelty = hasGreen ? (line.isNew ? 1 : 0.08) : 1;
  const rarity = line.count > OFTEN ? 0.3 : line.count > 8 ? 0.7 : 1;
  return evidence.weight * novelty * rarity * placeFactor(at, structure, lines);
}

/** In the failing section a line counts fully, before it less, and behind the failing line hardly. */
function placeFactor(at: number, { failing, alsoFailing, ending }: Structure, lines: readonly LogLine[]): number {
  if (ending.kind !== 'failed') return 0.85 + (0.15 * at) / lines.length;
  if (at >= failing.from && at < failing.to) return 0.9 + (0.1 * (at - failing.from)) / (failing.to - failing.from);
  if (alsoFailing.some(({ from, to }) => at >= from && at < to)) return 0.7;
  if (at >= failing.to) return 0.15;
  return isGithubStep(failing) ? 0.05 : 0.35;
}

function choose(reading: Omit<Reading, 'excerpt' | 'hasFailed'>, hasGreen: boolean): readonly LineRange[] {
  const { lines, candidates } = reading;
  const chosen = new Set<number>();
  const best = candidates[0]?.score ?? 0;
  const words = lastWords(reading, hasGreen);
  // What a green log does not have speaks for itself, unless it is little.
  const kept = hasGreen && best >= 3 ? [] : words;
  for (const candidate of candidates) {
    const left = MOST_EXCERPT_LINES - kept.length - chosen.size;
    if (candidate.score < best * WORTH || candidate.score < 1 || left <= 0) break;
    for (const at of partOf(candidate, Math.min(left, hasGreen ? MOST_EXCERPT_LINES : MOST_OF_ONE))) chosen.add(at);
  }
  for (const at of hasGreen && chosen.size < FEW ? words : kept) chosen.add(at);
  if (hasGreen) addRest(lines, chosen);
  return ranges([...chosen].map((at) => lines[at]?.number ?? 0));
}

/**
 * What follows a chosen line as frames and the like, and is new, is the rest of it: with a green log there is no doubt, and
 * as much as there is room for explains better than a part.
 */
function addRest(lines: readonly LogLine[], chosen: Set<number>): void {
  for (const at of [...chosen].toSorted((a, b) => a - b)) {
    for (let next = at + 1; chosen.size < MOST_EXCERPT_LINES; next++) {
      if (chosen.has(next)) break;
      // Between two stacks stand a line or two that say how they belong together.
      const isPart = lines[next]?.isNew && lines.slice(next, next + 3).some(({ text }) => goesOn(text));
      if (!isPart) break;
      chosen.add(next);
    }
  }
}

/** What stands right before the words that pass a failure on: a tool that knows no word of failure says it there. */
function lastWords(
  { lines, structure, candidates }: Omit<Reading, 'excerpt' | 'hasFailed'>,
  hasGreen: boolean,
): readonly number[] {
  const { failing, ending } = structure;
  const best = candidates[0]?.score ?? 0;
  const most = best < 3 ? LAST_WORDS_ALONE : hasGreen ? LAST_NEW_WORDS : LAST_WORDS;
  const back = hasGreen ? LOOKED_BACK_FOR_NEW : LOOKED_BACK;
  const ends = new Set<number>();
  const passedOn = candidates.filter(
    ({ evidence, anchor }) => evidence.kind === 'wrapper' && anchor >= failing.from && anchor < failing.to,
  );
  const firstPassedOn = passedOn.toSorted((a, b) => a.anchor - b.anchor)[0];
  if (firstPassedOn) ends.add(firstPassedOn.anchor - 1);
  ends.add(ending.kind === 'failed' ? failing.to - 2 : failing.to - 1);
  const words = new Set<number>();
  for (const end of ends) {
    let taken = 0;
    for (let at = end; at >= failing.from && at >= end - back && taken < most; at--) {
      const line = lines[at];
      if (line === undefined || line.text.trim() === '' || isHead(line.text) || (hasGreen && !line.isNew)) continue;
      words.add(at);
      taken++;
    }
  }
  return [...words];
}

/** The whole block, or as much of it round its anchor as there is room for. */
function partOf(block: Block, room: number): readonly number[] {
  const length = block.to - block.from + 1;
  const all = Array.from({ length }, (_, index) => block.from + index);
  if (length <= room) return all;
  const before = block.anchor - block.from;
  if (before >= room) return [...all.slice(0, 1), ...all.slice(before - room + 2, before + 1)];
  return all.slice(0, room);
}

function ranges(numbers: readonly number[]): readonly LineRange[] {
  const found: { start: number; end: number }[] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = found.at(-1);
    if (last && number <= last.end + 1) last.end = number;
    else found.push({ start: number, end: number });
  }
  return found;
}
