"""Times: upstreams write them in five ways, the application knows one (aware UTC datetimes)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

MONTHS = {
    name: index
    for index, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)
}
_ISO = re.compile(
    r"^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d\d:?\d\d)?$"
)
_JPL = re.compile(r"^(\d{4})-([A-Z][a-z]{2})-(\d\d) (\d\d):(\d\d)$")


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


def parse_time(text: object) -> datetime:
    """
    ISO 8601 with or without zone (none means UTC, as NOAA and CelesTrak write it) or JPL's 2026-Nov-21
    04:17.
    """
    if not isinstance(text, str):
        raise ValueError(f"not a time: {text!r}")
    jpl = _JPL.match(text)
    if jpl and jpl.group(2) in MONTHS:
        year, month, day, hour, minute = jpl.groups()
        return datetime(int(year), MONTHS[month], int(day), int(hour), int(minute), tzinfo=timezone.utc)
    iso = _ISO.match(text)
    if not iso:
        raise ValueError(f"not a time: {text!r}")
    year, month, day, hour, minute, second, fraction, zone = iso.groups()
    micro = int(((fraction or "0") + "000000")[:6])
    moment = datetime(
        int(year), int(month), int(day), int(hour), int(minute), int(second or 0), micro, timezone.utc
    )
    if zone and zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        offset = timedelta(hours=hours, minutes=minutes)
        moment += offset if zone[0] == "-" else -offset
    return moment


def iso(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(moment: datetime) -> str:
    """'21 Nov', without a leading zero (strftime has no portable way)."""
    return f"{moment.day} {moment:%b}"


def in_words(seconds: float) -> str:
    """A length of time in its largest sensible unit: '3 days', '1 hour', 'under a minute'."""
    seconds = abs(seconds)
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        # Two days and more are told in days, 26 hours are still hours.
        if seconds >= size * (2 if unit == "day" else 1):
            count = int(seconds // size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "under a minute"


def ago(seconds: float) -> str:
    return "just now" if 0 <= seconds < 60 else f"{in_words(seconds)} {'ago' if seconds >= 0 else 'ahead'}"
