// What will break, or misleads: packages, files, options and stages that are not there.
import type { Command } from 'unbash';
import { commandWords, plainText } from '#shell/command-words.ts';
import { GONE_PACKAGES, releaseName, type Release } from './apt-packages.ts';
import { textAt, valueAt, type AuditWorkflow } from './audit-steps.ts';
import { commandsIn } from './cannot-fail.ts';
import type { DockerStage } from './docker-stages.ts';
import type { AuditFiles, Finding } from './finding.ts';
import { finding } from './rules.ts';
import type { ShellPiece } from './shell-pieces.ts';

export interface Surroundings {
  readonly files: AuditFiles;
  readonly workflows: readonly AuditWorkflow[];
  readonly stages: readonly DockerStage[];
}

export function commandFindings(piece: ShellPiece, around: Surroundings): readonly Finding[] {
  return commandsIn(piece.shell.tree).flatMap((command) => {
    const words = commandWords(command);
    const place = { piece, command, around };
    switch (words.name) {
      case 'apt-get':
      case 'apt':
      case 'aptitude':
        return aptFindings(place, words.args);
      case 'docker':
      case 'podman':
      case 'buildah':
        return dockerFindings(place, words.args);
      case 'cat':
        return joinedFiles(place, words.args);
      default:
        return missingFile(place, words.name, words.args);
    }
  });
}

interface Place {
  readonly piece: ShellPiece;
  readonly command: Command;
  readonly around: Surroundings;
}

type Words = readonly (string | undefined)[];

function at({ piece, command }: Place): { readonly file: string; readonly line: number; readonly endLine: number } {
  return { file: piece.file, ...piece.lines(command) };
}

function aptFindings(place: Place, args: Words): readonly Finding[] {
  if (!args.includes('install')) return [];
  const releases = releasesOf(place);
  return place.command.args.flatMap((arg): readonly Finding[] => {
    const word = arg.type === 'Word' ? plainText(arg) : undefined;
    const name = word?.replace(/[=/:].*$/, '') ?? '';
    const known = Object.hasOwn(GONE_PACKAGES, name) ? GONE_PACKAGES[name] : undefined;
    const gone = known?.gone.filter((release) => releases.includes(release)) ?? [];
    if (known === undefined || gone.length === 0) return [];
    const { instead } = known;
    const now = instead === undefined ? 'nothing has taken its place' : `it is \`${instead}\` now`;
    const lines = place.piece.lines(arg);
    const offset = place.piece.fileOffset;
    const edit =
      instead !== undefined && offset && word === name && word.length === arg.end - arg.pos
        ? { edit: { pos: offset(arg.pos), end: offset(arg.end), was: name, text: instead } }
        : {};
    const message = `the package \`${name}\` is not in ${gone.map(releaseName).join(' and ')}: ${now}`;
    return [
      finding('AU101', { file: place.piece.file, ...lines }, message, { ...(instead && { fix: instead }), ...edit }),
    ];
  });
}

/** The releases that the script may run on, as far as it is written: a floating name is the newest. */
function releasesOf({ piece, around }: Place): readonly Release[] {
  if (piece.kind === 'dockerfile') {
    const { line } = piece.lines({ pos: 0, end: 1 });
    const stage = around.stages.findLast((each) => each.file === piece.file && each.line <= line);
    return releaseOfImage(stage?.base ?? '');
  }
  const { step } = piece;
  if (step === undefined) return ['debian13', 'ubuntu24.04'];
  const job = around.workflows.find(({ file }) => file === step.file)?.jobs.find(({ key }) => key === step.job);
  const container = job && (textAt(job.node, 'container') ?? textAt(job.node, 'container', 'image'));
  if (container !== undefined) return releaseOfImage(container);
  const labels = job && valueAt(job.node, 'runs-on');
  const label = labels?.kind === 'scalar' ? String(labels.value) : '';
  return /ubuntu-(22|20|18)/.test(label) ? [] : ['ubuntu24.04'];
}

