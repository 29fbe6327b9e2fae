"""
Active regions in a picture of the solar disc, with OpenCV: dark spots and bright faculae.

1. find the disc; 2. measure the limb darkening (median brightness by distance from the centre) and divide it
out; 3. mark what is clearly darker or brighter than the quiet Sun at its place; 4. group spots that stand
close together.

    python -m space.sun assets/sun.png --out build/sun.json [--annotated build/sun-annotated.png]
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any, Optional

from space.capabilities import library

PICTURE = Path(__file__).resolve().parent.parent / "assets" / "sun.png"
DARK = 0.90
"""A spot is below this part of the quiet Sun at its place; granulation stays within 3 %."""
UMBRA = 0.62
BRIGHT = 1.045
GROUP_GAP = 0.11
"""Spots nearer than this part of the disc radius belong to one region."""
EDGE = 0.965
"""Beyond this part of the radius the limb is too steep to measure."""
ABSENT = "OpenCV is not installed: the picture is shown without regions"


class SunError(ValueError):
    """The picture holds no solar disc, or is no picture."""


def analyse(picture: Path = PICTURE) -> dict:
    """
    Regions in pixels of the picture and in degrees on the disc (its centre is 0/0, north up, west right).
    """
    cv2, np = library("cv2"), library("numpy")
    if cv2 is None or np is None:
        return {"available": False, "capability": "cv2", "note": ABSENT, "regions": []}
    raw = picture.read_bytes()
    image = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR) if raw else None
    if image is None:
        raise SunError(f"{picture.name} is not a picture")
    gray = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (3, 3), 0).astype(np.float32)
    disc = _find_disc(cv2, np, gray)
    flat, inside = _flatten(np, gray, disc)
    spots = _blobs(cv2, np, (flat < DARK) & inside, flat, least=9)
    flat_wide = cv2.GaussianBlur(flat, (0, 0), 3.0)
    faculae = _blobs(cv2, np, (flat_wide > BRIGHT) & inside, flat_wide, least=60)
    regions = [_region("spots", group, disc) for group in _grouped(spots, GROUP_GAP * disc[2])]
    # Enhanced network near the disc centre is no facula: those show towards the limb,
    # and spots have bright rims.
    regions += [
        _region("faculae", group, disc)
        for group in _grouped(faculae, GROUP_GAP * disc[2])
        if min(math.hypot(b["x"] - disc[0], b["y"] - disc[1]) for b in group) > 0.6 * disc[2]
    ]
    regions.sort(key=lambda each: (each["kind"] != "spots", -each["areaMsh"]))
    groups = [each for each in regions if each["kind"] == "spots"]
    for prefix, members in (("AR", groups), ("F", regions[len(groups) :])):
        for number, region in enumerate(members, start=1):
            region["label"] = f"{prefix}-{number}"
    count = sum(each["count"] for each in groups)
    return {
        "available": True,
        "width": image.shape[1],
        "height": image.shape[0],
        "disc": {"x": round(disc[0], 1), "y": round(disc[1], 1), "radius": round(disc[2], 1)},
        "regions": regions,
        "spotCount": count,
        "groupCount": len(groups),
        # Wolf's relative number, with the factor of the observer left at 1.
        "sunspotNumber": 10 * len(groups) + count,
    }


def _find_disc(cv2: Any, np: Any, gray: Any) -> tuple:
    level, mask = cv2.threshold(gray.astype(np.uint8), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if level < 10 or not contours:
        raise SunError("no disc: the picture is dark")
    contour = max(contours, key=cv2.contourArea)
    (x, y), radius = cv2.minEnclosingCircle(contour)
    if radius < 40 or cv2.contourArea(contour) < 0.9 * math.pi * radius**2:
        raise SunError("no disc: the brightest shape is not round")
    return float(x), float(y), float(radius)


def _flatten(np: Any, gray: Any, disc: tuple) -> tuple:
    """
    The picture divided by the quiet Sun (1.0 everywhere but in regions), and the part that can be
    trusted.
    """
    y, x = np.indices(gray.shape, dtype=np.float32)
    r = np.hypot(x - disc[0], y - disc[1]) / disc[2]
    rings = np.minimum((r * 80).astype(int), 80)
    centres = np.array([r[rings == ring].mean() for ring in range(80)])
    medians = np.array([np.median(gray[rings == ring]) for ring in range(80)])
    quiet = np.interp(r, centres, np.maximum(medians, 1.0))
    return (gray / quiet).astype(np.float32), r < EDGE


def _blobs(cv2: Any, np: Any, mask: Any, flat: Any, least: int) -> list:
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    found = []
    for index in range(1, count):
        left, top, width, height, area = (int(value) for value in stats[index])
        if area < least:
            continue
        window = (slice(top, top + height), slice(left, left + width))
        values = flat[window][labels[window] == index]
        found.append(
            {
                "x": float(centres[index][0]),
                "y": float(centres[index][1]),
                "area": area,
                "box": (left, top, width, height),
                "mean": float(values.mean()),
                "umbra": int((values < UMBRA).sum()),
            }
        )
    return found


def _grouped(blobs: list, gap: float) -> list:
    """Single-linkage groups: chains of blobs, each nearer than the gap to the next."""
    groups: list = []
    for blob in sorted(blobs, key=lambda each: -each["area"]):
        near = [
            group
            for group in groups
            if any(math.hypot(blob["x"] - other["x"], blob["y"] - other["y"]) < gap for other in group)
        ]
        groups = [group for group in groups if group not in near]
        groups.append([blob] + [other for group in near for other in group])
    return groups


def _region(kind: str, blobs: list, disc: tuple) -> dict:
    area = sum(blob["area"] for blob in blobs)
    x = sum(blob["x"] * blob["area"] for blob in blobs) / area
    y = sum(blob["y"] * blob["area"] for blob in blobs) / area
    left, top = (min(blob["box"][i] for blob in blobs) for i in (0, 1))
    right, bottom = (max(blob["box"][i] + blob["box"][i + 2] for blob in blobs) for i in (0, 1))
    dx, dy = (x - disc[0]) / disc[2], (disc[1] - y) / disc[2]
    mu = math.sqrt(max(0.01, 1 - dx * dx - dy * dy))
    latitude = math.degrees(math.asin(max(-1.0, min(1.0, dy))))
    longitude = math.degrees(math.atan2(dx, mu))
    return {
        "kind": kind,
        "count": len(blobs),
        "x": round(x, 1),
        "y": round(y, 1),
        "box": {"x": left, "y": top, "width": right - left, "height": bottom - top},
        "latitude": round(latitude, 1),
        "longitude": round(longitude, 1),
        # Millionths of the visible hemisphere, foreshortening taken out: the unit of the observatories.
        "areaMsh": round(1e6 * area / mu / (2 * math.pi * disc[2] ** 2)),
        "contrast": round(sum(blob["mean"] * blob["area"] for blob in blobs) / area, 3),
        "umbraShare": round(sum(blob["umbra"] for blob in blobs) / area, 2) if kind == "spots" else None,
    }


def annotate(picture: Path, result: dict, target: Path) -> None:
    cv2, np = library("cv2"), library("numpy")
    image = cv2.imdecode(np.frombuffer(picture.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    for region in result["regions"]:
        box, colour = region["box"], (255, 226, 120) if region["kind"] == "spots" else (180, 255, 200)
        corner = (box["x"] - 8, box["y"] - 8)
        cv2.rectangle(image, corner, (box["x"] + box["width"] + 8, box["y"] + box["height"] + 8), colour, 1)
        cv2.putText(
            image,
            region["label"],
            (corner[0], corner[1] - 5),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.42,
            colour,
            1,
            cv2.LINE_AA,
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(cv2.imencode(".png", image)[1].tobytes())


def main(arguments: Optional[list] = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m space.sun", description="Finds active regions on the Sun."
    )
    parser.add_argument("picture", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--annotated", type=Path)
    options = parser.parse_args(arguments)
    try:
        result = analyse(options.picture)
    except (SunError, OSError) as error:
        print(f"space.sun: {error}", file=sys.stderr)
        return 1
    if not result["available"]:
        print(f"space.sun: {result['note']}", file=sys.stderr)
        return 3
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    if options.annotated:
        annotate(options.picture, result, options.annotated)
    print(
        f"{result['groupCount']} groups with {result['spotCount']} spots, "
        f"sunspot number {result['sunspotNumber']}"
    )
    for region in result["regions"]:
        print(
            f"  {region['label']:<6}{region['kind']:<9}{region['latitude']:>7.1f} {region['longitude']:>7.1f}"
            f"{region['areaMsh']:>7} MSH"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
