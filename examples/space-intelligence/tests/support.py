"""
What the tests share: a fixed moment, sample bodies of every upstream, a data directory, and a real server.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
import unittest
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Iterator, Optional
from wsgiref.simple_server import make_server

from space.clock import parse_time
from space.serve import QuietHandler, ThreadingWSGIServer
from space.sources import source
from space.web import Application
from tools import make_snapshots

ROOT = Path(__file__).resolve().parent.parent
NOW = parse_time("2026-11-20T12:10:00Z")
MADE = NOW - timedelta(minutes=10)


def body(name: str) -> Any:
    """A good upstream body, decoded; every call returns a new one to be broken at will."""
    return json.loads(make_snapshots.body(name, MADE))


def parse(name: str, value: Any) -> list:
    return source(name).parse(value)


class FolderCase(unittest.TestCase):
    """A test with a data directory that holds fresh data from the primary upstream."""

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="space-data-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        make_snapshots.write(self.folder, MADE, "primary")

    def deliver(self, name: str, text: str, **meta: Any) -> None:
        (self.folder / f"{name}.json").write_text(text, encoding="utf-8")
        known = {"name": name, "source": "primary", "fetchedAt": "2026-11-20T12:00:00Z", **meta}
        (self.folder / f"{name}.meta.json").write_text(json.dumps(known), encoding="utf-8")

    def drop(self, name: str) -> None:
        (self.folder / f"{name}.json").unlink()
        (self.folder / f"{name}.meta.json").unlink()

    def app(self, **options: Any) -> Application:
        return Application(
            self.folder, **{"version": "1.4.2", "commit": "3f2a91c", "clock": lambda: NOW, **options}
        )


@contextmanager
def serving(app: Application) -> Iterator[str]:
    """The address of a server on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, server_class=ThreadingWSGIServer, handler_class=QuietHandler)
    worker = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    worker.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        worker.join()


def fetch(url: str, method: str = "GET") -> tuple:
    """(status, headers, body) without proxies and without raising for 4xx and 5xx."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, method=method)
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


@contextmanager
def without(libraries: str) -> Iterator[None]:
    """As if the libraries (a comma list) were not installed."""
    before: Optional[str] = os.environ.get("SPACE_WITHOUT")
    os.environ["SPACE_WITHOUT"] = libraries
    try:
        yield
    finally:
        if before is None:
            del os.environ["SPACE_WITHOUT"]
        else:
            os.environ["SPACE_WITHOUT"] = before
