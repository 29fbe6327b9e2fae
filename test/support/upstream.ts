/** The data services of the example platform, in one server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveOnLoopback } from './loopback.ts';
import type { FailingServer } from './loopback.ts';

const ROUTES: Readonly<Record<string, string>> = {
  '/products/noaa-planetary-k-index.json': 'kp.json',
  '/products/solar-wind/plasma-1-day.json': 'solar-wind.json',
  '/NORAD/elements/gp.php': 'orbits.json',
  '/cad.api': 'neo.json',
  '/2.2.0/launch/upcoming/': 'launches.json',
};

export async function startUpstream(bodies: string): Promise<FailingServer> {
  return serveOnLoopback((request, response) => {
    const file = ROUTES[new URL(request.url ?? '/', 'http://upstream').pathname];
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(readFileSync(join(bodies, file)));
  });
}
