import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { ServerResponse } from 'node:http';
import { createProxyServer } from 'httpxy';
import { RELEASE_HEADER } from './protocol.ts';
import type { Route } from './supervisor.ts';

/**
 * The public side: hands every request and WebSocket to the release that is live at that moment. A connection of
 * its own for each: a kept one could be closed by the release just as a request is written to it.
 */
export function createRouter(route: () => Route | string, log: (line: string) => void): Server {
  const proxy = createProxyServer({ agent: false, xfwd: true });
  proxy.on('error', (error, _request, response) => {
    log(`routing: ${error.message}`);
    if (response instanceof ServerResponse) sendText(response, 502, 'The live release did not answer.');
    else response?.destroy();
  });
  const server = createServer((request, response) => {
    const to = route();
    if (typeof to === 'string') return sendText(response, 503, to);
    response.once('close', to.enter());
    response.setHeader(RELEASE_HEADER, to.version);
    proxy.web(request, response, { target: target(to) }).catch(() => undefined);
  });
  server.on('upgrade', (request, duplex, head) => {
    const to = route();
    if (typeof to === 'string') {
      duplex.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    duplex.once('close', to.enter());
    proxy.ws(request, request.socket, { target: target(to) }, head).catch(() => duplex.destroy());
  });
  // An upload may take longer than Node's default of five minutes; the release decides.
  server.requestTimeout = 0;
  return server;
}

function target(to: Route): string {
  return `http://127.0.0.1:${to.port}`;
}

function sendText(response: ServerResponse, status: number, sentence: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1' });
  response.end(`${sentence}\n`);
}
