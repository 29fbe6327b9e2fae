// Files that should not be there, and lists of packages that contradict each other.
import type { AuditFiles, Finding } from './finding.ts';
import { finding } from './rules.ts';

export function repositoryRisks(files: AuditFiles): readonly Finding[] {
  return [...files.paths.flatMap((path) => secretFile(files, path)), ...contradictions(files)];
}

const PRIVATE_KEY = /-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----/;
const SAMPLE =
  /(^|[./_-])(example|sample|template|dist|defaults?|test|tests|fixtures?|testdata|spec|docs?|mocks?)([./_-]|$)/i;

function secretFile(files: AuditFiles, path: string): readonly Finding[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (SAMPLE.test(path)) return [];
  const at = { file: path, line: 1, endLine: 1 };
  if (/^\.env(\.[\w-]+)?$/.test(name)) {
    const lines = (files.read(path) ?? '').split('\n');
    const index = lines.findIndex((line) =>
      /^\s*(export\s+)?\w*(SECRET|TOKEN|PASSWORD|PASSWD|KEY|CREDENTIAL|DSN|DATABASE_URL)\w*\s*=\s*["']?[^\s"'$<]{6,}/i.test(
        line,
      ),
    );
    if (index < 0) return [];
    return [
      finding(
        'AU111',
        { file: path, line: index + 1, endLine: index + 1 },
        `\`${path}\` is in the repository with what looks like a secret in it`,
        { fix: 'take it out, put it in .gitignore, and change the secret: history keeps it' },
      ),
    ];
  }
  if (!/^(id_(rsa|dsa|ecdsa|ed25519)|.*\.(pem|key|p12|pfx|jks))$/.test(name)) return [];
  const text = files.read(path);
  const isKey = text === undefined ? /\.(p12|pfx|jks)$/.test(name) : PRIVATE_KEY.test(text);
  if (!isKey) return [];
  return [
    finding('AU111', at, `\`${path}\` is a private key, and in the repository`, {
      fix: 'take it out and change the key: history keeps it',
    }),
  ];
}

interface Pin {
  readonly file: string;
  readonly line: number;
  readonly version: string;
}

/** Two files of one folder that pin one package to different versions, or one that does so twice. */
function contradictions(files: AuditFiles): readonly Finding[] {
  const lists = files.paths.filter((path) => /(^|\/)(requirements[\w.-]*|constraints)\.txt$/.test(path));
  const first = new Map<string, Pin>();
  return lists.flatMap((file) => {
    const folder = file.slice(0, file.lastIndexOf('/') + 1);
    const lines = (files.read(file) ?? '').split('\n');
    return lines.flatMap((text, index): readonly Finding[] => {
      const [, name = '', version = '', marker = ''] =
        /^\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*={2,3}\s*([^\s;#,]+)\s*(;?)/.exec(text) ?? [];
      if (name === '' || marker !== '') return [];
      // PEP 503: runs of "-", "_" and "." are one "-", and case does not count.
      const key = `${folder} ${name.toLowerCase().replaceAll(/[-_.]+/g, '-')}`;
      const before = first.get(key);
      const line = index + 1;
      if (before === undefined) first.set(key, { file, line, version });
      if (before === undefined || before.version === version) return [];
      const message = `${name} is pinned to ${version} here and to ${before.version} in ${before.file}:${before.line}`;
      return [finding('AU109', { file, line, endLine: line }, message)];
    });
  });
}
