/**
 * Are the hosts that the step named there, as the step would find them? Names, connections, certificates and the first line of
 * an answer are told apart: who has to do something is another each time.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { unreachable } from '#base/unreachable.ts';
import type { ProbeFinding } from '../../diagnose.ts';
import { accuse, ask, PROBE_MS } from '../probe.ts';
import type { Probe, ProbePlace } from '../probe.ts';
import type { AskedHost, HostAnswer, ToldHost } from './asked-hosts.ts';

const Code = z.object({ code: z.string() });
const Status = z.object({ status: z.number() });
const Told = z.object({
  host: z.string(),
  port: z.number(),
  proxy: z.string().optional(),
  answer: z.discriminatedUnion('kind', [
    Code.extend({ kind: z.literal('not-resolved') }),
    Code.extend({ kind: z.literal('not-connected') }),
    Code.extend({ kind: z.literal('not-trusted') }),
    Status.extend({ kind: z.literal('refused-by-proxy') }),
    Status.extend({ kind: z.literal('answered'), clockAheadS: z.number().optional() }),
    z.object({ kind: z.literal('connected') }),
    z.object({ kind: z.literal('no-answer') }),
  ]),
});

/** Less than all probes have, so that a host without an answer is still told as one. */
const HOST_MS = PROBE_MS - 400;

/** The answer for one address; undefined where nobody could be asked. */
export async function askHost(asked: AskedHost, place: ProbePlace): Promise<ToldHost | undefined> {
  return (await askAll([asked], place))[0];
}

export async function askHosts(asked: readonly AskedHost[], place: ProbePlace): Promise<readonly Probe[]> {
  if (asked.length === 0) return [];
  const told = await askAll(asked, place);
  // Where this Node is not, as in the container of the job, only names can be looked up.
  if (told.length === 0) return Promise.all(asked.map(async ({ host }) => askName(host, place)));
  return told.map(probeOf);
}

async function askAll(asked: readonly AskedHost[], place: ProbePlace): Promise<readonly ToldHost[]> {
  const argv = [process.execPath, ...program(), String(Date.now() + HOST_MS), ...asked.map(addressOf)] as const;
  const answer = await ask(place, argv, { NODE_OPTIONS: '' });
  return (answer?.stdout ?? '').split('\n').flatMap(readTold);
}

function addressOf({ host, port, isTls, isHttp, path = '/' }: AskedHost): string {
  const scheme = isHttp ? (isTls ? 'https' : 'http') : isTls ? 'tls' : 'tcp';
  return `${scheme}://${host}:${port}${path}`;
}

/** Beside the bundle when this is the bundle, from the source otherwise. */
function program(): readonly string[] {
  const bundled = join(import.meta.dirname, 'hosts.js');
  return [
    '--disable-warning=ExperimentalWarning',
    existsSync(bundled) ? bundled : join(import.meta.dirname, 'hosts-main.ts'),
  ];
}

function readTold(line: string): readonly ToldHost[] {
  if (!line.startsWith('{')) return [];
  try {
    const { host, port, proxy, answer } = Told.parse(JSON.parse(line));
    return [{ host, port, ...(proxy ? { proxy } : {}), answer: withoutUndefined(answer) }];
  } catch {
    return [];
  }
}

function withoutUndefined(answer: z.infer<typeof Told>['answer']): HostAnswer {
  if (answer.kind !== 'answered') return answer;
  const { clockAheadS, ...rest } = answer;
  return clockAheadS === undefined ? rest : { ...rest, clockAheadS };
}

async function askName(host: string, place: ProbePlace): Promise<Probe> {
  const name = `host ${host}`;
  const answer = await ask(place, ['getent', 'hosts', host]);
  if (answer?.exitCode === 0) return { name, ok: true, said: 'its name is known' };
  if (answer?.exitCode !== 2) return { name, said: 'not asked: there is nothing to ask with' };
  return probeOf({ host, port: 0, answer: { kind: 'not-resolved', code: 'ENOTFOUND' } });
}

/** So far apart, certificates and signatures are refused. */
const CLOCK_S = 300;

