/** A package index of its own (PEP 503) over a folder of wheels. Its address for pip is `<origin>/simple`. */
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { serveOnLoopback } from './loopback.ts';
import type { FailingServer } from './loopback.ts';

export async function startPackageIndex(wheels: string): Promise<FailingServer> {
  const names = readdirSync(wheels);
  return serveOnLoopback((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://index').pathname);
    const [, kind, name = ''] = path.split('/');
    if (kind === 'files' && names.includes(name)) {
      createReadStream(join(wheels, name)).pipe(response);
      return;
    }
    const matching = names.filter((file) => normalised(file.split('-')[0] ?? '') === normalised(name));
    if (kind !== 'simple' || matching.length === 0) {
      response.writeHead(404).end();
      return;
    }
    const links = matching.map((file) => `<a href="/files/${encodeURIComponent(file)}">${file}</a>`).join('\n');
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!DOCTYPE html><html><body>${links}</body></html>`);
  });
}

/** PEP 503: runs of `-`, `_` and `.` are one dash. */
function normalised(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}
