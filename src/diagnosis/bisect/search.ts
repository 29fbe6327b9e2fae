// Which of a line of commits is the first bad one, by as few judgements as possible, some of which cannot be made.
export type Judgement = 'good' | 'bad' | 'skip';

export type Probe =
  | { readonly kind: 'judge'; readonly index: number }
  /** The first bad one is among these; more than one when what lies between could not be judged. */
  | { readonly kind: 'found'; readonly indexes: readonly number[] };

/**
 * The line goes from the oldest, which is known to be good and not in it, to the newest, `count - 1`, which is known to be
 * bad. Pure: the same judgements give the same next probe.
 */
export function nextProbe(count: number, judged: ReadonlyMap<number, Judgement>): Probe {
  let lastGood = -1;
  let firstBad = count - 1;
  for (const [index, judgement] of judged) {
    if (judgement === 'good') lastGood = Math.max(lastGood, index);
    if (judgement === 'bad') firstBad = Math.min(firstBad, index);
  }
  const between = Array.from({ length: Math.max(0, firstBad - lastGood - 1) }, (_, offset) => lastGood + 1 + offset);
  const open = between.filter((index) => !judged.has(index));
  if (open.length === 0) return { kind: 'found', indexes: [...between, firstBad] };
  const middle = (lastGood + firstBad) / 2;
  const [nearest = firstBad] = open.toSorted((a, b) => Math.abs(a - middle) - Math.abs(b - middle) || a - b);
  return { kind: 'judge', index: nearest };
}

/** How many judgements it takes, when all can be made. */
export function expectedProbes(count: number): number {
  return Math.ceil(Math.log2(Math.max(1, count)));
}
