// Dockerfiles: what will not start, and habits that cost safety, size or time.
import type { DockerInstruction, DockerStage } from './docker-stages.ts';
import type { AuditFiles, Finding } from './finding.ts';
import { finding } from './rules.ts';
import { nearest } from './will-break.ts';

export function imageFindings(files: AuditFiles, stages: readonly DockerStage[]): readonly Finding[] {
  const dockerfiles = [...new Set(stages.map((stage) => stage.file))];
  return dockerfiles.flatMap((file) => {
    const own = stages.filter((stage) => stage.file === file);
    const last = own.at(-1);
    if (last === undefined) return [];
    return [
      ...own.flatMap((stage) => [...baseFindings(stage, own), ...copyOrder(stage), ...aptLists(stage)]),
      ...startFile(files, last, own),
      ...userFindings(last, own),
      ...healthFindings(last, own),
      ...buildTools(last),
      ...contextFindings(files, own),
    ];
  });
}

/** The stage and those that it is built on, the nearest first. */
function lineage(stage: DockerStage, all: readonly DockerStage[]): readonly DockerStage[] {
  const base = all.find((each) => each.index < stage.index && each.name?.toLowerCase() === stage.base.toLowerCase());
  return base ? [stage, ...lineage(base, all)] : [stage];
}

function place(
  { file }: DockerStage,
  { line, endLine }: Pick<DockerInstruction, 'line' | 'endLine'>,
): { file: string; line: number; endLine: number } {
  return { file, line, endLine };
}

function baseFindings(stage: DockerStage, all: readonly DockerStage[]): readonly Finding[] {
  const { base } = stage;
  if (
    base === 'scratch' ||
    base.includes('$') ||
    base.includes('@sha256:') ||
    all.some(({ name }) => name?.toLowerCase() === base.toLowerCase())
  )
    return [];
  const tag = base.slice(base.lastIndexOf('/') + 1).split(':')[1];
  if (tag !== undefined && tag !== 'latest') return [];
  const message = `the base \`${base}\` is another image tomorrow: ${tag === undefined ? 'it has no tag' : 'its tag is latest'}`;
  return [finding('AU206', place(stage, stage), message)];
}

const SOURCES = /^(\.|\.\/)\s+\S+$/;
const INSTALLS =
  /\b(pip3?\s+install|poetry\s+install|uv\s+(sync|pip)|npm\s+(ci|install|i)\b|yarn(\s+install)?\b|pnpm\s+(install|i)\b|bundle\s+install|go\s+mod\s+download|composer\s+install|cargo\s+(fetch|build))/;

function copyOrder(stage: DockerStage): readonly Finding[] {
  const copy = stage.instructions.findIndex(
    ({ keyword, text }) =>
      (keyword === 'COPY' || keyword === 'ADD') &&
      !text.includes('--from') &&
      SOURCES.test(text.replaceAll(/--\S+\s+/g, '')),
  );
  const install = stage.instructions.find(
    ({ keyword, text }, index) =>
      index > copy &&
      keyword === 'RUN' &&
      INSTALLS.test(text) &&
      !/pip3?\s+install\s+(--[\w-]+\s+)*(-e\s+)?\.(\s|$)/.test(text),
  );
  const before = stage.instructions
    .slice(0, Math.max(0, copy))
    .some(({ keyword, text }) => keyword === 'RUN' && INSTALLS.test(text));
  const found = stage.instructions[copy];
  if (copy < 0 || found === undefined || install === undefined || before) return [];
  return [
    finding(
      'AU203',
      place(stage, found),
      `every change of a file installs all dependencies again: \`${found.keyword} ${found.text}\` stands before line ${install.line}`,
    ),
  ];
}

function aptLists(stage: DockerStage): readonly Finding[] {
  return stage.instructions.flatMap((each) => {
    if (each.keyword !== 'RUN' || !/\bapt(-get)?\s+(-\S+\s+)*install\b/.test(each.text)) return [];
    if (/rm\s+-\w*r\w*\s+[^&|;]*\/var\/lib\/apt|--mount=type=cache/.test(each.text)) return [];
    return [
      finding(
        'AU205',
        place(stage, each),
        'the package lists stay in the layer: nothing takes them away in the same RUN',
        { fix: '&& rm -rf /var/lib/apt/lists/*' },
      ),
    ];
  });
}

