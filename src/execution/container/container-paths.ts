// The same folders have two names: one on this machine, one inside a container. Pure.

export interface Mount {
  readonly host: string;
  readonly inside: string;
  readonly readOnly?: true;
}

/** A path of this machine as the container sees it; any other text as it is. */
export function toInside(mounts: readonly Mount[], path: string): string {
  return rename(
    path,
    mounts.map(({ host, inside }) => [host, inside]),
  );
}

export function toHost(mounts: readonly Mount[], path: string): string {
  return rename(
    path,
    mounts.map(({ host, inside }) => [inside, host]),
  );
}

/** The innermost folder decides. */
function rename(path: string, names: readonly (readonly [from: string, to: string])[]): string {
  const fitting = names.filter(([from]) => path === from || path.startsWith(`${from}/`));
  const [from, to] = fitting.toSorted(([a], [b]) => b.length - a.length)[0] ?? ['', ''];
  return to + path.slice(from.length);
}

export interface InsideSetting {
  readonly mounts: readonly Mount[];
  /** What every process on this machine is given: it says nothing about a container. */
  readonly machine: Readonly<Record<string, string>>;
  /** PATH of the image. */
  readonly path: string;
}

/** A step's environment as it is to be inside: without this machine's part, and with paths by their inner names. */
export function insideEnvironment(
  env: Readonly<Record<string, string>>,
  { mounts, machine, path }: InsideSetting,
): Record<string, string> {
  const result: Record<string, string> = { HOME: '/github/home' };
  for (const [name, value] of Object.entries(env)) {
    if (name !== 'PATH' && machine[name] !== value) result[name] = toInside(mounts, value);
  }
  const ofMachine = (machine['PATH'] ?? '').split(':');
  const added = (env['PATH'] ?? '').split(':');
  const own = added.slice(-ofMachine.length).join(':') === machine['PATH'] ? added.slice(0, -ofMachine.length) : added;
  result['PATH'] = [...own.filter((entry) => entry !== '').map((entry) => toInside(mounts, entry)), path].join(':');
  return result;
}
