/**
 * pip says the same of an index that does not answer and of a package that no index has. So the index is asked, by the page
 * that pip itself would read.
 */
import { unreachable } from '#base/unreachable.ts';
import type { AskedHost } from './hosts/asked-hosts.ts';
import { accuse } from './probe.ts';
import type { Probe, ProbePlace } from './probe.ts';

export interface PipTrouble {
  readonly name: string;
  readonly index: AskedHost;
}

const MISSING =
  /No matching distribution found for ([A-Za-z0-9][\w.-]*)|Could not find a version that satisfies the requirement ([A-Za-z0-9][\w.-]*)/u;

/** Undefined: pip missed nothing, or which index it asked is not told. */
export function pipTrouble(lines: readonly string[], env: Readonly<Record<string, string>>): PipTrouble | undefined {
  let name: string | undefined;
  let index: string | undefined;
  for (const line of lines) {
    const [, first, second] = MISSING.exec(line) ?? [];
    name = first ?? second ?? name;
    index = /Looking in indexes: ([^\s,]+)/u.exec(line)?.[1] ?? index;
  }
  const url = URL.parse(index ?? env['PIP_INDEX_URL'] ?? '');
  if (name === undefined || !url || !/^https?:$/.test(url.protocol)) return undefined;
  const isTls = url.protocol === 'https:';
  const port = Number(url.port) || (isTls ? 443 : 80);
  const path = `${url.pathname.replace(/\/$/, '')}/${name.toLowerCase().replaceAll(/[-_.]+/g, '-')}/`;
  return { name, index: { host: url.hostname, port, isTls, isHttp: true, path } };
}

export async function pipIndex({ name, index }: PipTrouble, place: ProbePlace): Promise<Probe> {
  const probe = 'package index';
  const { askHost, probeOf } = await import('./hosts/ask-hosts.ts');
  const told = await askHost(index, place);
  if (!told) return { name: probe, said: 'not asked: there is nothing to ask with' };
  const { answer, host } = told;
  switch (answer.kind) {
    case 'not-resolved':
    case 'not-connected':
    case 'not-trusted':
    case 'refused-by-proxy':
    case 'no-answer':
      return { ...probeOf(told), name: probe };
    case 'connected':
      return { name: probe, said: `${host} takes connections` };
    case 'answered':
      if (answer.status === 404)
        return accuse(probe, `${host} has no package ${name}`, {
          layer: 'dependency',
          confidence: 0.95,
          cause: `pip cannot install ${name}: the index ${host} has no such package`,
          fix: `correct the name ${name}, or name the index that has it with --extra-index-url`,
        });
      if (answer.status === 401 || answer.status === 403)
        return accuse(probe, `${host} answers with ${answer.status}`, {
          layer: 'secrets',
          confidence: 0.85,
          cause: `the package index ${host} does not let the step in: ${answer.status}`,
          fix: 'hand the step a name and a password for the index, as a secret',
        });
      if (answer.status >= 400) return { ...probeOf(told), name: probe };
      return { name: probe, ok: true, said: `${host} has the package ${name}` };
    default:
      return unreachable(answer);
  }
}
