"""The dashboard: one HTML page, complete without scripts, without requests beyond the picture of the Sun."""

from __future__ import annotations

import base64
import functools
import hashlib
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Callable, Mapping, Optional

from space import charts, maps, panels
from space.capabilities import LIBRARIES
from space.clock import ago, day, iso, parse_time
from space.data import KIND_TEXT, DataSet

ASSETS = Path(__file__).resolve().parent.parent / "assets"
STATUS_TEXT = {"ok": "All data fresh", "degraded": "Running degraded", "failing": "Data is broken"}
LEVEL_TEXT = {"full": "Full", "core": "Core", "standard library": "Standard library"}


@functools.lru_cache(maxsize=None)
def asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def script_policy() -> str:
    """The Content-Security-Policy: nothing from elsewhere, and of scripts the one that stands in the page."""
    digest = base64.b64encode(hashlib.sha256(asset("page.js").encode()).digest()).decode()
    return (
        "default-src 'none'; img-src 'self' data:; connect-src 'self'; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def both(draw: Callable[[int], str], wide: int, narrow: int = 356) -> str:
    """
    A chart for wide screens and one for telephones: scaling one for both would make its words too small.
    """
    return f'<div class="wide">{draw(wide)}</div><div class="narrow">{draw(narrow)}</div>'


def tone(data: DataSet, now: datetime) -> str:
    """How a data set is marked: fresh, old or broken."""
    return (
        "broken"
        if not data.valid
        else "old" if data.stale(now) or data.kind == "last-known-good" else "fresh"
    )


def as_of(data: DataSet, now: datetime) -> str:
    """'as of 3 days ago · last known good', with the exact time as its hint."""
    stamp = iso(data.fetched_at) if data.fetched_at else ""
    return (
        f'<time class="as-of {tone(data, now)}" datetime="{stamp}" '
        f'title="fetched {stamp or "at an unknown time"}">'
        f"{escape(data.as_of(now))}</time>"
    )


def panel(name: str, heading: str, aside: str, content: str) -> str:
    return (
        f'<section class="panel {name}" aria-labelledby="{name}-title"><header><h2 id="{name}-title">'
        f"{escape(heading)}</h2>{aside}</header>{content}</section>"
    )


def data_panel(name: str, heading: str, data: DataSet, now: datetime, draw: Callable[[], str]) -> str:
    """A panel of one data set. Broken deliveries are named, and what stands in for them is said."""
    trouble = ""
    if not data.valid:
        instead = " Shown instead: the last known good." if data.rows else ""
        trouble = f'<p class="trouble">{escape(data.error or "")}.{instead}</p>'
    content = draw() if data.rows else '<p class="empty">Nothing to show</p>'
    return panel(name, heading, as_of(data, now), trouble + content)


def source_cell(data: DataSet, now: datetime) -> str:
    age = data.age(now)
    # Last known good is old by its name.
    stale = " · stale" if data.stale(now) and data.kind != "last-known-good" else ""
    word = "broken" if not data.valid else KIND_TEXT[data.kind] + stale
    return (
        f'<li class="{tone(data, now)}"><b>{escape(data.source.title)}</b>'
        f'<span class="age">{"—" if age is None else ago(age)}</span>'
        f'<span class="origin">{escape(word)} · {len(data.rows):,} rows</span></li>'
    )


def capability_cell(found: Mapping) -> str:
    names = {"cv2": "OpenCV", "numpy": "NumPy", "waitress": "waitress"}
    have = " · ".join(names[name] for name in reversed(list(LIBRARIES)) if found[name])
    lack = " · ".join("no " + names[name] for name in reversed(list(LIBRARIES)) if not found[name])
    return (
        f'<li class="{"fresh" if found["level"] == "full" else "old"}"><b>Capability</b>'
        f'<span class="age">{LEVEL_TEXT[found["level"]]}</span>'
        f'<span class="origin">{(lack if have else "no libraries") or have}</span></li>'
    )


def lead(model: Mapping) -> str:
    """What there is to know in one sentence and four figures."""
    views = model["views"]
    kp, wind, neo, sun = views.get("kp"), views.get("solar-wind"), views.get("neo"), model["sun"]
    eyebrow, headline, detail = "Space weather", "No reading of the geomagnetic field", ""
    if kp:
        latest, peak = kp["latest"], kp["peak"]
        old = tone(model["data"]["kp"], model["now"]) != "fresh"
        scale = f" ({latest['scale']})" if latest["scale"] else ""
        eyebrow = f"Last reading {day(parse_time(latest['time']))}, {parse_time(latest['time']):%H:%M} UTC"
        if latest["scale"]:
            headline = f"{latest['name']}{scale} {'at the last report' if old else 'in progress'}"
        else:
            after = f" after a {peak['name'].lower()}" if peak["scale"] else ""
            headline = f"The field {'was' if old else 'is'} {latest['name'].lower()}{after}"
        detail = (
            f"Strongest of the week: Kp {peak['kp']:.2f}{', ' + peak['scale'] if peak['scale'] else ''} "
            f"on {day(parse_time(peak['time']))}."
        )
    figures = []
    if kp:
        figures.append((f"{kp['latest']['kp']:.1f}", "", "Kp index", charts.kp_class(kp["latest"]["kp"])))
    if wind and wind["latest"]:
        figures.append((f"{wind['latest']['speed']:.0f}", "km/s", "Solar wind", ""))
    if sun.get("available"):
        figures.append((str(sun["sunspotNumber"]), "", "Sunspot number", ""))
    closest = neo["next"] if neo else None
    if closest:
        figures.append((f"{closest['lunarDistances']:.1f}", "LD", f"Next approach, {closest['name']}", ""))
    cells = "".join(
        f'<div class="figure {style}"><dd>{escape(value)}<small>{unit}</small></dd>'
        f"<dt>{escape(label)}</dt></div>"
        for value, unit, label, style in figures
    )
    return (
        f'<section class="lead"><div><p class="eyebrow">{escape(eyebrow)}</p><h1>{escape(headline)}</h1>'
        f'<p class="detail">{escape(detail)}</p></div><dl>{cells}</dl></section>'
    )


def notice(health: Mapping) -> str:
    """The reasons of a lesser state, folded away when they are only shortfalls."""
    if health["status"] == "ok":
        return ""
    items = "".join(f"<li>{escape(reason)}</li>" for reason in health["reasons"])
    count = len(health["reasons"])
    opened = " open" if health["status"] == "failing" else ""
    return (
        f'<details class="notice {health["status"]}"{opened}><summary>{STATUS_TEXT[health["status"]]}: '
        f'{count} {"reason" if count == 1 else "reasons"}</summary><ul>{items}</ul></details>'
    )


def wind_panel(view: Mapping) -> str:
    note = '<p class="key"><i class="swatch speed"></i>one-minute readings'
    note += (
        '<i class="swatch trend"></i>trend over an hour</p>'
        if view["trend"]
        else f'</p><p class="absent">No trend line: {escape(view["trendNote"])}.</p>'
    )
    return both(lambda width: charts.wind_chart(view, width), 820) + note


def orbits_panel(view: Mapping) -> str:
    moment = parse_time(view["moment"])
    when = f"{moment.day} {moment:%b %Y, %H:%M} UTC"
    note = (
        f"Positions now, {when}."
        if view["carriedToNow"]
        else f"Positions at {when}, the time of the elements: too old to be carried forward to now."
    )
    return (
        both(lambda width: maps.orbit_map(view, moment, width), 820)
        + f'<p class="key">{escape(note)} Shaded: night. '
        + "Lines: the next turn of each station, and the last half.</p>"
        + panels.orbit_table(view)
    )


def neo_panel(view: Mapping, now: datetime) -> str:
    return (
        '<div class="split"><div>'
        + both(lambda width: charts.neo_chart(view, now, width, 300 if width > 400 else 210), 690)
        + '<p class="key">Size of the marks: estimated diameter. Dashed: the Moon\'s distance.</p></div>'
        + panels.neo_table(view)
        + "</div>"
    )


def render(model: Mapping) -> str:
    """The page for a model: now, health, data, views, sun, release."""
    now, data, views, health = model["now"], model["data"], model["views"], model["health"]
    release = model["release"]

    def of(name: str, heading: str, draw: Callable[[Mapping], str]) -> str:
        return data_panel(name, heading, data[name], now, lambda: draw(views[name]))

    board = "".join(
        (
            of(
                "kp",
                "Planetary K-index",
                lambda view: both(lambda width: charts.kp_chart(view, width), 820) + panels.kp_legend(),
            ),
            panel(
                "sun",
                "The Sun",
                panels.sun_chip(model["sun"]),
                panels.sun_panel(model["sun"], maps.sun_overlay),
            ),
            of("solar-wind", "Solar wind at L1", wind_panel),
            of("orbits", "Stations in orbit", orbits_panel),
            of("launches", "Launches", lambda view: panels.launch_list(view, now)),
            of("neo", "Near-Earth objects", lambda view: neo_panel(view, now)),
        )
    )
    cells = "".join(source_cell(entry, now) for entry in data.values()) + capability_cell(model["found"])
    credits_line = " · ".join(sorted({entry.source.provider for entry in data.values()}))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark"><title>Space Intelligence</title>
<link rel="icon" href="data:image/svg+xml,{panels.ICON}"><style>{asset("page.css")}</style></head>
<body data-revision="{escape(revision(model))}">
<header class="top"><p class="brand">{panels.MARK}<span>Space Intelligence</span></p>
<p class="state"><span class="pill {health["status"]}">{STATUS_TEXT[health["status"]]}</span>
<time datetime="{iso(now)}">{now.day} {now:%b %Y, %H:%M} UTC</time></p></header>
<main>{lead(model)}<ul class="sources" aria-label="Data and capability">{cells}</ul>{notice(health)}
<div class="board">{board}</div></main>
<footer><p>Version <b>{escape(release["version"])}</b> · commit <b>{escape(release["commit"][:12])}</b></p>
<p>Data: {escape(credits_line)}. Land: Natural Earth. The Sun: a sample picture.</p>
<p><a href="/health">Health</a><a href="/api/status">Status</a><a href="/version">Version</a></p></footer>
<script>{asset("page.js")}</script></body></html>
"""


def revision(model: Mapping) -> str:
    """Changes when the page would show other data, so that an open page knows when to load itself again."""
    parts = [
        f"{name}:{iso(entry.fetched_at) if entry.fetched_at else '-'}:{entry.valid}"
        for name, entry in model["data"].items()
    ]
    version: Optional[str] = model["release"]["version"]
    return hashlib.sha256("|".join([*parts, str(version), model["health"]["status"]]).encode()).hexdigest()[
        :16
    ]
