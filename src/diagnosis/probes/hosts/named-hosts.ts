// Which hosts the log and the script of a step name, as far as it may be the network that failed it.
import type { AskedHost } from './asked-hosts.ts';

const MOST_HOSTS = 4;

const URLS = /\b(https?|ssh|git|ftp):\/\/(?:[^\s/@'"]*@)?(\[[0-9a-f:]+\]|[\w.-]+)(?::(\d+))?/giu;
/** Tools that name a host without an address. */
const NAMES: readonly RegExp[] = [
  /(?:Could not resolve (?:host|proxy|hostname):?|Temporary failure resolving|getaddrinfo (?:ENOTFOUND|EAI_AGAIN)|lookup|unknown host|UnknownHostException:|unable to resolve host(?: address)?) ['"‘]?([\w-]+(?:\.[\w-]+)+)/iu,
  /Failed to connect to ([\w.-]+) port (\d+)/iu,
  /connect to host ([\w.-]+) port (\d+)/iu,
  /ConnectionPool\(host='([\w.-]+)', port=(\d+)\)/u,
  /(?:dial tcp|connect E[A-Z]+) \[?([\w.-]+)\]?:(\d+)/u,
];

/** `lines`: those that speak of failure come first. */
export function namedHosts(lines: readonly string[]): readonly AskedHost[] {
  const found = new Map<string, AskedHost>();
  const add = (host: AskedHost): void => {
    const key = `${host.host}:${host.port}`;
    if (found.size < MOST_HOSTS && !isOwn(host.host)) found.set(key, found.get(key) ?? host);
  };
  for (const line of lines) {
    for (const [, scheme = '', host = '', port] of line.matchAll(URLS))
      add(hostOf(scheme.toLowerCase(), host.toLowerCase(), port));
    for (const pattern of NAMES) {
      const [, host, port] = pattern.exec(line) ?? [];
      if (host === undefined) continue;
      const known = [...found.values()].some((each) => each.host === host.toLowerCase());
      // The same host by its address says which of its services was meant.
      if (!known || port !== undefined) add(bareHost(host.toLowerCase(), Number(port ?? 443)));
    }
  }
  return [...found.values()];
}

const PORTS: Readonly<Record<string, number>> = { https: 443, http: 80, ssh: 22, git: 9418, ftp: 21 };

function hostOf(scheme: string, host: string, port: string | undefined): AskedHost {
  const isHttp = scheme === 'http' || scheme === 'https';
  return { host, port: Number(port ?? PORTS[scheme] ?? 443), isTls: scheme === 'https', isHttp };
}

function bareHost(host: string, port: number): AskedHost {
  return { host, port, isTls: port === 443, isHttp: port === 443 || port === 80 };
}

/** A server of the step itself, or of its job, is no network. */
function isOwn(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '0.0.0.0' ||
    host === '[::1]' ||
    host.startsWith('127.') ||
    // Services of a job have names without a dot.
    !/[.:]/.test(host)
  );
}
