"""
Upstream bodies to plain rows. Every parser takes the decoded JSON of one upstream, checks the shape, the
required fields and the ranges of each row, and raises DataError with the row it stumbled on.
Broken upstream data must stop here, never on the page.
"""

from __future__ import annotations

import math
from typing import Any, Iterable, Mapping, Sequence

from space.clock import iso, parse_time

Row = dict


class DataError(ValueError):
    """The body is not what this upstream documents."""


def _number(row: Mapping[str, Any], field: str, low: float, high: float, where: str) -> float:
    try:
        value = float(row[field])
    except KeyError:
        raise DataError(f"{where}: field {field!r} is missing") from None
    except (TypeError, ValueError):
        raise DataError(f"{where}: {field} is not a number: {row[field]!r}") from None
    if not math.isfinite(value) or not low <= value <= high:
        raise DataError(f"{where}: {field} = {value:g} is outside {low:g} to {high:g}")
    return value


def _time(row: Mapping[str, Any], field: str, where: str) -> str:
    try:
        return iso(parse_time(row[field]))
    except KeyError:
        raise DataError(f"{where}: field {field!r} is missing") from None
    except ValueError as error:
        raise DataError(f"{where}: {field} is {error}") from None


def _text(row: Mapping[str, Any], field: str, where: str) -> str:
    value = row.get(field)
    if not isinstance(value, str) or not value.strip():
        raise DataError(f"{where}: field {field!r} is missing or empty")
    return value.strip()


def _records(body: Any) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """SWPC products come as a table with a header row, or (since 2026) as a list of objects."""
    if not isinstance(body, list) or not body:
        raise DataError(
            f"expected a list of rows, got {type(body).__name__}"
            if not isinstance(body, list)
            else "the list of rows is empty"
        )
    if isinstance(body[0], list):
        header = body[0]
        for index, cells in enumerate(body[1:], start=1):
            if not isinstance(cells, list) or len(cells) != len(header):
                raise DataError(f"row {index}: expected {len(header)} columns")
            yield f"row {index}", dict(zip(header, cells))
        return
    for index, record in enumerate(body, start=1):
        if not isinstance(record, dict):
            raise DataError(f"row {index}: expected an object, got {type(record).__name__}")
        yield f"row {index}", record


def parse_kp(body: Any) -> list[Row]:
    """NOAA SWPC /products/noaa-planetary-k-index.json: one row for every three hours, Kp 0 to 9."""
    rows = [
        {
            "time": _time(record, "time_tag", where),
            "kp": _number(record, "Kp", 0, 9, where),
            "a": _number(record, "a_running", 0, 500, where) if record.get("a_running") is not None else None,
        }
        for where, record in _records(body)
    ]
    return sorted(rows, key=lambda row: row["time"])


def parse_solar_wind(body: Any) -> list[Row]:
    """
    NOAA SWPC /products/solar-wind/plasma-1-day.json, or /json/rtsw/rtsw_wind_1m.json (fields proton_*, of
    several spacecraft of which one is active). Gaps are part of the format: a null reading stays None.
    """
    rows = []
    for where, record in _records(body):
        if record.get("active") is False:
            continue
        prefix = "proton_" if "proton_speed" in record else ""
        row: Row = {"time": _time(record, "time_tag", where)}
        for field, low, high in (("speed", 100, 3000), ("density", 0, 500), ("temperature", 0, 1e8)):
            name = prefix + field
            if name not in record:
                raise DataError(f"{where}: field {name!r} is missing")
            row[field] = None if record[name] is None else _number(record, name, low, high, where)
        rows.append(row)
    measured = sum(1 for row in rows if row["speed"] is not None)
    if rows and measured < len(rows) / 4:
        raise DataError(f"only {measured} of {len(rows)} rows have a speed")
    return sorted(rows, key=lambda row: row["time"])


