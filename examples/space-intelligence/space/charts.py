"""
The charts of time series: Kp bars, solar wind lines, close approaches. Colours are classes of
assets/page.css.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Mapping, Optional, Sequence

from space.clock import day, parse_time
from space.svg import element, number, paths, picture, scale, text, ticks, title
from space.views import kp_level


def kp_class(kp: float) -> str:
    scale_name, name = kp_level(kp)
    return scale_name.lower() if scale_name else "active" if name == "Active" else "calm"


def kp_chart(view: Mapping, width: int, height: int = 250) -> str:
    rows = view["rows"]
    left, right, top, bottom = 26, 6, 16, 26
    y = scale(0, 9, height - bottom, top)
    step = (width - left - right) / len(rows)
    parts = []
    for level in (0, 3, 5, 7, 9):
        parts.append(
            element(
                "line",
                x1=left,
                x2=width - right,
                y1=y(level),
                y2=y(level),
                class_="storm-line" if level == 5 else "grid",
            )
        )
        parts.append(text(str(level), left - 8, y(level) + 4, "tick", "end"))
    previous, labelled = None, -100.0
    for index, row in enumerate(rows):
        moment = parse_time(row["time"])
        x = left + index * step
        if moment.date() != previous:
            # A label needs its room: the first day may be a stump of one bar.
            if previous is not None or moment.hour < 12:
                parts.append(element("line", x1=x, x2=x, y1=top, y2=height - bottom + 6, class_="day-line"))
                if width - right - x > 36 and x - labelled > 46:
                    parts.append(text(day(moment), x + 4, height - 7, "tick"))
                    labelled = x
            previous = moment.date()
        tall = max(y(0) - y(row["kp"]), 1.5)
        scale_name, name = kp_level(row["kp"])
        hint = (
            f"{moment:%H:%M}–{moment + timedelta(hours=3):%H:%M} UTC, {day(moment)} · Kp {row['kp']:.2f} · "
            f"{name}{f' ({scale_name})' if scale_name else ''}"
        )
        gap = 1.2 if step < 7 else 2.4
        parts.append(
            element(
                "rect",
                title(hint),
                x=x + gap / 2,
                y=y(0) - tall,
                width=step - gap,
                height=tall,
                rx=min(2.0, step / 5),
                class_=f"bar {kp_class(row['kp'])}",
            )
        )
    parts.append(text("STORM G1", width - right, y(5) - 5, "note storm-note", "end"))
    peak = max(range(len(rows)), key=lambda index: rows[index]["kp"])
    at = min(max(left + (peak + 0.5) * step, left + 16), width - 20)
    parts.append(text(f"{rows[peak]['kp']:.2f}", at, y(rows[peak]["kp"]) - 6, "value", "middle"))
    return picture(width, height, f"Planetary K-index, {len(rows)} readings of three hours each", parts)


def _thin(rows: Sequence[Mapping], field: str, buckets: int) -> list:
    """Means of consecutive readings, at most `buckets` of them; a bucket without readings is a gap."""
    size = max(1, -(-len(rows) // buckets))
    means = []
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        values = [row[field] for row in part if row[field] is not None]
        middle = part[len(part) // 2]
        means.append((parse_time(middle["time"]), sum(values) / len(values) if values else None))
    return means


def _hours(start: datetime, end: datetime, width: int) -> list:
    every = 6 if width < 500 else 3
    moment = start.replace(minute=0, second=0, microsecond=0)
    moments = []
    while moment <= end:
        if moment >= start and moment.hour % every == 0:
            moments.append(moment)
        moment += timedelta(hours=1)
    return moments


def _band(rows: Sequence[Mapping], field: str, label: str, frame: Mapping) -> list:
    """One of the stacked graphs: grid, axis, filled line, and its last value."""
    width, top, bottom, x = frame["width"], frame["top"], frame["bottom"], frame["x"]
    points = _thin(rows, field, frame["buckets"])
    values = [value for _, value in points if value is not None]
    if not values:
        return [text("no readings", width / 2, (top + bottom) / 2, "tick", "middle")]
    marks = ticks(min(values) if field == "speed" else 0, max(values), frame["ticks"])
    y = scale(marks[0], marks[-1], bottom, top)
    parts = []
    for mark in marks:
        parts.append(
            element(
                "line", x1=frame["left"], x2=width - frame["right"], y1=y(mark), y2=y(mark), class_="grid"
            )
        )
        parts.append(text(number(mark), frame["left"] - 8, y(mark) + 4, "tick", "end"))
    line = [None if value is None else (x(moment.timestamp()), y(value)) for moment, value in points]
    run: list = []
    for point in [*line, None]:
        if point is not None:
            run.append(point)
            continue
        if len(run) > 1:
            area = f"{paths(run)}L{number(run[-1][0])} {number(bottom)}L{number(run[0][0])} {number(bottom)}Z"
            parts.append(element("path", d=area, class_=f"area {field}"))
        run = []
    parts.append(element("path", d=paths(line), class_=f"line {field}{' raw' if frame['trend'] else ''}"))
    if frame["trend"]:
        smooth = [{"time": row["time"], field: value} for row, value in zip(rows, frame["trend"])]
        curve = [
            None if value is None else (x(moment.timestamp()), y(value))
            for moment, value in _thin(smooth, field, frame["buckets"])
        ]
        parts.append(element("path", d=paths(curve), class_=f"line {field} trend"))
    parts.append(text(label, frame["left"], top - 9, "axis-title"))
    last = next(point for point in reversed(line) if point is not None)
    parts.append(element("circle", cx=last[0], cy=last[1], r=3.5, class_=f"dot {field}"))
    return parts


def wind_chart(view: Mapping, width: int, height: int = 300) -> str:
    rows, trend = view["rows"], view["trend"]
    start, end = parse_time(rows[0]["time"]), parse_time(rows[-1]["time"])
    left, right = 38, 10
    x = scale(start.timestamp(), end.timestamp(), left, width - right)
    parts = []
    for moment in _hours(start, end, width):
        at = x(moment.timestamp())
        parts.append(element("line", x1=at, x2=at, y1=24, y2=height - 22, class_="day-line"))
        if left + 8 < at < width - right - 12:
            label = day(moment) if moment.hour == 0 else f"{moment:%H:%M}"
            parts.append(
                text(label, at, height - 6, "tick" + (" strong" if moment.hour == 0 else ""), "middle")
            )
    split = 24 + (height - 46) * 0.60
    frame = {"width": width, "left": left, "right": right, "x": x, "buckets": width // 2}
    parts += _band(
        rows, "speed", "SPEED, KM/S", {**frame, "top": 24, "bottom": split - 14, "ticks": 4, "trend": trend}
    )
    parts += _band(
        rows,
        "density",
        "DENSITY, PROTONS/CM³",
        {**frame, "top": split + 20, "bottom": height - 22, "ticks": 2, "trend": None},
    )
    return picture(width, height, "Solar wind speed and density over a day", parts)


def neo_chart(view: Mapping, now: Optional[datetime], width: int, height: int = 210) -> str:
    """Every approach by date and miss distance; the size of a mark grows with the size of the object."""
    rows = view["rows"]
    moments = [parse_time(row["time"]) for row in rows]
    start = min(moments).replace(hour=0, minute=0)
    end = max(moments) + timedelta(days=1)
    left, right, top, bottom = 34, 18, 22, 26
    x = scale(start.timestamp(), end.timestamp(), left, width - right)
    marks = ticks(0, max(row["lunarDistances"] for row in rows), 4)
    y = scale(0, marks[-1], height - bottom, top)
    parts = [text("MISS DISTANCE, TIMES THE MOON'S", left, 11, "axis-title")]
    for mark in marks:
        parts.append(element("line", x1=left, x2=width - right, y1=y(mark), y2=y(mark), class_="grid"))
        parts.append(text(number(mark), left - 8, y(mark) + 4, "tick", "end"))
    parts.append(element("line", x1=left, x2=width - right, y1=y(1), y2=y(1), class_="moon-line"))
    if now and start < now < end:
        at = x(now.timestamp())
        parts.append(element("line", x1=at, x2=at, y1=top, y2=height - bottom, class_="now-line"))
        parts.append(text("now", at + 5, top + 8, "note"))
    every = max(1, round((end - start).days / max(2, width // 90)))
    moment = datetime(start.year, start.month, start.day, tzinfo=timezone.utc) + timedelta(days=every)
    while moment < end:
        at = x(moment.timestamp())
        if left + 20 < at < width - right - 16:
            parts.append(text(day(moment), at, height - 7, "tick", "middle"))
        moment += timedelta(days=every)
    closest = view["closest"]
    for row, when in zip(rows, moments):
        cx, cy = x(when.timestamp()), y(row["lunarDistances"])
        size = row["diameterM"] or 20
        radius = max(3.0, min(13.0, 1.15 * size**0.33))
        state = " past" if row["past"] else " closest" if row is closest else ""
        hint = (
            f"{row['name']} · {day(when)} {when:%H:%M} UTC · {row['lunarDistances']:.1f} LD · "
            f"{row['speed']:.1f} km/s"
        )
        parts.append(element("line", x1=cx, x2=cx, y1=cy + radius, y2=height - bottom, class_=f"stem{state}"))
        parts.append(element("circle", title(hint), cx=cx, cy=cy, r=radius, class_=f"rock{state}"))
    return picture(width, height, f"{len(rows)} close approaches by date and miss distance", parts)