function releaseOfImage(image: string): readonly Release[] {
  if (/bookworm|debian:12/.test(image)) return ['debian12'];
  if (/trixie|debian:13/.test(image)) return ['debian13'];
  if (/ubuntu:(24\.04|noble|latest|rolling)|ubuntu$/.test(image)) return ['ubuntu24.04'];
  if (/bullseye|buster|stretch|alpine|fedora|centos|rocky|alma|ubuntu:|debian:\d|focal|jammy/.test(image)) return [];
  // The official language images are built on Debian, and one without a release in its name moves with it.
  if (
    /^(docker\.io\/)?(library\/)?(python|node|golang|ruby|rust|php|openjdk|perl|gcc|debian|buildpack-deps)(:|$)/.test(
      image,
    )
  )
    return ['debian13'];
  return [];
}

const NO_SUCH_OPTION: readonly {
  readonly words: readonly string[];
  readonly option: RegExp;
  readonly instead: string;
}[] = [
  { words: ['build'], option: /^--dry-run(=|$)/, instead: 'docker build --check' },
  { words: ['buildx', 'build'], option: /^--dry-run(=|$)/, instead: 'docker buildx build --check' },
  { words: ['run'], option: /^--dry-run(=|$)/, instead: 'docker create' },
  { words: ['push'], option: /^--dry-run(=|$)/, instead: 'docker push' },
  { words: ['build'], option: /^--parallel(=|$)/, instead: 'docker compose build --parallel' },
];

function dockerFindings(place: Place, args: Words): readonly Finding[] {
  const [first, second] = args;
  const isBuild =
    first === 'build' || (first === 'buildx' && second === 'build') || (first === 'image' && second === 'build');
  const wrong = NO_SUCH_OPTION.flatMap(({ words, option, instead }) => {
    if (!words.every((word, index) => args[index] === word)) return [];
    const used = args.find((arg) => arg !== undefined && option.test(arg));
    return used === undefined
      ? []
      : [finding('AU105', at(place), `docker ${words.join(' ')} has no option \`${used}\``, { fix: instead })];
  });
  return isBuild ? [...wrong, ...targetFindings(place, args), ...cacheFindings(place, args)] : wrong;
}

function optionValue(args: Words, ...names: readonly string[]): string | undefined {
  for (const [index, arg] of args.entries()) {
    if (arg === undefined) continue;
    if (names.includes(arg)) return args[index + 1];
    const name = names.find((each) => arg.startsWith(`${each}=`));
    if (name !== undefined) return arg.slice(name.length + 1);
  }
  return undefined;
}

function targetFindings(place: Place, args: Words): readonly Finding[] {
  const target = optionValue(args, '--target');
  const path = optionValue(args, '-f', '--file') ?? 'Dockerfile';
  const { folder } = place.piece;
  if (target === undefined || folder === undefined || path.includes('$')) return [];
  const stages = place.around.stages.filter(({ file }) => file === joined(folder, path));
  if (
    stages.length === 0 ||
    stages.some(({ name, index }) => name?.toLowerCase() === target.toLowerCase() || String(index) === target)
  )
    return [];
  const names = stages.flatMap(({ name }) => name ?? []);
  const has = names.length === 0 ? 'no stage with a name' : names.join(', ');
  return [finding('AU104', at(place), `\`--target ${target}\`: ${path} has no such stage; it has ${has}`)];
}

/** The driver of a plain engine exports no cache but the inline one; a builder that `buildx create` makes does. */
function cacheFindings(place: Place, args: Words): readonly Finding[] {
  const cache = optionValue(args, '--cache-to');
  if (cache === undefined || /type=inline/.test(cache)) return [];
  const { step, shell } = place.piece;
  const steps = place.around.workflows.flatMap(({ file, jobs }) =>
    file === step?.file ? jobs.filter(({ key }) => key === step.job).flatMap((job) => job.steps) : [],
  );
  const isSetUp =
    steps.some(({ uses = '' }) => uses.startsWith('docker/setup-buildx-action')) || /buildx\s+create/.test(shell.text);
  if (isSetUp || args.includes('--builder')) return [];
  const message = `\`--cache-to ${cache}\` is refused by the engine's own builder: only one that \`docker buildx create\` makes exports such a cache`;
  return [
    finding('AU106', at(place), message, { fix: 'docker/setup-buildx-action before it, or --cache-to type=inline' }),
  ];
}

