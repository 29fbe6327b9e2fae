"""Pictures with a place in them: the ground below the orbits, and the regions on the Sun's disc."""

from __future__ import annotations

import functools
import math
from datetime import datetime
from pathlib import Path
from typing import Mapping, Optional, Sequence

from space.orbits import ground_track, subsolar_point
from space.svg import element, number, paths, picture, text, title

LAND = Path(__file__).resolve().parent.parent / "assets" / "land.txt"
NORTH, SOUTH = 84, -60
"""Degrees shown: Antarctica and the polar sea have nothing to tell here."""


@functools.lru_cache(maxsize=4)
def _land(width: int, height: int) -> str:
    """The continents as a raster of dots, one for 2.5 degrees, as a single path."""
    try:
        lines = LAND.read_text(encoding="ascii").split()
    except OSError:
        return ""
    step = 180 / len(lines)
    size = number(width / len(lines[0]) * 0.52)
    dots = []
    for row, line in enumerate(lines):
        latitude = 90 - step * (row + 0.5)
        if not SOUTH < latitude < NORTH:
            continue
        for column, mark in enumerate(line):
            if mark == "#":
                x, y = _place(latitude, -180 + step * (column + 0.5), width, height)
                dots.append(f"M{number(x)} {number(y)}h0")
    return element("path", d="".join(dots), class_="land", stroke_width=size)


def _place(latitude: float, longitude: float, width: int, height: int) -> tuple:
    return (longitude + 180) / 360 * width, (NORTH - latitude) / (NORTH - SOUTH) * height


def _night(moment: datetime, width: int, height: int) -> str:
    """The side of Earth that faces away from the Sun."""
    declination, longitude = subsolar_point(moment)
    # At the equinox the edge of the night is upright and has no slope to compute.
    tilt = math.tan(math.radians(declination if abs(declination) > 0.2 else math.copysign(0.2, declination)))
    edge = []
    for step in range(0, 361, 4):
        there = -180 + step
        latitude = math.degrees(math.atan(-math.cos(math.radians(there - longitude)) / tilt))
        edge.append(_place(max(SOUTH, min(NORTH, latitude)), there, width, height))
    dark_side = 0 if declination < 0 else height
    return element("path", d=f"{paths(edge)}L{width} {dark_side}L0 {dark_side}Z", class_="night")


def _segments(track: Sequence, width: int, height: int) -> list:
    """Points of a ground track with a gap wherever it leaves the map on one side and enters on the other."""
    points: list = []
    previous: Optional[float] = None
    for latitude, longitude in track:
        if previous is not None and abs(longitude - previous) > 180:
            points.append(None)
        points.append(_place(latitude, longitude, width, height))
        previous = longitude
    return points


def orbit_map(view: Mapping, moment: datetime, width: int, tracks: int = 2) -> str:
    height = round(width * (NORTH - SOUTH) / 360)
    parts = [_land(width, height), _night(moment, width, height)]
    for longitude in range(-150, 180, 30):
        x, _ = _place(0, longitude, width, height)
        parts.append(element("line", x1=x, x2=x, y1=0, y2=height, class_="graticule"))
    for latitude in range(-30, 61, 30):
        _, y = _place(latitude, 0, width, height)
        parts.append(
            element("line", x1=0, x2=width, y1=y, y2=y, class_="equator" if latitude == 0 else "graticule")
        )
        name = "0°" if latitude == 0 else f"{abs(latitude)}°{'N' if latitude > 0 else 'S'}"
        parts.append(text(name, width - 5, y - 4, "tick faint", "end"))
    # Stations first: what has ships docked to it is what people look for.
    leading = sorted(view["craft"], key=lambda each: -len(each["docked"]))[:tracks]
    for index, craft in enumerate(leading):
        for begin, end, style in ((-0.5, 0.0, " behind"), (0.0, 1.0, "")):
            track = _segments(ground_track(craft["_elements"], moment, begin, end), width, height)
            parts.append(element("path", d=paths(track), class_=f"track track-{index}{style}"))
    # Marks of small craft go below those of the stations.
    for craft in sorted(view["craft"], key=lambda each: each in leading):
        x, y = _place(max(SOUTH, min(NORTH, craft["latitude"])), craft["longitude"], width, height)
        place = f"{craft['latitude']:.1f}°, {craft['longitude']:.1f}°"
        hint = f"{craft['name']} · {place} · {craft['altitudeKm']:.0f} km"
        if craft not in leading:
            parts.append(element("circle", title(hint), cx=x, cy=y, r=3, class_="craft"))
            continue
        index = leading.index(craft)
        parts.append(element("circle", cx=x, cy=y, r=10, class_=f"halo track-{index}"))
        parts.append(element("circle", title(hint), cx=x, cy=y, r=4.5, class_=f"station track-{index}"))
        before = x > width * 0.72
        parts.append(
            text(
                craft["name"].split(" (")[0],
                x + (-15 if before else 15),
                y + 4,
                "station-name",
                "end" if before else "start",
            )
        )
    return picture(width, height, f"Ground positions of {len(view['craft'])} orbits", parts, "chart map")


def sun_overlay(result: Mapping) -> str:
    """The regions as brackets over the picture, in its own pixels."""
    width, height, disc = result["width"], result["height"], result["disc"]
    parts = [element("circle", cx=disc["x"], cy=disc["y"], r=disc["radius"] + 5, class_="limb")]
    for region in sorted(result["regions"], key=lambda each: each["kind"] == "spots"):
        box = region["box"]
        pad = 9
        left, top = box["x"] - pad, box["y"] - pad
        right, bottom = box["x"] + box["width"] + pad, box["y"] + box["height"] + pad
        arm = min(12, (right - left) / 3, (bottom - top) / 3)
        corners = "".join(
            f"M{number(x)} {number(y + dy)}L{number(x)} {number(y)}L{number(x + dx)} {number(y)}"
            for x, y, dx, dy in (
                (left, top, arm, arm),
                (right, top, -arm, arm),
                (right, bottom, -arm, -arm),
                (left, bottom, arm, -arm),
            )
        )
        size = f"{region['areaMsh']} millionths of the hemisphere"
        hint = f"{region['label']}: {region['count']} {region['kind']}, {size}"
        parts.append(element("path", title(hint), d=corners, class_=f"region {region['kind']}"))
        if region["kind"] == "spots":
            parts.append(text(region["label"], left, top - 7, "region-name"))
    return picture(width, height, f"{len(result['regions'])} regions marked on the Sun", parts, "overlay")
