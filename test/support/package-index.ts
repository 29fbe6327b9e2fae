/** A package index of its own (PEP 503) over a folder of wheels; it can be told to fail. */
import { createReadStream, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface PackageIndex extends AsyncDisposable {
  /** For PIP_INDEX_URL. */
  readonly url: string;
  isDown: boolean;
}

export async function startPackageIndex(wheels: string): Promise<PackageIndex> {
  const names = readdirSync(wheels);
  const state = { isDown: false };
  const server = createServer((request, response): void => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://index').pathname);
    const [, kind, name = ''] = path.split('/');
    if (state.isDown) {
      response.writeHead(503).end('down for maintenance');
      return;
    }
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = address(server.address());
  return {
    url: `http://127.0.0.1:${port}/simple`,
    get isDown() {
      return state.isDown;
    },
    set isDown(value) {
      state.isDown = value;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** PEP 503: runs of `-`, `_` and `.` are one dash. */
function normalised(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

export function address(given: string | AddressInfo | null): AddressInfo {
  if (given === null || typeof given === 'string') throw new Error('the server does not listen on a port');
  return given;
}
