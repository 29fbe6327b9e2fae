import { unreachable } from '#base/unreachable.ts';
import type { Evidence } from './excerpt/evidence.ts';
import type { Layer } from '#run/diagnosis.ts';

export interface LayerGuess {
  readonly layer: Layer;
  readonly confidence: number;
}

/** The layer of a failure that no signature knows, from the shape of the line that gives it away. */
export function layerByShape(evidence: Evidence): LayerGuess {
  switch (evidence.kind) {
    case 'diagnostic':
      return { layer: 'code', confidence: 0.75 };
    case 'test':
    case 'assertion':
      return { layer: 'test', confidence: 0.7 };
    case 'known':
    case 'exception':
    case 'crash':
    case 'tool':
    case 'complaint':
    case 'summary':
    case 'wrapper':
      return { layer: 'unknown', confidence: 0.2 };
    default:
      return unreachable(evidence.kind);
  }
}
