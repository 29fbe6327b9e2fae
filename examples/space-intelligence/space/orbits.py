"""
Orbits from mean elements: period, height, and the point on the ground below. Two-body motion with the drift
of node and perigee that Earth's flattening (J2) causes; no drag, so good to a few kilometres near the epoch
and worse by the day after it. The page says how old the elements are. All angles in degrees, lengths in km,
times in UTC.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from typing import Mapping, NamedTuple, Sequence

from space.clock import parse_time

MU = 398600.4418
"""Earth's gravitational parameter, km³/s² (WGS 84)."""
EARTH_RADIUS = 6378.137
FLATTENING = 1 / 298.257223563
J2 = 1.08262668e-3
J2000 = datetime(2000, 1, 1, 12, tzinfo=timezone.utc)
TRUST_DAYS = 7
"""
Elements older than this are not carried forward to now: drag moves a low orbit too far from the ellipse.
"""


class Position(NamedTuple):
    latitude: float
    longitude: float
    altitude: float
    speed: float


def semi_major_axis(mean_motion: float) -> float:
    """From turns a day, by Kepler's third law."""
    n = mean_motion * 2 * math.pi / 86400
    return (MU / (n * n)) ** (1 / 3)


def period_minutes(mean_motion: float) -> float:
    return 1440 / mean_motion


def heights(mean_motion: float, eccentricity: float) -> tuple:
    """Perigee and apogee above the equatorial radius."""
    a = semi_major_axis(mean_motion)
    return a * (1 - eccentricity) - EARTH_RADIUS, a * (1 + eccentricity) - EARTH_RADIUS


def regime(mean_motion: float, eccentricity: float) -> str:
    perigee, apogee = heights(mean_motion, eccentricity)
    if apogee - perigee > 10000:
        return "HEO"
    if apogee < 2000:
        return "LEO"
    return "GEO" if abs((perigee + apogee) / 2 - 35786) < 600 else "MEO"


def eccentric_anomaly(mean_anomaly: float, eccentricity: float) -> float:
    """Kepler's equation by Newton's method; radians in and out."""
    m = math.remainder(mean_anomaly, 2 * math.pi)
    e = m if eccentricity < 0.8 else math.copysign(math.pi, m)
    for _ in range(50):
        step = (e - eccentricity * math.sin(e) - m) / (1 - eccentricity * math.cos(e))
        e -= step
        if abs(step) < 1e-12:
            break
    return e


def sidereal_angle(moment: datetime) -> float:
    """Greenwich mean sidereal time as an angle, 0 to 360 (IAU 1982, UT1 taken as UTC)."""
    days = (moment - J2000).total_seconds() / 86400
    centuries = days / 36525
    return (280.46061837 + 360.98564736629 * days + 0.000387933 * centuries**2) % 360


def drift(mean_motion: float, eccentricity: float, inclination: float) -> tuple:
    """Degrees a day by which J2 turns the node and the perigee."""
    p = semi_major_axis(mean_motion) * (1 - eccentricity**2)
    factor = 1.5 * J2 * (EARTH_RADIUS / p) ** 2 * mean_motion * 360
    cosine = math.cos(math.radians(inclination))
    return -factor * cosine, factor * (2.5 * cosine * cosine - 0.5)


def inertial(elements: Mapping, moment: datetime) -> tuple:
    """Position (x, y, z) in the inertial frame and the speed."""
    days = (moment - parse_time(elements["epoch"])).total_seconds() / 86400
    n, ecc, inc = elements["meanMotion"], elements["eccentricity"], elements["inclination"]
    node_rate, perigee_rate = drift(n, ecc, inc)
    a = semi_major_axis(n)
    anomaly = eccentric_anomaly(math.radians(elements["meanAnomaly"] + 360 * n * days), ecc)
    x = a * (math.cos(anomaly) - ecc)
    y = a * math.sqrt(1 - ecc * ecc) * math.sin(anomaly)
    radius = a * (1 - ecc * math.cos(anomaly))
    w = math.radians(elements["argPerigee"] + perigee_rate * days)
    node = math.radians(elements["raan"] + node_rate * days)
    i = math.radians(inc)
    along = x * math.cos(w) - y * math.sin(w)
    across = x * math.sin(w) + y * math.cos(w)
    point = (
        along * math.cos(node) - across * math.cos(i) * math.sin(node),
        along * math.sin(node) + across * math.cos(i) * math.cos(node),
        across * math.sin(i),
    )
    return point, math.sqrt(MU * (2 / radius - 1 / a))