/** `CMD ["python", "main.py"]` where the project has no such file, and COPY brings the project's files. */
function startFile(files: AuditFiles, stage: DockerStage, all: readonly DockerStage[]): readonly Finding[] {
  const instructions = lineage(stage, all)
    .toReversed()
    .flatMap((each) => each.instructions);
  const context = stage.file.includes('/') ? stage.file.slice(0, stage.file.lastIndexOf('/') + 1) : '';
  const isCopied = instructions.some(
    ({ keyword, text }) =>
      keyword === 'COPY' && !text.includes('--from') && SOURCES.test(text.replaceAll(/--\S+\s+/g, '')),
  );
  if (!isCopied) return [];
  return stage.instructions.flatMap((each): readonly Finding[] => {
    if (each.keyword !== 'CMD' && each.keyword !== 'ENTRYPOINT') return [];
    const words = [...each.text.matchAll(/"((?:[^"\\]|\\.)*)"|[^\s",[\]]+/g)].map(([whole, quoted]) => quoted ?? whole);
    const named = words.find((word) => /^[\w./-]+\.(py|js|mjs|cjs|ts|sh|rb|php|pl)$/.test(word));
    if (named === undefined || (named.startsWith('/') && !named.startsWith('/app/'))) return [];
    const relative = named.replace(/^\/app\/|^\.\//, '');
    const isMade = instructions.some(
      ({ keyword, text }) => keyword !== 'CMD' && keyword !== 'ENTRYPOINT' && text.includes(relative),
    );
    if (files.paths.includes(`${context}${relative}`) || files.paths.includes(relative) || isMade) return [];
    const offered = nearest(`${context}${relative}`, files.paths);
    const there = offered === undefined ? '' : `; there is \`${offered.slice(context.length)}\``;
    return [
      finding(
        'AU102',
        place(stage, each),
        `the container starts \`${named}\`, which is not in the project${there}`,
        offered === undefined ? {} : { fix: each.text.replace(named, offered.slice(context.length)) },
      ),
    ];
  });
}

function userFindings(stage: DockerStage, all: readonly DockerStage[]): readonly Finding[] {
  const line = lineage(stage, all);
  const user = line.flatMap((each) => each.instructions.filter(({ keyword }) => keyword === 'USER').toReversed())[0];
  const base = line.at(-1)?.base ?? '';
  if (user ? !/^(root|0)(:|$)/.test(user.text) : /nonroot|distroless.*nonroot|scratch/.test(base)) return [];
  return [
    finding(
      'AU201',
      place(stage, user ?? stage),
      user ? `the container runs as \`${user.text}\`` : 'the container runs as root: there is no USER',
    ),
  ];
}

function healthFindings(stage: DockerStage, all: readonly DockerStage[]): readonly Finding[] {
  const instructions = lineage(stage, all).flatMap((each) => each.instructions);
  const health = instructions.find(({ keyword }) => keyword === 'HEALTHCHECK');
  const isService = instructions.some(({ keyword }) => keyword === 'EXPOSE');
  if (!isService || (health && !/^none$/i.test(health.text))) return [];
  return [
    finding('AU202', place(stage, stage), 'nothing says whether the service in it is well: there is no HEALTHCHECK'),
  ];
}

const TOOLS =
  /^(build-essential|gcc|g\+\+|make|cmake|python3?-dev|python3\.\d+-dev|[\w.+-]+-dev|git|clang|autoconf|automake|libtool|pkg-config|cargo|rustc|golang(-go)?)$/;

function buildTools(stage: DockerStage): readonly Finding[] {
  const run = stage.instructions.filter(
    ({ keyword, text }) =>
      keyword === 'RUN' &&
      /\bapt(-get)?\s+(-\S+\s+)*install\b/.test(text) &&
      !/\b(purge|autoremove|remove)\b/.test(text),
  );
  return run.flatMap((each) => {
    const found = each.text.split(/[\s;&]+/).filter((word) => TOOLS.test(word));
    if (found.length === 0) return [];
    return [
      finding('AU207', place(stage, each), `the last image keeps what only the build needs: ${found.join(', ')}`, {
        fix: 'install them in an earlier stage, and COPY --from it what they made',
      }),
    ];
  });
}

function contextFindings(files: AuditFiles, stages: readonly DockerStage[]): readonly Finding[] {
  const [first] = stages;
  const copy = stages
    .flatMap((stage) => stage.instructions.map((each) => ({ stage, each })))
    .find(
      ({ each }) =>
        ['COPY', 'ADD'].includes(each.keyword) &&
        !each.text.includes('--from') &&
        SOURCES.test(each.text.replaceAll(/--\S+\s+/g, '')),
    );
  if (first === undefined || copy === undefined) return [];
  const folder = first.file.includes('/') ? first.file.slice(0, first.file.lastIndexOf('/') + 1) : '';
  const ignore = [`${first.file}.dockerignore`, `${folder}.dockerignore`, '.dockerignore'].find(
    (path) => files.read(path) !== undefined,
  );
  const at = place(copy.stage, copy.each);
  if (ignore === undefined)
    return [
      finding(
        'AU204',
        at,
        `\`${copy.each.keyword} ${copy.each.text}\` takes all that lies in the folder, .git and .env too: there is no .dockerignore`,
      ),
    ];
  const patterns = (files.read(ignore) ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const isOut = (...names: readonly string[]): boolean =>
    patterns.some(
      (pattern) => pattern === '*' || names.includes(pattern.replace(/^(\*\*\/|\/)+/, '').replace(/\/(\*\*)?$/, '')),
    );
  const open = [
    isOut('.git', '.*', '.git*') ? '' : '.git',
    isOut('.env', '.env*', '*.env', '.*', '.env.*') ? '' : '.env',
  ].filter((name) => name !== '');
  if (open.length === 0) return [];
  return [
    finding(
      'AU204',
      at,
      `\`${copy.each.keyword} ${copy.each.text}\` takes ${open.join(' and ')} too, where they are: ${ignore} does not leave them out`,
      { fix: open.join('\n') },
    ),
  ];
}
