/**
 * A package that apt could not find: is it gone, misspelt, or is it the index that is missing? The step's own apt is asked,
 * with the step's own settings, and only what reads. It decides between a dependency and everything that merely looks so.
 */
import { suggest } from '#base/suggest.ts';
import type { CalledCommand } from '#shell/called-commands.ts';
import { GONE_PACKAGES } from '../audit/apt-packages.ts';
import type { ProbeFinding } from '../diagnose.ts';
import { ask, accuse } from './probe.ts';
import type { Probe, ProbePlace } from './probe.ts';

export interface AptTrouble {
  /** That apt said it does not have; each once, in the order of the log. */
  readonly packages: readonly string[];
  /** What apt said could take their place. */
  readonly offered: readonly string[];
  /** An index could not be fetched: then a package that is not there proves nothing. */
  readonly couldNotFetch: boolean;
  /** Of the step's script, those that install these with apt; when none names them, all that install. */
  readonly commands: readonly CalledCommand[];
}

/** Read from how it was written: a recorder of masked failures keeps no more of a command. */
export function installsWithApt(command: string, packages: readonly string[]): boolean {
  return (
    /\b(?:apt-get|apt|aptitude)\b[^|;&]*\binstall\b/.test(command) && packages.some((name) => command.includes(name))
  );
}

