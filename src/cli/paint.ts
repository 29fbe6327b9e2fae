import { styleText } from 'node:util';

import type { Paint, Tone } from '#run/report/words.ts';
import { unpainted } from '#run/report/words.ts';

const STYLES: Readonly<Record<Tone, Parameters<typeof styleText>[0]>> = {
  strong: 'bold',
  dim: 'dim',
  good: 'green',
  warn: 'yellow',
  unsure: 'magenta',
  bad: 'red',
  accent: 'cyan',
};

export interface PaintSituation {
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Colours on a terminal that has them. `NO_COLOR` (no-color.org: any value but the empty one) turns them off
 * everywhere, `FORCE_COLOR` (any value but `0` and `false`) turns them on where there is no terminal.
 */
export function choosePaint({ isTerminal, env }: PaintSituation): Paint {
  return wantsColour(isTerminal, env) ? painted : unpainted;
}

const painted: Paint = (tone, text) => styleText(STYLES[tone], text, { validateStream: false });

function wantsColour(isTerminal: boolean, env: PaintSituation['env']): boolean {
  if (env['NO_COLOR']) return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isTerminal && env['TERM'] !== 'dumb';
}
