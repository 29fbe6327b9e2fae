"""
Draws assets/sun.png: a solar disc in white light with limb darkening, granulation, spots with umbra and
penumbra, and faculae towards the limb. Deterministic. Needs numpy; the PNG is written by hand because an
indexed palette keeps the grainy picture small and OpenCV writes none.

    python -m tools.make_sun
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

SIZE = 640
RADIUS = 292.0
LEVELS = 80
# Heliographic latitude and longitude in degrees (disc centre 0/0), radius of the penumbra in pixels at the
# centre.
SPOTS = (
    (14.0, -32.0, 15.5),
    (15.5, -27.0, 8.0),
    (12.6, -24.5, 5.5),
    (16.5, -38.0, 4.0),
    (13.2, -20.4, 3.2),
    (-19.0, 21.0, 11.0),
    (-17.5, 26.5, 6.5),
    (-20.5, 30.0, 4.4),
    (9.0, 48.0, 8.0),
    (8.0, 53.5, 5.0),
    (-11.0, -6.0, 4.6),
    (-12.2, -2.6, 3.4),
    (23.5, 7.0, 5.6),
)
FACULAE = (
    (12.0, 60.0, 26.0),
    (-18.0, -61.0, 30.0),
    (20.0, -56.0, 20.0),
    (-24.0, 58.0, 18.0),
    (5.0, -66.0, 16.0),
)


def noise(chance: np.random.Generator, cell: float) -> np.ndarray:
    """Smooth noise of unit spread, its grains `cell` pixels wide (filtered in the frequency domain)."""
    frequency = np.hypot(np.fft.fftfreq(SIZE)[:, None], np.fft.fftfreq(SIZE)[None, :])
    field = np.fft.ifft2(
        np.fft.fft2(chance.standard_normal((SIZE, SIZE))) * np.exp(-((frequency * cell) ** 2))
    ).real
    return field / field.std()


def on_disc(latitude: float, longitude: float) -> tuple:
    """Pixel of a point of the Sun's surface, and the cosine of its angle to the line of sight."""
    b, along = np.radians(latitude), np.radians(longitude)
    mu = np.cos(b) * np.cos(along)
    return SIZE / 2 + RADIUS * np.cos(b) * np.sin(along), SIZE / 2 - RADIUS * np.sin(b), mu


def distance(x: np.ndarray, y: np.ndarray, cx: float, cy: float, mu: float) -> np.ndarray:
    """Distance from a point of the surface, with the foreshortening towards the limb taken out."""
    dx, dy = x - cx, y - cy
    away = np.hypot(cx - SIZE / 2, cy - SIZE / 2) or 1.0
    ux, uy = (cx - SIZE / 2) / away, (cy - SIZE / 2) / away
    return np.hypot((dx * ux + dy * uy) / max(mu, 0.2), -dx * uy + dy * ux)


def draw() -> np.ndarray:
    """Intensities 0 to 1."""
    chance = np.random.default_rng(20261120)
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(float)
    r = np.hypot(x - SIZE / 2, y - SIZE / 2) / RADIUS
    mu = np.sqrt(np.clip(1 - r * r, 0, 1))
    light = 0.94 * (1 - 0.56 * (1 - mu) - 0.14 * (1 - mu) ** 2)
    light *= 1 + 0.011 * noise(chance, 4.0) + 0.006 * noise(chance, 18.0)
    ragged, veins = noise(chance, 7.0), noise(chance, 9.0)
    for latitude, longitude, size in FACULAE:
        cx, cy, m = on_disc(latitude, longitude)
        near = distance(x, y, cx, cy, m) / size
        light *= 1 + 0.17 * np.exp(-(near**2)) * np.clip(veins * 0.7 + 0.5, 0, 1.5)
    for latitude, longitude, size in SPOTS:
        cx, cy, m = on_disc(latitude, longitude)
        near = np.minimum(distance(x, y, cx, cy, m) / size + 0.10 * ragged, 9)
        penumbra, umbra = 1 / (1 + np.exp((near - 1.0) * 11)), 1 / (1 + np.exp((near - 0.5) * 15))
        light *= 1 - 0.30 * penumbra - (0.48 if size > 4 else 0.30) * umbra
    edge = np.clip((1 - r) * RADIUS + 0.5, 0, 1)
    glow = 0.10 * np.exp(-np.clip(r - 1, 0, None) * 22) * (r > 0.99)
    return np.clip(light * edge + glow * (1 - edge), 0, 1)


def palette() -> bytes:
    """From night through ember and amber to pale gold, one colour for each level."""
    stops = (
        (0.0, (8, 11, 18)),
        (0.10, (44, 18, 10)),
        (0.32, (140, 56, 12)),
        (0.62, (226, 128, 28)),
        (0.85, (252, 190, 84)),
        (1.0, (255, 236, 190)),
    )
    at = np.linspace(0, 1, LEVELS)
    channels = [np.interp(at, [s[0] for s in stops], [s[1][c] for s in stops]) for c in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8).tobytes()


def png(levels: np.ndarray) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + row.tobytes() for row in levels)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", SIZE, SIZE, 8, 3, 0, 0, 0))
        + chunk(b"PLTE", palette())
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def main() -> None:
    target = Path(__file__).resolve().parent.parent / "assets" / "sun.png"
    target.write_bytes(png((draw() * (LEVELS - 1)).round().astype(np.uint8)))
    print(f"{target} ({target.stat().st_size} bytes)")


if __name__ == "__main__":
    main()
