// Where a run and its jobs stand in the lines of their concurrency groups, from the events that were told of it.
import { unreachable } from '#base/unreachable.ts';
import type { RunEvent } from './events.ts';
import { holderKey } from './line.ts';
import type { Place } from './state.ts';

type PlaceEvent = Extract<RunEvent, { type: `concurrency.${string}` }>;

const STAGES = { waiting: 0, held: 1, released: 2, refused: 2 } as const;

/** The later stage of the later turn counts; of two moments in the line, the one with fewer in front. Undefined: no news. */
export function placeAfter(places: ReadonlyMap<string, Place>, event: PlaceEvent): Place | undefined {
  const { group, holder, turn } = event;
  const known = places.get(holderKey(holder));
  const place: Place = { group, holder, turn, stage: stageOf(event) };
  return known && !isLater(place, known) ? undefined : place;
}

function stageOf(event: PlaceEvent): Place['stage'] {
  switch (event.type) {
    case 'concurrency.queued':
      return { kind: 'waiting', behind: event.behind, ahead: event.ahead };
    case 'concurrency.acquired':
      return { kind: 'held' };
    case 'concurrency.released':
      return { kind: 'released' };
    case 'concurrency.refused':
      return { kind: 'refused', why: event.why };
    default:
      return unreachable(event);
  }
}

function isLater(place: Place, known: Place): boolean {
  if (place.turn !== known.turn) return place.turn > known.turn;
  if (place.stage.kind === 'waiting' && known.stage.kind === 'waiting') return place.stage.ahead < known.stage.ahead;
  return STAGES[place.stage.kind] > STAGES[known.stage.kind];
}
