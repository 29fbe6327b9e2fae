"""Tables, lists and small marks of the page."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Callable, Mapping

from space.clock import day, in_words, parse_time

MARK = (
    '<svg viewBox="0 0 28 28" width="28" height="28" aria-hidden="true"><circle cx="14" cy="14" r="5.2" '
    'class="mark-sun"/><ellipse cx="14" cy="14" rx="12.6" ry="5" transform="rotate(-28 14 14)" '
    'class="mark-orbit"/><circle cx="24.6" cy="7.3" r="2" class="mark-body"/></svg>'
)
ICON = (
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 28 28'%3E%3Crect width='28' height='28' rx='7' "
    "fill='%230c1220'/%3E%3Ccircle cx='14' cy='14' r='5.2' fill='%23f6b450'/%3E%3Cellipse cx='14' cy='14' "
    "rx='11' ry='4.4' transform='rotate(-28 14 14)' fill='none' stroke='%238fb8ff' stroke-width='1.4'/%3E"
    "%3C/svg%3E"
)
LEGEND = (
    ("calm", "Quiet"),
    ("active", "Active"),
    ("g1", "G1"),
    ("g2", "G2"),
    ("g3", "G3"),
    ("g4", "G4"),
    ("g5", "G5"),
)
STATUS_STYLE = {
    "Go": "go",
    "TBC": "open",
    "TBD": "open",
    "Hold": "hold",
    "In Flight": "go",
    "Success": "go",
    "Failure": "hold",
}


def kp_legend() -> str:
    items = "".join(f'<span><i class="swatch {style}"></i>{name}</span>' for style, name in LEGEND)
    return f'<p class="key legend">{items}</p>'


def sun_chip(sun: Mapping) -> str:
    if not sun.get("available"):
        return '<span class="as-of old">picture only</span>'
    return f'<span class="as-of fresh">{sun["groupCount"]} active regions</span>'


def sun_panel(sun: Mapping, overlay: Callable[[Mapping], str]) -> str:
    picture = '<img src="/assets/sun.png" alt="The disc of the Sun" width="640" height="640">'
    if not sun.get("available"):
        return f'<div class="disc">{picture}</div><p class="absent">{escape(sun["note"])}.</p>'
    rows = "".join(
        f'<tr><th scope="row">{region["label"]}</th><td>{_degrees(region["latitude"], "N", "S")} '
        f'{_degrees(region["longitude"], "W", "E")}</td><td>{region["count"]}</td>'
        f'<td>{region["areaMsh"]:,}</td></tr>'
        for region in sun["regions"]
        if region["kind"] == "spots"
    )
    faculae = sum(region["kind"] == "faculae" for region in sun["regions"])
    return (
        f'<div class="disc">{picture}{overlay(sun)}</div><table><thead><tr><th>Region</th><th>Place</th>'
        f"<th>Spots</th><th>Area, MSH</th></tr></thead><tbody>{rows}</tbody></table>"
        f'<p class="key"><i class="swatch spots"></i>spots'
        f'<i class="swatch faculae"></i>{faculae} bright faculae</p>'
    )


def _degrees(value: float, positive: str, negative: str) -> str:
    return f"{positive if value >= 0 else negative}{abs(value):02.0f}"


def orbit_table(view: Mapping) -> str:
    rows = []
    for craft in sorted(view["craft"], key=lambda each: -len(each["docked"]))[:6]:
        count = len(craft["docked"])
        also = f'<span class="also">with {count} docked</span>' if count else ""
        place = (
            f'{abs(craft["latitude"]):.1f}°{"N" if craft["latitude"] >= 0 else "S"} '
            f'{abs(craft["longitude"]):.1f}°{"E" if craft["longitude"] >= 0 else "W"}'
        )
        rows.append(
            f'<tr><th scope="row" title="{escape(", ".join(craft["docked"]), quote=True)}">'
            f'{escape(craft["name"])}'
            f'{also}</th><td>{craft["periodMinutes"]:.1f}</td>'
            f'<td>{craft["perigeeKm"]:.0f} × {craft["apogeeKm"]:.0f}</td><td>{craft["inclination"]:.1f}°</td>'
            f'<td class="optional">{craft["speedKmS"]:.2f}</td><td class="optional">{place}</td></tr>'
        )
    return (
        "<table><thead><tr><th>Object</th><th>Period, min</th><th>Height, km</th><th>Inclination</th>"
        '<th class="optional">Speed, km/s</th><th class="optional">Over</th></tr></thead>'
        f'<tbody>{"".join(rows)}</tbody></table>'
    )


def _size(diameter: object) -> str:
    if not isinstance(diameter, (int, float)):
        return "—"
    return f"{diameter / 1000:.1f} km" if diameter >= 1000 else f"{diameter:.0f} m"


def neo_table(view: Mapping) -> str:
    shown = [row for row in view["rows"] if not row["past"]][:8] or view["rows"][-8:]
    rows = "".join(
        f'<tr class="{"closest" if row is view["closest"] else ""}">'
        f'<th scope="row">{escape(row["name"])}</th><td>{day(parse_time(row["time"]))}'
        f'<span class="optional">, {parse_time(row["time"]):%H:%M}</span></td>'
        f'<td><b>{row["lunarDistances"]:.1f}</b> LD</td>'
        f'<td class="optional">{row["speed"]:.1f}</td><td>{_size(row["diameterM"])}</td></tr>'
        for row in shown
    )
    return (
        '<table><thead><tr><th>Object</th><th>Date</th><th>Misses by</th><th class="optional">km/s</th>'
        f"<th>About</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def launch_list(view: Mapping, now: datetime) -> str:
    """Plans whose time has passed since the data was fetched say so: what came of them is not known."""
    items = []
    following = view["next"]
    # Half of the list may lie behind when the data is old; then what is still ahead has the better claim.
    rows = view["rows"]
    shown = rows[-7:] if sum(row["past"] for row in rows) > 3 else rows[:7]
    for row in shown:
        moment = parse_time(row["time"])
        ahead = (moment - now).total_seconds()
        style = "past" if row["past"] else "next" if row is following else ""
        word = "time passed" if row["past"] else f"in {in_words(ahead)}"
        badge = (
            f'<span class="badge {STATUS_STYLE.get(row["status"], "open")}">{escape(row["status"])}</span>'
            if not row["past"]
            else '<span class="badge unknown">outcome unknown</span>'
        )
        where = row["location"].split(",")[0] or row["pad"]
        items.append(
            f'<li class="{style}"><p class="when"><b>{day(moment)}</b><span>{moment:%H:%M}</span></p>'
            f'<div><p class="what">{escape(row["payload"] or row["name"])}</p>'
            f'<p class="how">{escape(row["vehicle"])}{" · " + escape(where) if where else ""}</p>'
            f'<p class="soon">{word}{badge}</p></div></li>'
        )
    return f'<ol class="launch-list">{"".join(items)}</ol>'