const MISSING =
  /(?:\bE|\bError): (?:Package '?([^\s']+?)'? has no installation candidate|Unable to locate package '?([^\s']+))/u;
const NOT_FETCHED =
  /Failed to fetch|^Err:\d+ |Temporary failure resolving|Some index files failed to download|does not have a Release file/u;
const PROVIDED_BY =
  /^Package \S+ is a virtual package provided by:|^However the following packages replace (?:it|them):/u;
const MOST_PACKAGES = 20;
const APT: readonly string[] = ['apt-get', 'apt', 'aptitude'];

/** Undefined: apt missed nothing. */
export function aptTrouble(lines: readonly string[], called: readonly CalledCommand[]): AptTrouble | undefined {
  const packages = new Set<string>();
  const offered = new Set<string>();
  let isOffer = false;
  for (const line of lines) {
    const [, first, second] = MISSING.exec(line) ?? [];
    const name = first ?? second;
    if (name !== undefined && packages.size < MOST_PACKAGES) packages.add(name.replace(/:\w+$/, ''));
    if (isOffer && /^ {2}\S/.test(line)) for (const word of line.trim().split(/\s+/)) offered.add(word);
    isOffer = PROVIDED_BY.test(line) || (isOffer && /^ {2}\S/.test(line));
  }
  if (packages.size === 0) return undefined;
  const installs = called.filter(({ name, args }) => APT.includes(name) && args.includes('install'));
  const naming = installs.filter(({ args }) => args.some((arg) => packages.has(arg?.replace(/[=:].*$/, '') ?? '')));
  return {
    packages: [...packages],
    offered: [...offered],
    couldNotFetch: lines.some((line) => NOT_FETCHED.test(line)),
    commands: naming.length > 0 ? naming : installs,
  };
}

const NAME = 'package index';

/**
 * The names of all packages in the lists that apt has here, and whose lists they are. apt-cache would tell the same, and
 * takes ten times as long where it has no cache of its own, as in containers.
 */
const READ_LISTS = `
eval "$(apt-config shell lists Dir::State::lists/d)" || exit 1
helper=/usr/lib/apt/apt-helper
[ -x "$helper" ] || exit 1
for file in "$lists"*Release; do
  [ -e "$file" ] && echo "List: $file" && grep -aE -m 3 '^(Origin|Version|Codename): ' "$file"
done
for file in "$lists"*_Packages*; do
  [ -e "$file" ] && echo "List: $file" && "$helper" cat-file "$file" | grep -a '^Package: '
done
exit 0`;

interface PackageIndex {
  /** `Debian 13.0 (trixie)`: of the index, whatever the machine is. */
  readonly release: string;
  readonly names: ReadonlySet<string>;
}

async function readIndex(place: ProbePlace): Promise<PackageIndex | undefined> {
  const answer = await ask(place, ['sh', '-c', READ_LISTS], { LC_ALL: 'C' });
  if (answer?.exitCode !== 0) return undefined;
  const names = new Set<string>();
  const releases: Map<string, string>[] = [];
  for (const line of answer.stdout.split('\n')) {
    const colon = line.indexOf(': ');
    const [key, value] = [line.slice(0, colon), line.slice(colon + 2).trim()];
    if (key === 'Package') names.add(value);
    else if (key === 'List') releases.push(new Map());
    else releases.at(-1)?.set(key, value);
  }
  return { release: releaseOf(releases), names };
}

function releaseOf(releases: readonly ReadonlyMap<string, string>[]): string {
  const told = releases.filter((fields) => fields.has('Origin'));
  // Those of updates and security are called like the release, with something behind it.
  const main = told.find((fields) => !(fields.get('Codename') ?? '').includes('-')) ?? told[0];
  if (!main) return 'the package index';
  const codename = main.get('Codename');
  return [main.get('Origin'), main.get('Version'), codename && `(${codename})`].filter(Boolean).join(' ');
}

export async function aptIndex(trouble: AptTrouble, place: ProbePlace): Promise<Probe> {
  const { packages, couldNotFetch } = trouble;
  const index = await readIndex(place);
  if (!index) return fromTheTable(trouble);
  const { release, names } = index;
  if (names.size === 0) return withoutLists(trouble);
  const gone = packages.filter((name) => !names.has(name));
  if (gone.length === 0) return { name: NAME, ok: true, said: `${release} has ${listed(packages)} now` };
  const said = `${release} has no ${gone.join(' and no ')}`;
  // Of an index that is only partly there nothing follows, but for what is known to be gone.
  if (couldNotFetch && !gone.every(isKnown)) return { name: NAME, ok: false, said };
  const instead = gone.map((name) => insteadOf(name, { trouble, names }));
  return accuse(NAME, said, goneFinding(trouble, { instead, where: release, confidence: 0.95 }));
}

/** No answer: what is known to be gone is gone all the same, unless the lists were never there. */
function fromTheTable(trouble: AptTrouble): Probe {
  const said = 'the lists of apt could not be read here';
  if (trouble.couldNotFetch || !trouble.packages.every(isKnown)) return { name: NAME, said };
  const instead = trouble.packages.map((of) => ({ of, name: knownInstead(of), kind: 'replaced' as const }));
  return { name: NAME, said, finding: goneFinding(trouble, { instead, where: 'this release', confidence: 0.85 }) };
}

function withoutLists({ packages, couldNotFetch }: AptTrouble): Probe {
  return accuse(NAME, 'apt has no package lists here', {
    layer: couldNotFetch ? 'network' : 'configuration',
    confidence: 0.9,
    cause: `apt has no package lists, so it cannot find ${listed(packages)} or anything else`,
    fix: couldNotFetch
      ? 'let it fail where it fails: apt-get -o APT::Update::Error-Mode=any update'
      : 'run apt-get update before apt-get install, in the same step',
  });
}

interface Instead {
  readonly of: string;
  /** Undefined: nothing is known to be. */
  readonly name: string | undefined;
  /** `replaced`: it is known, or apt says so. `similar`: the nearest name that the index has. */
  readonly kind: 'replaced' | 'similar';
}

interface Gone {
  readonly instead: readonly Instead[];
  /** Which index it is. */
  readonly where: string;
  readonly confidence: number;
}

function goneFinding(trouble: AptTrouble, { instead, where, confidence }: Gone): ProbeFinding {
  const gone = instead.map(({ of }) => of);
  const [command] = trouble.commands;
  const others = instead.flatMap(({ of, name, kind }) => {
    if (name === undefined) return [];
    return kind === 'replaced' ? `${name} has replaced ${of}` : `the nearest name to ${of} is ${name}`;
  });
  const such = gone.length === 1 ? 'no such package' : 'no such packages';
  return {
    layer: 'dependency',
    confidence,
    cause: [`${command?.name ?? 'apt-get'} cannot install ${listed(gone)}: ${where} has ${such}`, ...others].join('; '),
    fix: fixFor(instead, command),
  };
}

/** The whole command as it has to be, where that can be said. */
function fixFor(instead: readonly Instead[], command: CalledCommand | undefined): string {
  const swaps = instead.flatMap(({ of, name }) => (name === undefined ? [] : [{ of, name }]));
  const left = instead.flatMap(({ of, name }) => (name === undefined ? [of] : []));
  const mended = swaps.reduce((text, { of, name }) => renamed(text, of, name), command?.text ?? '');
  const isWhole = command !== undefined && mended !== command.text && left.length === 0;
  if (isWhole) return `at line ${command.line} of the script: ${mended}`;
  return [
    ...swaps.map(({ of, name }) => `install ${name} instead of ${of}`),
    ...(left.length > 0
      ? [`leave out ${listed(left)}, or run on a release that has ${left.length === 1 ? 'it' : 'them'}`]
      : []),
  ].join('; ');
}

function renamed(text: string, of: string, name: string): string {
  return text
    .split(/(\s+)/)
    .map((word) =>
      word.replace(/^(["']?)([^"'=]+)(?:=[^"']*)?(["']?)$/, (whole, open: string, plain: string, close: string) =>
        plain === of ? `${open}${name}${close}` : whole,
      ),
    )
    .join('');
}

function isKnown(name: string): boolean {
  return Object.hasOwn(GONE_PACKAGES, name);
}

function knownInstead(name: string): string | undefined {
  return isKnown(name) ? GONE_PACKAGES[name]?.instead : undefined;
}

function insteadOf(
  of: string,
  { trouble, names }: { readonly trouble: AptTrouble; readonly names: ReadonlySet<string> },
): Instead {
  const known = knownInstead(of);
  if (known !== undefined && names.has(known)) return { of, name: known, kind: 'replaced' };
  // Which of several packages apt's offer is for is not said.
  const offer = trouble.packages.length === 1 ? trouble.offered.find((name) => names.has(name)) : undefined;
  if (offer !== undefined) return { of, name: offer, kind: 'replaced' };
  if (isKnown(of)) return { of, name: undefined, kind: 'replaced' };
  const start = of.slice(0, 3);
  return {
    of,
    name: nearest(
      of,
      [...names].filter((name) => name.startsWith(start)),
    ),
    kind: 'similar',
  };
}

/** One or two letters off, or the same library with another number. Among many thousands, the merely similar is chance. */
function nearest(of: string, names: readonly string[]): string | undefined {
  const others = names.filter((name) => name !== of && name !== '' && Math.abs(name.length - of.length) <= 3);
  const stem = (name: string): string => name.replaceAll(/[\d.]+|t64/g, '');
  const renumbered = others.filter((name) => stem(name) === stem(of) && /\d/.test(of));
  return suggest(of, renumbered) ?? suggest(of, others, 2);
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
