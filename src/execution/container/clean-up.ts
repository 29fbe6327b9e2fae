// What Gantry made with a container engine is found by its labels, also by an engine that did not make it.
import { ask } from './container-engine.ts';
import type { ContainerEngine } from './container-engine.ts';
import { JOB_LABEL, OWNER_LABEL } from './engine-commands.ts';
import type { Ownership } from './engine-commands.ts';

const LIMIT_MS = 30_000;

/** Removes all that `isOver`; containers first, because a network in use stays. The answer: why something is left. */
export async function removeOwned(
  engine: ContainerEngine,
  isOver: (owned: Ownership) => boolean,
): Promise<readonly string[]> {
  const kinds = [
    { list: ['ps', '--all'], remove: ['rm', '--force', '--volumes'], id: '{{.ID}}' },
    { list: ['network', 'ls'], remove: ['network', 'rm'], id: '{{.ID}}' },
  ];
  const whys: string[] = [];
  for (const { list, remove, id } of kinds) {
    const format = `${id}\t{{.Label "${OWNER_LABEL}"}}\t{{.Label "${JOB_LABEL}"}}`;
    const listed = await ask(engine, [...list, '--filter', `label=${OWNER_LABEL}`, '--format', format], {
      timeoutMs: LIMIT_MS,
    });
    if (!listed.ok) return [...whys, listed.why];
    const over = listed.stdout.split('\n').flatMap((line) => {
      const [found = '', owner = '', job = ''] = line.split('\t');
      return found !== '' && isOver({ owner, job }) ? [found] : [];
    });
    if (over.length === 0) continue;
    const removed = await ask(engine, [...remove, ...over], { timeoutMs: LIMIT_MS });
    if (!removed.ok) whys.push(removed.why);
  }
  return whys;
}
