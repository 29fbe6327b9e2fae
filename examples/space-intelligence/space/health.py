"""
The platform's judgement of itself. Failing: a data set is missing or broken. Degraded: everything is served,
but something is lesser than it should be (old data, last known good, an absent library); `reasons` says what.
"""

from __future__ import annotations

from datetime import datetime
from typing import Mapping

from space.capabilities import losses
from space.data import KIND_TEXT
from space.clock import in_words

STATUS_CODE = {"ok": 200, "degraded": 200, "failing": 503}


def health(data: Mapping, found: Mapping, now: datetime, release: Mapping) -> dict:
    failures, shortfalls = [], []
    for entry in data.values():
        name = entry.source.name
        if not entry.valid:
            failures.append(f"{name}: {entry.error}")
        elif entry.kind == "last-known-good":
            shortfalls.append(f"{name}: last known good, {in_words(entry.age(now) or 0)} old")
        elif entry.stale(now):
            shortfalls.append(f"{name}: {KIND_TEXT[entry.kind]}, but stale")
    shortfalls += [f"without {loss}" for loss in losses(dict(found))]
    return {
        "status": "failing" if failures else "degraded" if shortfalls else "ok",
        "version": release["version"],
        "commit": release["commit"],
        "capabilities": dict(found),
        "data": [entry.report(now) for entry in data.values()],
        "reasons": failures + shortfalls,
    }
