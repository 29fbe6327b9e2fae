// Under which address containers of a network reach this machine.
import { readFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { networkInterfaces } from 'node:os';
import { z } from 'zod';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { ask } from './container-engine.ts';
import type { ContainerEngine } from './container-engine.ts';

export interface NetworkAddress {
  /** Of this machine, in the network. */
  readonly host: string;
  /** Whether an address is one of the network. */
  has(address: string): boolean;
}

/** Docker writes the one, Podman the other. */
const Networks = z.array(
  z.looseObject({
    IPAM: z.looseObject({ Config: z.array(z.looseObject({ Subnet: z.string().optional() })).nullish() }).optional(),
    subnets: z.array(z.looseObject({ subnet: z.string().optional() })).nullish(),
  }),
);

/** '' is the network of a container that is given none. */
export async function findNetworkAddress(
  engine: ContainerEngine,
  network: string,
): Promise<Result<NetworkAddress, string>> {
  const name = network === '' ? { docker: 'bridge', podman: 'podman' }[engine.name] : network;
  const asked = await ask(engine, ['network', 'inspect', name]);
  if (!asked.ok) return err(`asking for the network ${name}: ${asked.why}`);
  const subnets = subnetsIn(asked.stdout);
  const own = ownAddresses();
  for (const subnet of subnets) {
    const host = own.find((address) => subnet.check(address));
    if (host !== undefined) return ok({ host, has: (address) => subnet.check(address) });
  }
  return err(`this machine has no address in the network ${name}: the engine runs on another, or in one of its own`);
}

function ownAddresses(): readonly string[] {
  const listed = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
  // A bridge that no container is on yet has its address, but is not listed among what is up.
  return [...listed, ...(process.platform === 'linux' ? localAddresses(readIfThere('/proc/net/fib_trie')) : [])];
}

/** The kernel's own table of them: an address, and below it what it is. */
export function localAddresses(table: string): readonly string[] {
  const found = new Set<string>();
  let address = '';
  for (const line of table.split('\n')) {
    address = /\|-- (\S+)$/.exec(line)?.[1] ?? address;
    if (line.includes('/32 host LOCAL')) found.add(address);
  }
  return [...found];
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

export function subnetsIn(text: string): readonly BlockList[] {
  const networks = Networks.parse(JSON.parse(text));
  const written = networks.flatMap(({ IPAM, subnets }) => [
    ...(IPAM?.Config ?? []).map(({ Subnet }) => Subnet),
    ...(subnets ?? []).map(({ subnet }) => subnet),
  ]);
  return written.flatMap((subnet) => {
    const [, address, prefix] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(subnet ?? '') ?? [];
    if (address === undefined) return [];
    const list = new BlockList();
    list.addSubnet(address, Number(prefix), 'ipv4');
    return [list];
  });
}
