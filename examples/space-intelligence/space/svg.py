"""Drawing: SVG elements as strings, and scales with round ticks."""

from __future__ import annotations

import math
from html import escape
from typing import Callable, Iterable, Optional, Sequence


def number(value: float) -> str:
    """Short: one decimal of a pixel is enough."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


def element(tag: str, content: str = "", **attributes: object) -> str:
    """An element; `class_` and `stroke_width` become class and stroke-width, None is left out."""
    parts = []
    for name, value in attributes.items():
        if value is None:
            continue
        text = number(value) if isinstance(value, float) else escape(str(value), quote=True)
        parts.append(f' {name.rstrip("_").replace("_", "-")}="{text}"')
    return f"<{tag}{''.join(parts)}>{content}</{tag}>" if content else f"<{tag}{''.join(parts)}/>"


def text(content: str, x: float, y: float, class_: str = "", anchor: str = "start") -> str:
    return element(
        "text",
        escape(content),
        x=float(x),
        y=float(y),
        class_=class_ or None,
        text_anchor=None if anchor == "start" else anchor,
    )


def title(content: str) -> str:
    return f"<title>{escape(content)}</title>"


def picture(width: int, height: int, label: str, parts: Iterable[str], class_: str = "chart") -> str:
    return (
        f'<svg class="{class_}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(label, quote=True)}"'
        f' width="{width}" height="{height}">{"".join(parts)}</svg>'
    )


def scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    spread = (high - low) or 1.0
    return lambda value: start + (value - low) / spread * (end - start)


def ticks(low: float, high: float, count: int) -> list:
    """About `count` round numbers (1, 2, 5 and their tens) that span the values, ends included."""
    raw = max((high - low) / max(count, 1), 1e-9)
    power = 10 ** math.floor(math.log10(raw))
    step = next(step * power for step in (1, 2, 5, 10) if step * power >= raw * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [index * step for index in range(first, last + 1)]


def paths(points: Sequence[Optional[tuple]]) -> str:
    """Path data; None is a gap in the line."""
    commands, pen_up = [], True
    for point in points:
        if point is None:
            pen_up = True
            continue
        commands.append(f"{'M' if pen_up else 'L'}{number(point[0])} {number(point[1])}")
        pen_up = False
    return "".join(commands)