export function probeOf({ host, port, proxy, answer }: ToldHost): Probe {
  const name = `host ${host}`;
  const way = proxy ? ` through the proxy ${proxy}` : '';
  const where = `${host}:${port}${way}`;
  switch (answer.kind) {
    case 'not-resolved':
      return unresolved(name, proxy ?? host, answer.code);
    case 'not-connected':
      return accuse(name, `no connection to ${where}: ${answer.code}`, {
        layer: 'network',
        confidence: 0.9,
        cause: `${where} cannot be connected to: ${inWords(answer.code)}`,
        fix: `check that it is up, and the network, firewall and proxy between the runner and ${host}`,
      });
    case 'not-trusted':
      return untrusted(name, where, answer.code);
    case 'refused-by-proxy':
      return accuse(name, `the proxy refuses it with ${answer.status}`, {
        layer: 'network',
        confidence: 0.9,
        cause: `the proxy ${proxy ?? ''} does not let the runner to ${host}: ${answer.status}`,
        fix:
          answer.status === 407
            ? 'the proxy wants a name and a password: put them into the proxy variables, from a secret'
            : `let the proxy pass ${host}, or name it in no_proxy`,
      });
    case 'answered':
      return answered(name, { where, host, answer });
    case 'connected':
      return { name, ok: true, said: `${where} takes connections` };
    case 'no-answer':
      return accuse(name, `${where} takes a connection and says nothing`, {
        layer: 'network',
        confidence: 0.8,
        cause: `${where} takes a connection and gives no answer`,
        fix: 'check that it is well, and that nothing on the way swallows what it says',
      });
    default:
      return unreachable(answer);
  }
}

function unresolved(name: string, host: string, code: string): Probe {
  const isSure = code === 'ENOTFOUND';
  const finding: ProbeFinding = isSure
    ? {
        layer: 'network',
        confidence: 0.9,
        cause: `there is no host of the name ${host}`,
        fix: 'correct the name, or ask a name service that knows it',
      }
    : {
        layer: 'network',
        confidence: 0.95,
        cause: `the name ${host} could not be looked up: no name service answers on the runner`,
        fix: 'check the name service and the network of the runner',
      };
  return accuse(name, isSure ? 'there is no such name' : `its name cannot be looked up: ${code}`, finding);
}

function untrusted(name: string, where: string, code: string): Probe {
  const isTime = code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID';
  return accuse(name, `its certificate is not accepted: ${code}`, {
    layer: 'network',
    confidence: 0.85,
    cause: `the certificate of ${where} is not accepted: ${inWords(code)}`,
    fix: isTime
      ? 'renew the certificate, or set the clock of the runner'
      : 'install the authority that signed it on the runner',
  });
}

interface Answered {
  readonly where: string;
  readonly host: string;
  readonly answer: Extract<HostAnswer, { kind: 'answered' }>;
}

function answered(name: string, { where, host, answer: { status, clockAheadS = 0 } }: Answered): Probe {
  if (Math.abs(clockAheadS) > CLOCK_S)
    return accuse(name, `by its clock that of the runner is ${Math.abs(clockAheadS)} s off`, {
      layer: 'runner',
      confidence: 0.7,
      cause: `the clock of the runner is ${Math.abs(clockAheadS)} s ${clockAheadS > 0 ? 'ahead of' : 'behind'} that of ${host}`,
      fix: 'set the clock of the runner',
    });
  if (status === 429 || status >= 500)
    return accuse(name, `${where} answers with ${status}`, {
      layer: 'registry',
      confidence: 0.8,
      cause:
        status === 429
          ? `${host} refuses more requests for now (429)`
          : `${host} is not well: it answers with ${status}`,
      fix: 'try again later, or ask a mirror',
    });
  return { name, ok: true, said: `${where} answers` };
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'the runner has no network',
  ECONNRESET: 'it hung up',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it has signed it itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'an authority that the runner does not know signed it',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'an authority that the runner does not know signed it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'an authority that the runner does not know signed it',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another host',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
};

function inWords(code: string): string {
  return WORDS[code] ?? code;
}
