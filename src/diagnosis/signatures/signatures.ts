import { apt } from './table/apt.ts';
import { python } from './table/python.ts';
import { node } from './table/node.ts';
import { git } from './table/git.ts';
import { containers } from './table/containers.ts';
import { github } from './table/github.ts';
import { system } from './table/system.ts';
import { network } from './table/network.ts';
import { compiled1 } from './table/compiled-1.ts';
import { compiled2 } from './table/compiled-2.ts';
import { general } from './table/general.ts';
import type { Signature } from './signature.ts';

/** Every known failure. In order: where two fit one line, the first speaks. */
export const SIGNATURES: readonly Signature[] = [
  ...apt,
  ...python,
  ...node,
  ...git,
  ...containers,
  ...github,
  ...system,
  ...network,
  ...compiled1,
  ...compiled2,
  ...general,
];
