"""
The data directory: DIR/<name>.json is the upstream body as it came, DIR/<name>.meta.json tells where it came
from. What is not in the directory is read from snapshots/, the last known good that travels with the code.

    python -m space.data validate DIR [--no-snapshots]
    python -m space.data sources
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Optional

from space.clock import ago, iso, parse_time, utc_now
from space.parse import DataError, newest_time
from space.sources import SOURCES, Source

SNAPSHOTS = Path(__file__).resolve().parent.parent / "snapshots"
KINDS = ("primary", "mirror", "last-known-good")
KIND_TEXT = {
    "primary": "live",
    "mirror": "from the mirror",
    "last-known-good": "last known good",
    "unknown": "origin unknown",
    "missing": "missing",
}


@dataclass(frozen=True)
class DataSet:
    """
    One data set as it stands. `valid` speaks of the data that was delivered; when that is broken, `rows`
    are those of the snapshot (if any), so that the page has something to show while /health says what is
    wrong.
    """

    source: Source
    rows: list
    kind: str
    fetched_at: Optional[datetime]
    valid: bool
    error: Optional[str] = None

    def age(self, now: datetime) -> Optional[int]:
        """Seconds since the data was fetched."""
        return None if self.fetched_at is None else max(0, int((now - self.fetched_at).total_seconds()))

    def stale(self, now: datetime) -> bool:
        age = self.age(now)
        if age is None or age > self.source.stale_after:
            return True
        if self.source.observed_within is None or not self.rows:
            return False
        quiet = (now - parse_time(newest_time(self.rows))).total_seconds()
        return quiet > self.source.observed_within

    def as_of(self, now: datetime) -> str:
        """For people: 'as of 3 days ago · last known good'."""
        age = self.age(now)
        when = "of unknown age" if age is None else f"as of {ago(age)}"
        return f"{when} · {KIND_TEXT[self.kind]}"

    def report(self, now: datetime) -> dict:
        entry = {
            "name": self.source.name,
            "rows": len(self.rows),
            "ageSeconds": self.age(now),
            "stale": self.stale(now),
            "source": self.kind,
            "valid": self.valid,
            "fetchedAt": iso(self.fetched_at) if self.fetched_at else None,
        }
        return {**entry, "error": self.error} if self.error else entry


def read_body(source: Source, text: str) -> list:
    """The rows of an upstream body, or DataError."""
    try:
        body = json.loads(text)
    except ValueError as error:
        raise DataError(f"not JSON: {error}") from None
    rows = source.parse(body)
    if len(rows) < source.min_rows:
        raise DataError(f"{len(rows)} rows, at least {source.min_rows} expected")
    return rows


def _read_meta(path: Path) -> dict:
    try:
        meta = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        raise DataError(f"{path.name} is not JSON") from None
    if not isinstance(meta, dict):
        raise DataError(f"{path.name} is not an object")
    return meta


def _load_from(source: Source, folder: Path) -> Optional[DataSet]:
    """The data set of one folder; None when the folder has none."""
    path = folder / f"{source.name}.json"
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        return DataSet(source, [], "unknown", None, False, f"cannot be read: {error.strerror}")
    fetched_at, kind = None, "unknown"
    try:
        meta = _read_meta(folder / f"{source.name}.meta.json")
        kind = meta["source"] if meta.get("source") in KINDS else "unknown"
        fetched_at = (
            parse_time(meta["fetchedAt"])
            if "fetchedAt" in meta
            else datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
        )
        promised = meta.get("sha256")
        if promised and promised.lower() != hashlib.sha256(raw).hexdigest():
            raise DataError("sha256 differs from the one in its meta file")
        rows = read_body(source, raw.decode("utf-8"))
    except (DataError, ValueError) as error:
        return DataSet(source, [], kind, fetched_at, False, str(error))
    return DataSet(source, rows, kind, fetched_at, True)


def load(source: Source, folder: Optional[Path], snapshots: Optional[Path] = SNAPSHOTS) -> DataSet:
    delivered = _load_from(source, folder) if folder else None
    if delivered and delivered.valid:
        return delivered
    kept = _load_from(source, snapshots) if snapshots else None
    if delivered is None:
        return kept or DataSet(source, [], "missing", None, False, "no data delivered and no snapshot")
    if kept and kept.valid:
        return DataSet(source, kept.rows, "last-known-good", kept.fetched_at, False, delivered.error)
    return delivered


class Library:
    """
    All data sets of a directory. Files are read again when they change, so a new delivery needs no
    restart.
    """

    def __init__(self, folder: Optional[Path], snapshots: Optional[Path] = SNAPSHOTS) -> None:
        self.folder = folder
        self.snapshots = snapshots
        self._kept: dict = {}

    def _stamp(self, name: str) -> tuple:
        stamps = []
        for folder in (self.folder, self.snapshots):
            for suffix in (".json", ".meta.json"):
                try:
                    stat = (folder / (name + suffix)).stat() if folder else None
                except OSError:
                    stat = None
                stamps.append((stat.st_mtime_ns, stat.st_size, stat.st_ino) if stat else None)
        return tuple(stamps)

    def get(self, source: Source) -> DataSet:
        stamp = self._stamp(source.name)
        kept = self._kept.get(source.name)
        if kept is None or kept[0] != stamp:
            kept = (stamp, load(source, self.folder, self.snapshots))
            self._kept[source.name] = kept
        return kept[1]

    def all(self) -> dict:
        return {source.name: self.get(source) for source in SOURCES}


def validate(folder: Path, snapshots: Optional[Path], now: datetime) -> int:
    """One line for each data set; the number of those that are invalid."""
    broken = 0
    for source in SOURCES:
        data = load(source, folder, snapshots)
        broken += not data.valid
        word = "invalid" if not data.valid else "stale" if data.stale(now) else "ok"
        tail = f"  {data.error}" if data.error else ""
        print(f"{word:<8}{source.name:<12}{len(data.rows):>6} rows  {data.as_of(now)}{tail}")
    return broken


def main(arguments: Optional[list] = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m space.data", description="Checks the delivered data sets."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("validate", help="exit code 1 when a data set is invalid")
    check.add_argument("folder", type=Path)
    check.add_argument("--no-snapshots", action="store_true", help="a set that was not delivered is invalid")
    commands.add_parser("sources", help="prints the data sets and their limits as JSON")
    options = parser.parse_args(arguments)
    if options.command == "sources":
        print(
            json.dumps(
                [
                    {
                        "name": s.name,
                        "title": s.title,
                        "base": s.base,
                        "url": s.url,
                        "mirror": s.mirror,
                        "minRows": s.min_rows,
                        "staleAfterSeconds": s.stale_after,
                    }
                    for s in SOURCES
                ],
                indent=2,
            )
        )
        return 0
    return 1 if validate(options.folder, None if options.no_snapshots else SNAPSHOTS, utc_now()) else 0


if __name__ == "__main__":
    sys.exit(main())
