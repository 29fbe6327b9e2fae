/** A server on loopback that can be told to fail, and stops with its test. */
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';

export interface FailingServer extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly origin: string;
  /** While it is down, every request is answered with 503. */
  isDown: boolean;
}

export async function serveOnLoopback(answer: RequestListener): Promise<FailingServer> {
  const server = createServer((request, response) => {
    if (running.isDown) response.writeHead(503).end('down for maintenance');
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  const running: FailingServer = {
    origin: `http://127.0.0.1:${address.port}`,
    isDown: false,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return running;
}