def parse_orbits(body: Any) -> list[Row]:
    """CelesTrak GP data as JSON (CCSDS OMM mean elements). Angles in degrees, mean motion in turns a day."""
    rows = []
    for where, record in _records(body):
        name = _text(record, "OBJECT_NAME", where)
        where = f"{where} ({name})"
        rows.append(
            {
                "name": name,
                "id": str(record.get("OBJECT_ID") or ""),
                # Longer than five digits since July 2026, so never squeezed into a fixed field.
                "catalog": int(_number(record, "NORAD_CAT_ID", 1, 999_999_999, where)),
                "epoch": _time(record, "EPOCH", where),
                "meanMotion": _number(record, "MEAN_MOTION", 0.05, 17.5, where),
                "eccentricity": _number(record, "ECCENTRICITY", 0, 0.99, where),
                "inclination": _number(record, "INCLINATION", 0, 180, where),
                "raan": _number(record, "RA_OF_ASC_NODE", 0, 360, where),
                "argPerigee": _number(record, "ARG_OF_PERICENTER", 0, 360, where),
                "meanAnomaly": _number(record, "MEAN_ANOMALY", 0, 360, where),
            }
        )
    return rows


def parse_neo(body: Any) -> list[Row]:
    """JPL SSD close approaches (cad.api). Distances in au, speed in km/s, h is absolute magnitude."""
    if not isinstance(body, dict):
        raise DataError(f"expected an object, got {type(body).__name__}")
    source = body.get("signature", {}).get("source", "") if isinstance(body.get("signature"), dict) else ""
    if "Close Approach" not in source:
        raise DataError("signature.source does not say 'Close Approach Data API'")
    fields, data = body.get("fields", []), body.get("data", [])
    if not isinstance(fields, list) or not isinstance(data, list):
        raise DataError("fields and data must be lists")
    if str(body.get("count")) != str(len(data)):
        raise DataError(f"count says {body.get('count')}, the body holds {len(data)} rows")
    rows = []
    for where, record in _records([fields, *data]) if data else ():
        magnitude = record.get("h")
        rows.append(
            {
                "name": _text(record, "des", where),
                "time": _time(record, "cd", where),
                "distanceAu": _number(record, "dist", 0, 5, where),
                "speed": _number(record, "v_rel", 0, 200, where),
                "magnitude": None if magnitude is None else _number(record, "h", -5, 45, where),
            }
        )
    return sorted(rows, key=lambda row: row["time"])


def _named(value: Any, *path: str) -> str:
    """The text at a path of nested objects; the list mode of the API writes the text itself there."""
    for key in path:
        if isinstance(value, dict):
            value = value.get(key)
    return value if isinstance(value, str) else ""


def parse_launches(body: Any) -> list[Row]:
    """Launch Library 2 upcoming launches (2.2 and 2.3, normal and list mode). `net` is 'no earlier than'."""
    results = body.get("results") if isinstance(body, dict) else None
    if not isinstance(results, list):
        raise DataError("expected an object with a list named 'results'")
    rows = []
    for index, record in enumerate(results, start=1):
        where = f"launch {index}"
        if not isinstance(record, dict):
            raise DataError(f"{where}: expected an object")
        status = record.get("status")
        if not isinstance(status, dict) or not isinstance(status.get("name"), str):
            raise DataError(f"{where}: field 'status.name' is missing")
        name = _text(record, "name", where)
        vehicle, _, payload = name.partition(" | ")
        location = (
            record["pad"].get("location") if isinstance(record.get("pad"), dict) else record.get("location")
        )
        rows.append(
            {
                "name": name,
                "vehicle": vehicle,
                "payload": payload or _named(record.get("mission"), "name"),
                "time": _time(record, "net", where),
                "status": status.get("abbrev") or status["name"],
                "provider": _named(record.get("launch_service_provider") or record.get("lsp_name"), "name"),
                "pad": _named(record.get("pad"), "name"),
                "location": _named(location, "name"),
                "orbit": (
                    _named(record.get("mission"), "orbit", "abbrev")
                    if isinstance(record.get("mission"), dict)
                    else ""
                ),
            }
        )
    return sorted(rows, key=lambda row: row["time"])


def newest_time(rows: Sequence[Row]) -> str:
    """The time of the last observation."""
    return max(row["time"] for row in rows)
