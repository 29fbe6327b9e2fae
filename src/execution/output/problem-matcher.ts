// Problem matchers: patterns by which lines of a tool become annotations. Read and applied as GitHub's runner does
// (IssueMatcher.cs, OutputManager.cs), with its words for what is wrong.
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';

const PLACES = ['file', 'line', 'column', 'severity', 'code', 'message', 'fromPath'] as const;

type Place = (typeof PLACES)[number];

export interface MatcherPattern {
  readonly regexp: string;
  /** Which group of the pattern holds what. */
  readonly groups: Readonly<Partial<Record<Place, number>>>;
  /** The last pattern goes on matching line after line. */
  readonly loop: boolean;
}

export interface ProblemMatcher {
  readonly owner: string;
  /** Of what the lines do not say themselves. */
  readonly severity: string;
  readonly patterns: readonly MatcherPattern[];
}

/** What the patterns of a matcher found; '' where a group took no part. */
export type Problem = Readonly<Partial<Record<Place, string>>>;

/** The content of a matcher file: `{"problemMatcher": [...]}`. The error is one sentence. */
export function readProblemMatchers(text: string): Result<readonly ProblemMatcher[], string> {
  let document: unknown;
  try {
    document = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    return err(`it is not JSON: ${cause instanceof Error ? cause.message : 'cannot be parsed'}`);
  }
  const list = isRecord(document) ? (document['problemMatcher'] ?? []) : undefined;
  if (!Array.isArray(list)) return err('it holds no list "problemMatcher"');
  const matchers: ProblemMatcher[] = [];
  for (const each of list) {
    const matcher = readMatcher(each);
    if (!matcher.ok) return matcher;
    if (matchers.some(({ owner }) => owner.toLowerCase() === matcher.value.owner.toLowerCase()))
      return err(`Duplicate owner name '${matcher.value.owner}'`);
    matchers.push(matcher.value);
  }
  return ok(matchers);
}

function readMatcher(value: unknown): Result<ProblemMatcher, string> {
  const { owner = '', severity = '', pattern } = isRecord(value) ? value : {};
  if (typeof owner !== 'string' || owner === '') return err('Owner must not be empty');
  if (typeof severity !== 'string' || !['', 'error', 'warning', 'notice'].includes(severity.toLowerCase()))
    return err(`Matcher '${owner}' contains unexpected default severity '${String(severity)}'`);
  if (!Array.isArray(pattern) || pattern.length === 0) return err(`Matcher '${owner}' does not contain any patterns`);
  const patterns: MatcherPattern[] = [];
  const set = new Set<Place>();
  for (const [index, each] of pattern.entries()) {
    const read = readPattern(each, { isFirst: index === 0, isLast: index === pattern.length - 1, set });
    if (!read.ok) return err(`Matcher '${owner}': ${read.error}`);
    patterns.push(read.value);
  }
  if (!set.has('message')) return err(`Matcher '${owner}': At least one pattern must set 'message'`);
  return ok({ owner, severity, patterns });
}

interface PatternPlace {
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** What patterns before this one have set; grows. */
  readonly set: Set<Place>;
}

function readPattern(value: unknown, { isFirst, isLast, set }: PatternPlace): Result<MatcherPattern, string> {
  const fields = isRecord(value) ? value : {};
  const loop = fields['loop'] === true || fields['loop'] === 'true';
  const regexp = typeof fields['regexp'] === 'string' ? fields['regexp'] : '';
  if (loop && (isFirst || !isLast)) return err(`Only the last pattern in a multiline matcher may set 'loop'`);
  if (loop && (fields['message'] ?? null) === null) return err(`The loop pattern must set 'message'`);
  const groupCount = countGroups(regexp);
  if (!groupCount.ok) return groupCount;
  const groups: Partial<Record<Place, number>> = {};
  for (const place of PLACES) {
    const written = fields[place] ?? undefined;
    if (written === undefined) continue;
    const group = typeof written === 'number' || typeof written === 'string' ? Number(written) : NaN;
    if (set.has(place)) return err(`The property '${place}' is set twice`);
    if (!Number.isInteger(group) || group < 0 || group >= groupCount.value)
      return err(`The property '${place}' is set to ${group} which is out of range`);
    set.add(place);
    groups[place] = group;
  }
  return ok({ regexp, groups, loop });
}

/** With the whole match, which is group 0. */
function countGroups(regexp: string): Result<number, string> {
  try {
    return ok(new RegExp(`${regexp}|`).exec('')?.length ?? 1);
  } catch (cause) {
    return err(cause instanceof Error ? cause.message : 'its regexp cannot be read');
  }
}

/** One matcher on its way through the lines of one step. */
export class MatcherProgress {
  readonly matcher: ProblemMatcher;
  readonly #expressions: readonly RegExp[];
  /** By pattern but for the last: what was found up to it, while the next one may follow. */
  #found: (Problem | undefined)[] = [];

  constructor(matcher: ProblemMatcher) {
    this.matcher = matcher;
    this.#expressions = matcher.patterns.map(({ regexp }) => new RegExp(regexp));
  }

  /** The problem that this line completes. The last pattern is tried first: a line serves one purpose at a time. */
  match(line: string): Problem | undefined {
    const { patterns, severity } = this.matcher;
    const last = patterns.length - 1;
    for (let index = last; index >= 0; index--) {
      const before = index === 0 ? {} : this.#found[index - 1];
      if (before === undefined) continue;
      const pattern = patterns[index];
      const match = this.#expressions[index]?.exec(line);
      const found = match && pattern ? { ...valuesOf(match, pattern), ...before } : undefined;
      if (index < last) this.#found[index] = found;
      else if (!found) {
        if (index > 0) this.#found[index - 1] = undefined;
      } else {
        this.reset();
        if (pattern?.loop) this.#found[index - 1] = before;
        return found.severity || severity === '' ? found : { ...found, severity };
      }
    }
    return undefined;
  }

  reset(): void {
    this.#found = [];
  }
}

function valuesOf(match: RegExpExecArray, { groups }: MatcherPattern): Problem {
  return Object.fromEntries(Object.entries(groups).map(([place, group]) => [place, match[group] ?? '']));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
