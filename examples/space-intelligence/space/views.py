"""What is shown: figures derived from the rows of a data set, for the JSON API and the page alike."""

from __future__ import annotations

from datetime import datetime
from typing import Optional, Sequence

from space import orbits
from space.capabilities import library
from space.clock import iso, parse_time
from space.trend import smooth

LUNAR_DISTANCES_PER_AU = 149597870.7 / 384399
"""By the mean distance of the Moon, as CNEOS counts."""
ALBEDO = 0.14
STORM_NAMES = (
    (5, "G1", "Minor storm"),
    (6, "G2", "Moderate storm"),
    (7, "G3", "Strong storm"),
    (8, "G4", "Severe storm"),
    (9, "G5", "Extreme storm"),
)


def kp_level(kp: float) -> tuple:
    """
    ('G2', 'Moderate storm') by NOAA's scale; below a storm ('', 'Quiet'), ('', 'Unsettled') or ('',
    'Active').
    """
    # 4.67 is written 5- and counts as a storm: NOAA rounds to whole Kp first.
    whole = int(kp + 0.5)
    for limit, scale, name in reversed(STORM_NAMES):
        if whole >= limit:
            return scale, name
    return "", "Active" if whole == 4 else "Unsettled" if whole == 3 else "Quiet"


def kp_view(rows: Sequence[dict]) -> dict:
    week = list(rows)[-56:]
    latest, peak = week[-1], max(week, key=lambda row: row["kp"])
    named = [
        {"time": row["time"], "kp": row["kp"], "scale": kp_level(row["kp"])[0]} for row in (latest, peak)
    ]
    return {
        "rows": week,
        "latest": {**named[0], "name": kp_level(latest["kp"])[1]},
        "peak": {**named[1], "name": kp_level(peak["kp"])[1]},
    }


def solar_wind_view(rows: Sequence[dict]) -> dict:
    day = list(rows)[-1440:]
    latest = next((row for row in reversed(day) if row["speed"] is not None), None)
    # An hour's window where there are readings each minute.
    trend = smooth([row["speed"] for row in day])
    reason = "fewer readings than the hour it is fitted to" if library("numpy") else "numpy is not installed"
    return {"rows": day, "latest": latest, "trend": trend, "trendNote": None if trend else reason}


def orbits_view(rows: Sequence[dict], now: datetime) -> dict:
    moment = orbits.reference_moment(rows, now)
    craft = orbits.describe(rows, moment)
    epochs = [row["epoch"] for row in rows]
    return {
        "moment": iso(moment),
        "carriedToNow": moment == now,
        "newestEpoch": max(epochs),
        "objects": len(rows),
        "craft": craft,
    }


def diameter_m(magnitude: Optional[float]) -> Optional[float]:
    """
    From absolute magnitude, for the albedo that CNEOS takes where none is measured (good to a factor of
    two).
    """
    return None if magnitude is None else 1329e3 / ALBEDO**0.5 * 10 ** (-magnitude / 5)


def neo_view(rows: Sequence[dict], now: datetime) -> dict:
    seen = [
        {
            **row,
            "lunarDistances": round(row["distanceAu"] * LUNAR_DISTANCES_PER_AU, 2),
            "diameterM": None if row["magnitude"] is None else round(diameter_m(row["magnitude"]) or 0),
            "past": parse_time(row["time"]) < now,
        }
        for row in rows
    ]
    ahead = [row for row in seen if not row["past"]]
    return {
        "rows": seen,
        "next": ahead[0] if ahead else None,
        "closest": min(ahead or seen, key=lambda row: row["distanceAu"]),
    }


def launches_view(rows: Sequence[dict], now: datetime) -> dict:
    listed = [{**row, "past": parse_time(row["time"]) < now} for row in rows]
    return {"rows": listed, "next": next((row for row in listed if not row["past"]), None)}
