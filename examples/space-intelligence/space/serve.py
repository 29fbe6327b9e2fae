"""
Serving a WSGI application until SIGTERM or SIGINT: waitress when it is there, else the standard library's
server, one thread for each request. Both bind first and say where they listen, so port 0 works.
"""

from __future__ import annotations

import signal
import threading
from socketserver import ThreadingMixIn
from typing import Any, Callable
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from space.capabilities import library


class ThreadingWSGIServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    """The application writes its own access log; a client that hangs must not hold a thread for ever."""

    timeout = 30

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _stop(signum: int, frame: Any) -> None:
    raise SystemExit(0)


def serve(app: Any, host: str, port: int, ready: Callable[[str, int], None]) -> None:
    """Blocks until a signal. `ready` is called with the name of the server and the bound port."""
    waitress = library("waitress")
    if waitress is not None:
        server = waitress.create_server(app, host=host, port=port, threads=4, ident=None)
        app.server = "waitress"
        bound = getattr(server, "effective_port", None) or server.effective_listen[0][1]
        signal.signal(signal.SIGTERM, _stop)
        ready("waitress", int(bound))
        # waitress ends its loop on SystemExit, lets running requests finish, and returns.
        server.run()
        server.close()
        return
    server = make_server(host, port, app, server_class=ThreadingWSGIServer, handler_class=QuietHandler)
    app.server = "standard library"
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda signum, frame: done.set())
    worker = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    worker.start()
    ready("standard library", int(server.server_port))
    done.wait()
    server.shutdown()
    server.server_close()
