"""
The application as WSGI, the same for waitress and the standard library's server. Every request reads the data
directory as it is now; nothing here touches the network.
"""

from __future__ import annotations

import json
import platform
import sys
import threading
import time
import traceback
from datetime import datetime
from pathlib import Path
from typing import Any, Callable, Iterable, Mapping, Optional

from space import sun, views
from space.capabilities import capabilities
from space.clock import iso, utc_now
from space.data import SNAPSHOTS, Library
from space.health import STATUS_CODE, health
from space.page import render, revision, script_policy
from space.sources import SOURCES

REASONS = {
    200: "OK",
    304: "Not Modified",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
VIEWS: Mapping[str, Callable[[list, datetime], dict]] = {
    "kp": lambda rows, now: views.kp_view(rows),
    "solar-wind": lambda rows, now: views.solar_wind_view(rows),
    "orbits": views.orbits_view,
    "neo": views.neo_view,
    "launches": views.launches_view,
}
HIDDEN = {"orbits": lambda view: {**view, "craft": views.orbits.public(view["craft"])}}


class Application:
    """`clock` is a parameter so that tests can say what time it is."""

    def __init__(
        self,
        folder: Optional[Path],
        version: str = "0.0.0-dev",
        commit: str = "unknown",
        snapshots: Optional[Path] = SNAPSHOTS,
        clock: Callable[[], datetime] = utc_now,
        picture: Path = sun.PICTURE,
        log: bool = False,
    ) -> None:
        self.library = Library(folder, snapshots)
        self.release = {"version": version, "commit": commit}
        self.clock, self.picture, self.log = clock, picture, log
        self.found = capabilities()
        self.started = clock()
        self.server = "unknown"
        self._sun: Optional[dict] = None
        self._sun_lock = threading.Lock()

    def __call__(self, environ: Mapping, start_response: Callable) -> Iterable[bytes]:
        began = time.monotonic()
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")
        try:
            status, headers, body = self._answer(method, path)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            status, headers, body = _json(500, {"error": "internal error"})
        headers = [
            *headers,
            ("Content-Length", str(len(body))),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
        ]
        start_response(f"{status} {REASONS[status]}", headers)
        if self.log:
            spent = round((time.monotonic() - began) * 1000)
            print(f"{iso(utc_now())} {method} {path!r} {status} {spent}ms", flush=True)
        return [b"" if method == "HEAD" else body]

    def _answer(self, method: str, path: str) -> tuple:
        if method not in ("GET", "HEAD"):
            status, headers, body = _json(405, {"error": "only GET and HEAD"})
            return status, [*headers, ("Allow", "GET, HEAD")], body
        if path == "/":
            return _page(render(self.model()))
        if path == "/health":
            state = self.health()
            return _json(STATUS_CODE[state["status"]], state)
        if path == "/version":
            return _json(200, self.release)
        if path == "/api/status":
            return _json(200, self.status())
        if path == "/api/sun":
            return _json(200, self.sun())
        if path == "/assets/sun.png":
            return (
                200,
                [("Content-Type", "image/png"), ("Cache-Control", "max-age=3600")],
                self.picture.read_bytes(),
            )
        if path.startswith("/api/") and path[5:] in VIEWS:
            return self._data(path[5:])
        return _json(404, {"error": "no such page", "path": path})

    def _data(self, name: str) -> tuple:
        now, entry = self.clock(), self.library.get(views_source(name))
        report = entry.report(now)
        if not entry.rows:
            return _json(503, {"data": report})
        view = VIEWS[name](entry.rows, now)
        return _json(200, {"data": report, **HIDDEN.get(name, dict)(view)})

    def health(self) -> dict:
        return health(self.library.all(), self.found, self.clock(), self.release)

    def status(self) -> dict:
        """Health, with what is running."""
        now = self.clock()
        data = self.library.all()
        state = health(data, self.found, now, self.release)
        known = {"data": data, "health": state, "release": self.release}
        return {
            **state,
            "now": iso(now),
            "startedAt": iso(self.started),
            "uptimeSeconds": max(0, int((now - self.started).total_seconds())),
            "server": self.server,
            "python": platform.python_version(),
            "revision": revision(known),
        }

    def sun(self) -> dict:
        """The analysis of the picture, made once: the picture is part of the release."""
        with self._sun_lock:
            if self._sun is None:
                try:
                    self._sun = sun.analyse(self.picture)
                except (sun.SunError, OSError) as error:
                    self._sun = {
                        "available": False,
                        "note": f"The picture could not be analysed: {error}",
                        "regions": [],
                    }
            return self._sun

    def model(self) -> dict:
        now, data = self.clock(), self.library.all()
        return {
            "now": now,
            "data": data,
            "found": self.found,
            "release": self.release,
            "sun": self.sun(),
            "health": health(data, self.found, now, self.release),
            "views": {name: VIEWS[name](entry.rows, now) for name, entry in data.items() if entry.rows},
        }


def views_source(name: str) -> Any:
    return next(each for each in SOURCES if each.name == name)


def _json(status: int, value: Any) -> tuple:
    body = (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8")
    return status, [("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store")], body


def _page(html: str) -> tuple:
    return (
        200,
        [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", script_policy()),
        ],
        html.encode("utf-8"),
    )
