// GitHub's branch, tag and path patterns ("filter pattern cheat sheet"): close to globs, but `?` and `+` count the
// character before them. Matched by a set of states, one step a character, so that no pattern can take long.

interface Step {
  readonly accepts: (char: string) => boolean;
  readonly min: 0 | 1;
  readonly isRepeated: boolean;
  /** A whole `**` + `/` may be left out: `docs/**` + `/a` matches `docs/a`. This step stands before the two. */
  readonly isSkip?: boolean;
}

export interface FilterPattern {
  /** `!` in front: takes out again what patterns before it let in. */
  readonly isNegated: boolean;
  readonly matches: (text: string) => boolean;
}

const anything = (): boolean => true;
const nothing = (): boolean => false;
const notSlash = (char: string): boolean => char !== '/';

/** `*` matches within a segment, `**` across them, `?` and `+` count the character before, `[]` is one of, `\` escapes. */
export function filterPattern(pattern: string): FilterPattern {
  const isNegated = pattern.startsWith('!');
  const steps = parseSteps(isNegated ? pattern.slice(1) : pattern);
  return { isNegated, matches: (text) => matchSteps(steps, text) };
}

/** Later patterns win: `['releases/**', '!releases/**-alpha']`. */
export function matchesPatterns(patterns: readonly string[], text: string): boolean {
  let isIn = false;
  for (const pattern of patterns) {
    const { isNegated, matches } = filterPattern(pattern);
    if (isIn === isNegated && matches(text)) isIn = !isNegated;
  }
  return isIn;
}

function parseSteps(pattern: string): readonly Step[] {
  const steps: Step[] = [];
  const once = { min: 1, isRepeated: false } as const;
  let index = 0;
  while (index < pattern.length) {
    const char = pattern.charAt(index);
    const last = steps.at(-1);
    if (char === '*') {
      const stars = /^\*+/.exec(pattern.slice(index))?.[0].length ?? 1;
      const isSegment =
        stars > 1 && (index === 0 || pattern.charAt(index - 1) === '/') && pattern.charAt(index + stars) === '/';
      if (isSegment) steps.push({ accepts: nothing, min: 0, isRepeated: false, isSkip: true });
      steps.push({ accepts: stars > 1 ? anything : notSlash, min: 0, isRepeated: true });
      index += stars;
    } else if (char === '?' && last !== undefined) {
      steps[steps.length - 1] = { ...last, min: 0 };
      index++;
    } else if (char === '+' && last !== undefined) {
      steps[steps.length - 1] = { ...last, isRepeated: true };
      index++;
    } else if (char === '[' && pattern.includes(']', index + 1)) {
      const end = pattern.indexOf(']', index + 1);
      steps.push({ accepts: charSet(pattern.slice(index + 1, end)), ...once });
      index = end + 1;
    } else {
      const literal = char === '\\' && index + 1 < pattern.length ? pattern.charAt(++index) : char;
      steps.push({ accepts: (each) => each === literal, ...once });
      index++;
    }
  }
  return steps;
}

function charSet(inside: string): (char: string) => boolean {
  const ranges: (readonly [string, string])[] = [];
  for (let index = 0; index < inside.length; index++) {
    const from = inside.charAt(index);
    if (inside.charAt(index + 1) === '-' && index + 2 < inside.length) {
      ranges.push([from, inside.charAt(index + 2)]);
      index += 2;
    } else ranges.push([from, from]);
  }
  return (char) => ranges.some(([from, to]) => from <= char && char <= to);
}

function matchSteps(steps: readonly Step[], text: string): boolean {
  let states = closure(steps, [0]);
  for (const char of text) {
    const next: number[] = [];
    for (const state of states) {
      const step = steps[state];
      if (!step?.accepts(char)) continue;
      next.push(state + 1);
      if (step.isRepeated) next.push(state);
    }
    states = closure(steps, next);
    if (states.size === 0) return false;
  }
  return states.has(steps.length);
}

function closure(steps: readonly Step[], from: readonly number[]): ReadonlySet<number> {
  const reached = new Set<number>();
  const left = [...from];
  for (let state = left.pop(); state !== undefined; state = left.pop()) {
    if (reached.has(state)) continue;
    reached.add(state);
    const step = steps[state];
    if (step?.min === 0) left.push(state + 1);
    if (step?.isSkip) left.push(state + 3);
  }
  return reached;
}
