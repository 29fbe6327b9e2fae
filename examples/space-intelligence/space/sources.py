"""The data sets: where each comes from, what makes a body acceptable and when it is too old."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Optional

from space import parse

HOUR = 3600
DAY = 24 * HOUR


@dataclass(frozen=True)
class Source:
    """One data set. `base` names the variable through which tests point the pipeline somewhere else."""

    name: str
    title: str
    provider: str
    base: str
    url: str
    parse: Callable[[Any], list]
    min_rows: int
    stale_after: int
    """Seconds since it was fetched."""
    observed_within: Optional[int] = None
    """Series of observations only: an upstream that answers but stands still is stale, too (seconds)."""
    mirror: Optional[str] = None


SOURCES = (
    Source(
        name="kp",
        title="Planetary K-index",
        provider="NOAA SWPC",
        base="SWPC_URL",
        url="https://services.swpc.noaa.gov/products/noaa-planetary-k-index.json",
        parse=parse.parse_kp,
        min_rows=8,
        stale_after=6 * HOUR,
        observed_within=12 * HOUR,
    ),
    Source(
        name="solar-wind",
        title="Solar wind plasma",
        provider="NOAA SWPC",
        base="SWPC_URL",
        url="https://services.swpc.noaa.gov/products/solar-wind/plasma-1-day.json",
        mirror="https://services.swpc.noaa.gov/json/rtsw/rtsw_wind_1m.json",
        parse=parse.parse_solar_wind,
        min_rows=30,
        stale_after=6 * HOUR,
        observed_within=6 * HOUR,
    ),
    Source(
        name="orbits",
        title="Orbital elements",
        provider="CelesTrak",
        base="CELESTRAK_URL",
        url="https://celestrak.org/NORAD/elements/gp.php?GROUP=stations&FORMAT=json",
        parse=parse.parse_orbits,
        min_rows=3,
        stale_after=2 * DAY,
    ),
    Source(
        name="neo",
        title="Near-Earth objects",
        provider="JPL CNEOS",
        base="JPL_URL",
        url="https://ssd-api.jpl.nasa.gov/cad.api?date-min=now&date-max=%2B30&dist-max=0.05&sort=date",
        parse=parse.parse_neo,
        min_rows=1,
        stale_after=2 * DAY,
    ),
    Source(
        name="launches",
        title="Launches",
        provider="Launch Library 2",
        base="LAUNCHES_URL",
        url="https://ll.thespacedevs.com/2.2.0/launch/upcoming/?limit=10",
        parse=parse.parse_launches,
        min_rows=1,
        stale_after=1 * DAY,
    ),
)


def source(name: str) -> Source:
    return next(each for each in SOURCES if each.name == name)