/** `cat a.txt b.txt > c.txt`: when `a.txt` does not end its last line, two become one. */
function joinedFiles(place: Place, args: Words): readonly Finding[] {
  const names = args.filter((arg): arg is string => arg !== undefined && !arg.startsWith('-'));
  const isWritten = place.command.redirects.some((each) => each.type === 'Redirect' && /^>>?$/.test(each.operator));
  const { folder } = place.piece;
  if (!isWritten || names.length < 2 || folder === undefined) return [];
  const open = names.slice(0, -1).find((name) => {
    const text = place.around.files.read(joined(folder, name));
    return text !== undefined && text !== '' && !text.endsWith('\n');
  });
  if (open === undefined) return [];
  return [
    finding(
      'AU110',
      at(place),
      `\`${open}\` does not end with a new line, so its last line and the next file's first become one`,
    ),
  ];
}

const INTERPRETERS: Readonly<Record<string, RegExp>> = {
  python: /\.py$/,
  python3: /\.py$/,
  node: /\.[cm]?js$/,
  bash: /\.(sh|bash)$/,
  sh: /\.sh$/,
  ruby: /\.rb$/,
  perl: /\.pl$/,
  php: /\.php$/,
};

function missingFile(place: Place, name: string | undefined, args: Words): readonly Finding[] {
  const { piece, around } = place;
  const { folder, step } = piece;
  if (folder === undefined || piece.kind === 'dockerfile' || step?.file.endsWith('action.yml') || name === undefined)
    return [];
  const wanted = Object.hasOwn(INTERPRETERS, name) ? INTERPRETERS[name] : undefined;
  const own = place.command.name === undefined ? undefined : plainText(place.command.name);
  const script = wanted
    ? args.find((arg) => arg !== undefined && !arg.startsWith('-'))
    : own?.startsWith('./')
      ? own
      : undefined;
  if (script === undefined || (wanted && (!wanted.test(script) || args[0]?.startsWith('-')))) return [];
  if (script.startsWith('/') || script.includes('..') || script.includes('$')) return [];
  // What an earlier command makes or moves into is not known.
  if (
    /(^|[\s;&|])(cd|pushd|git\s+clone|curl|wget|tar|unzip|cp|mv|cat\s*>|tee|touch|make|npm|yarn|pnpm|mvn|gradle|cargo|go)\b/.test(
      piece.shell.text.slice(0, place.command.pos),
    )
  )
    return [];
  const path = joined(folder, script);
  if (around.files.paths.includes(path)) return [];
  if (around.files.paths.length === 0 || !isOwnProject(place)) return [];
  const offered = nearest(path, around.files.paths);
  if (offered === undefined) return [];
  return [finding('AU103', at(place), `there is no file \`${script}\`; there is \`${offered}\``, { fix: offered })];
}

/** Only where the project itself is what the job has checked out. */
function isOwnProject({ piece: { step }, around }: Place): boolean {
  if (step === undefined) return true;
  const job = around.workflows.find(({ file }) => file === step.file)?.jobs.find(({ key }) => key === step.job);
  const checkouts = job?.steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout')) ?? [];
  return !checkouts.some(
    ({ node }) => textAt(node, 'with', 'repository') !== undefined || textAt(node, 'with', 'path') !== undefined,
  );
}

/** The file that was most likely meant: of the same name elsewhere, or of the same kind beside it. */
export function nearest(path: string, paths: readonly string[]): string | undefined {
  const base = path.slice(path.lastIndexOf('/') + 1);
  const folder = path.slice(0, path.length - base.length);
  const same = paths.find((each) => each.slice(each.lastIndexOf('/') + 1) === base);
  if (same !== undefined) return same;
  const ending = base.slice(base.lastIndexOf('.'));
  const siblings = paths.filter(
    (each) => each.startsWith(folder) && !each.slice(folder.length).includes('/') && each.endsWith(ending),
  );
  const entries = ['app', 'main', 'server', 'index', 'manage', 'run', '__main__'].map(
    (name) => `${folder}${name}${ending}`,
  );
  return entries.find((each) => siblings.includes(each)) ?? (siblings.length === 1 ? siblings[0] : undefined);
}

function joined(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
