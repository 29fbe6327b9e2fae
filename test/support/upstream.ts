/** The data services of the example platform, in one server that can be told to fail. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { address } from './package-index.ts';

export interface Upstream extends AsyncDisposable {
  readonly url: string;
  isDown: boolean;
}

const ROUTES: Readonly<Record<string, string>> = {
  '/products/noaa-planetary-k-index.json': 'kp.json',
  '/products/solar-wind/plasma-1-day.json': 'solar-wind.json',
  '/NORAD/elements/gp.php': 'orbits.json',
  '/cad.api': 'neo.json',
  '/2.2.0/launch/upcoming/': 'launches.json',
};

export async function startUpstream(bodies: string): Promise<Upstream> {
  const state = { isDown: false };
  const server = createServer((request, response): void => {
    const file = ROUTES[new URL(request.url ?? '/', 'http://upstream').pathname];
    if (state.isDown) {
      response.writeHead(503).end('down for maintenance');
      return;
    }
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(readFileSync(join(bodies, file)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = address(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
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