def geodetic(x: float, y: float, z: float) -> tuple:
    """Latitude and height above the WGS 84 ellipsoid, from any frame that turns about Earth's axis."""
    squared = FLATTENING * (2 - FLATTENING)
    across = math.hypot(x, y)
    latitude = math.atan2(z, across * (1 - squared))
    curvature = EARTH_RADIUS
    for _ in range(6):
        curvature = EARTH_RADIUS / math.sqrt(1 - squared * math.sin(latitude) ** 2)
        latitude = math.atan2(z + curvature * squared * math.sin(latitude), across)
    if across > 1:
        height = across / math.cos(latitude) - curvature
    else:
        height = abs(z) - EARTH_RADIUS * (1 - FLATTENING)
    return math.degrees(latitude), height


def position(elements: Mapping, moment: datetime) -> Position:
    (x, y, z), speed = inertial(elements, moment)
    latitude, altitude = geodetic(x, y, z)
    longitude = (math.degrees(math.atan2(y, x)) - sidereal_angle(moment) + 180) % 360 - 180
    return Position(latitude, longitude, altitude, speed)


def ground_track(elements: Mapping, moment: datetime, begin: float = -0.5, end: float = 0.5) -> list:
    """(latitude, longitude) from `begin` to `end`, both in turns from the moment."""
    steps = max(2, round(120 * (end - begin)))
    turn = timedelta(minutes=period_minutes(elements["meanMotion"]))
    track = (
        position(elements, moment + turn * (begin + (end - begin) * index / steps))
        for index in range(steps + 1)
    )
    return [(point.latitude, point.longitude) for point in track]


def subsolar_point(moment: datetime) -> tuple:
    """Where the Sun stands overhead (Astronomical Almanac's short formula, 0.01 degrees)."""
    days = (moment - J2000).total_seconds() / 86400
    anomaly = math.radians((357.528 + 0.9856003 * days) % 360)
    longitude = math.radians(
        (280.460 + 0.9856474 * days + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly)) % 360
    )
    tilt = math.radians(23.439 - 0.0000004 * days)
    right_ascension = math.degrees(math.atan2(math.cos(tilt) * math.sin(longitude), math.cos(longitude)))
    declination = math.degrees(math.asin(math.sin(tilt) * math.sin(longitude)))
    return declination, (right_ascension - sidereal_angle(moment) + 180) % 360 - 180


def reference_moment(rows: Sequence[Mapping], now: datetime) -> datetime:
    """
    The time for which positions are told: now, or the newest epoch when the elements are too old for now.
    """
    newest = max(parse_time(row["epoch"]) for row in rows)
    return now if now - newest <= timedelta(days=TRUST_DAYS) else newest


def describe(rows: Sequence[Mapping], moment: datetime) -> list:
    """
    Every orbit with its figures. Objects that fly together (modules and the ships docked to them have
    their own entries in the catalogue) become one, under the name of the oldest: `docked` holds the
    others.
    """
    craft: list = []
    for row in sorted(rows, key=lambda each: each["catalog"]):
        point, _ = inertial(row, moment)
        lead = next((each for each in craft if math.dist(each["_point"], point) < 60), None)
        if lead:
            lead["docked"].append(row["name"])
            continue
        here = position(row, moment)
        perigee, apogee = heights(row["meanMotion"], row["eccentricity"])
        craft.append(
            {
                "_point": point,
                "_elements": row,
                "docked": [],
                "name": row["name"],
                "id": row["id"],
                "catalog": row["catalog"],
                "epoch": row["epoch"],
                "periodMinutes": round(period_minutes(row["meanMotion"]), 2),
                "perigeeKm": round(perigee, 1),
                "apogeeKm": round(apogee, 1),
                "inclination": round(row["inclination"], 3),
                "eccentricity": row["eccentricity"],
                "regime": regime(row["meanMotion"], row["eccentricity"]),
                "latitude": round(here.latitude, 3),
                "longitude": round(here.longitude, 3),
                "altitudeKm": round(here.altitude, 1),
                "speedKmS": round(here.speed, 3),
            }
        )
    return craft


def public(craft: Sequence[Mapping]) -> list:
    return [{key: value for key, value in each.items() if not key.startswith("_")} for each in craft]
