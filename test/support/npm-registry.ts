/** A registry of its own for npm, over packages that are made of one file each. Its address is `<origin>/`. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveOnLoopback } from './loopback.ts';
import type { FailingServer } from './loopback.ts';

export interface RegistryPackage {
  readonly name: string;
  readonly version: string;
  /** Of its `index.js`. */
  readonly code: string;
}

/** `folder`: an empty one, for the archives. */
export async function startNpmRegistry(folder: string, packages: readonly RegistryPackage[]): Promise<FailingServer> {
  const archives = new Map(packages.map((each) => [each.name, archive(folder, each)]));
  return serveOnLoopback((request, response) => {
    const [, name = '', rest] = new URL(request.url ?? '/', 'http://registry').pathname.split('/');
    const found = packages.find((each) => each.name === name);
    const bytes = archives.get(name);
    if (!found || !bytes) {
      response.writeHead(404).end('{}');
      return;
    }
    if (rest === '-') {
      response.end(bytes);
      return;
    }
    const { version } = found;
    const tarball = `http://${request.headers.host}/${name}/-/${name}-${version}.tgz`;
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    const manifest = { name, version, dist: { tarball, integrity } };
    const packument = { name, 'dist-tags': { latest: version }, versions: { [version]: manifest } };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(packument));
  });
}

function archive(folder: string, { name, version, code }: RegistryPackage): Buffer {
  const root = join(folder, name);
  mkdirSync(join(root, 'package'), { recursive: true });
  writeFileSync(join(root, 'package/package.json'), JSON.stringify({ name, version, main: 'index.js' }));
  writeFileSync(join(root, 'package/index.js'), code);
  execFileSync('tar', ['-C', root, '-czf', join(root, 'package.tgz'), 'package']);
  return readFileSync(join(root, 'package.tgz'));
}
