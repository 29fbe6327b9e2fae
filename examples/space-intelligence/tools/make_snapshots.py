"""
Writes sample data in the formats of the upstreams: the committed snapshots, or a set for a stand-in server in
tests. Deterministic: the same --now gives the same bytes.

    python -m tools.make_snapshots                                   (snapshots/, at the committed moment)
    python -m tools.make_snapshots --now 2026-12-24T18:00:00Z --out build/upstream
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
from datetime import datetime, timedelta
from pathlib import Path

from space.clock import MONTHS, iso, parse_time
from space.sources import SOURCES

COMMITTED = "2026-11-20T12:00:00Z"
FORMAT = "%Y-%m-%d %H:%M:%S.000"
MONTH_NAMES = {number: name for name, number in MONTHS.items()}
# Kp in thirds to the linear amplitude a (Bartels): 0o 0+ 1- 1o 1+ ... 9o.
AMPLITUDES = (
    0,
    2,
    3,
    4,
    5,
    6,
    7,
    9,
    12,
    15,
    18,
    22,
    27,
    32,
    39,
    48,
    56,
    67,
    80,
    94,
    111,
    132,
    154,
    179,
    207,
    236,
    300,
    400,
)


def kp(now: datetime, chance: random.Random) -> list:
    """A week with one moderate storm in it."""
    last = now.replace(hour=now.hour - now.hour % 3, minute=0, second=0, microsecond=0) - timedelta(hours=3)
    rows = []
    for index in range(56):
        storm = 4.2 * math.exp(-(((index - 33) / 2.6) ** 2)) + 2.1 * math.exp(-(((index - 39) / 6) ** 2))
        third = round(3 * min(9.0, 1.5 + 0.5 * math.sin(index / 5) + storm + chance.uniform(-0.8, 0.8)))
        third = max(0, third)
        rows.append(
            {
                "time_tag": (last - timedelta(hours=3 * (55 - index))).strftime("%Y-%m-%dT%H:%M:%S"),
                "Kp": round(third / 3, 2),
                "a_running": AMPLITUDES[third],
                "station_count": 8,
            }
        )
    return rows


def solar_wind(now: datetime, chance: random.Random) -> list:
    """A day in which a faster stream arrives; minutes without a reading are null, as upstream writes them."""
    rows = [["time_tag", "density", "speed", "temperature"]]
    wander = 0.0
    for minute in range(1440):
        wander = 0.985 * wander + chance.gauss(0, 2.4)
        rise = 1 / (1 + math.exp(-(minute - 860) / 70))
        pile_up = math.exp(-(((minute - 800) / 95) ** 2))
        speed = 372 + 168 * rise + wander + chance.gauss(0, 4.5) - 18 * (minute / 1440) * rise
        density = max(0.3, 4.6 + 11.5 * pile_up - 2.2 * rise + chance.gauss(0, 0.45) + wander / 30)
        temperature = 42000 + 215000 * rise + 60000 * pile_up + chance.gauss(0, 9000)
        stamp = (now - timedelta(minutes=1440 - minute)).strftime(FORMAT)
        missing = 512 <= minute < 540 or chance.random() < 0.004
        values = (
            [None] * 3 if missing else [f"{density:.2f}", f"{speed:.1f}", f"{max(9000, temperature):.0f}"]
        )
        rows.append([stamp, *values])
    return rows


def orbits(now: datetime, chance: random.Random) -> list:
    """
    name, international id, catalogue number, turns a day, eccentricity, inclination, node, perigee,
    anomaly.
    """
    iss = (15.49318402, 0.0004213, 51.6331, 214.7718, 128.4406, 231.6919)
    css = (15.60271844, 0.0006118, 41.4672, 88.2041, 301.9917, 58.0316)
    listed = (
        ("ISS (ZARYA)", "1998-067A", 25544, iss),
        ("ISS (NAUKA)", "2021-066A", 49044, iss),
        ("CSS (TIANHE)", "2021-035A", 48274, css),
        ("CSS (WENTIAN)", "2022-085A", 53239, css),
        ("CSS (MENGTIAN)", "2022-143A", 54216, css),
        ("PROGRESS-MS 33", "2026-041A", 68121, iss),
        ("SOYUZ-MS 29", "2026-146A", 69310, iss),
        ("CREW DRAGON 13", "2026-187A", 69702, iss),
        ("CYGNUS NG-24", "2026-171A", 69544, iss),
        ("TIANZHOU-10", "2026-098A", 68840, css),
        ("SHENZHOU-24", "2026-239A", 100214, css),
        ("FLP-TEST SAT", "2017-042G", 42831, (14.92140718, 0.0012094, 97.3351, 22.6183, 77.1526, 283.1004)),
        (
            "LEMUR-2 KAREN-B",
            "2026-032C",
            67904,
            (15.71046112, 0.0003307, 51.6284, 186.3310, 14.2240, 345.8861),
        ),
        (
            "BIOSENTINEL DEMO",
            "2026-160D",
            69431,
            (15.58830127, 0.0008846, 51.6302, 201.4417, 262.7093, 97.3018),
        ),
        ("TSUKUYOMI-3", "2026-032F", 67907, (15.66200519, 0.0005020, 51.6296, 192.8866, 340.0191, 20.0672)),
    )
    epoch = (now - timedelta(hours=7, minutes=22)).strftime("%Y-%m-%dT%H:%M:%S.") + "481024"
    return [
        {
            "OBJECT_NAME": name,
            "OBJECT_ID": designator,
            "EPOCH": epoch,
            "MEAN_MOTION": elements[0],
            "ECCENTRICITY": elements[1],
            "INCLINATION": elements[2],
            "RA_OF_ASC_NODE": elements[3],
            "ARG_OF_PERICENTER": elements[4],
            "MEAN_ANOMALY": elements[5],
            "EPHEMERIS_TYPE": 0,
            "CLASSIFICATION_TYPE": "U",
            "NORAD_CAT_ID": catalog,
            "ELEMENT_SET_NO": 999,
            "REV_AT_EPOCH": 10000 + chance.randrange(40000),
            "BSTAR": round(chance.uniform(1e-4, 4e-4), 8),
            "MEAN_MOTION_DOT": round(chance.uniform(5e-5, 3e-4), 8),
            "MEAN_MOTION_DDOT": 0,
        }
        for name, designator, catalog, elements in listed
    ]


def neo(now: datetime, chance: random.Random) -> dict:
    """Designation, days from now, distance in au, speed, absolute magnitude."""
    listed = (
        ("2026 WB1", 0.31, 0.01642, 9.41, 26.1),
        ("2019 VL5", 1.22, 0.02231, 8.34, 25.8),
        ("2026 VN4", 2.05, 0.00598, 12.87, 27.2),
        ("2026 WC", 3.84, 0.00214, 7.02, 28.9),
        ("2008 WN2", 5.37, 0.04413, 16.20, 21.4),
        ("2026 UQ7", 6.90, 0.03108, 11.73, 24.0),
        ("2024 XA3", 8.15, 0.01189, 6.55, 26.6),
        ("2016 YR", 10.62, 0.02870, 19.48, 23.1),
        ("164121", 12.08, 0.03785, 23.90, 16.5),
        ("2026 VT2", 14.71, 0.00871, 10.16, 25.5),
        ("2021 XB6", 17.33, 0.04642, 14.02, 22.9),
        ("2010 XC15", 20.94, 0.02044, 10.05, 21.7),
        ("2023 WF1", 24.52, 0.03313, 5.97, 24.7),
        ("2018 XV5", 27.76, 0.04027, 17.66, 23.8),
    )
    data = []
    for name, days, distance, speed, magnitude in listed:
        moment = now + timedelta(days=days)
        julian = 2440587.5 + moment.timestamp() / 86400
        when = f"{moment.year}-{MONTH_NAMES[moment.month]}-{moment.day:02d} {moment:%H:%M}"
        data.append(
            [
                name,
                str(chance.randrange(1, 40)),
                f"{julian:.9f}",
                when,
                f"{distance:.11f}",
                f"{distance * 0.997:.11f}",
                f"{distance * 1.004:.11f}",
                f"{speed:.8f}",
                f"{speed - 0.06:.8f}",
                f"00:{chance.randrange(1, 59):02d}",
                f"{magnitude:.2f}",
            ]
        )
    return {
        "signature": {"source": "NASA/JPL SBDB Close Approach Data API", "version": "1.5"},
        "count": len(data),
        "fields": [
            "des",
            "orbit_id",
            "jd",
            "cd",
            "dist",
            "dist_min",
            "dist_max",
            "v_rel",
            "v_inf",
            "t_sigma_f",
            "h",
        ],
        "data": data,
    }


def launches(now: datetime, chance: random.Random) -> dict:
    listed = (
        (
            0.71,
            "Falcon 9 Block 5",
            "Starlink Group 10-58",
            "SpaceX",
            "Go",
            "LEO",
            "Space Launch Complex 40",
            "Cape Canaveral SFS, FL, USA",
        ),
        (
            2.14,
            "Long March 2D",
            "Earth observation",
            "China Aerospace Science and Technology Corporation",
            "Go",
            "SSO",
            "Launch Complex 9401",
            "Taiyuan Satellite Launch Center, People's Republic of China",
        ),
        (
            3.92,
            "Electron",
            "QPS-SAR-21",
            "Rocket Lab",
            "Go",
            "LEO",
            "Rocket Lab Launch Complex 1B",
            "Rocket Lab Launch Complex 1, Mahia Peninsula, New Zealand",
        ),
        (
            6.38,
            "Falcon 9 Block 5",
            "Transporter 18",
            "SpaceX",
            "Go",
            "SSO",
            "Space Launch Complex 4E",
            "Vandenberg SFB, CA, USA",
        ),
        (
            8.05,
            "Soyuz 2.1a",
            "Progress MS-34 (95P)",
            "Russian Federal Space Agency (ROSCOSMOS)",
            "TBC",
            "LEO",
            "31/6",
            "Baikonur Cosmodrome, Republic of Kazakhstan",
        ),
        (
            11.47,
            "Ariane 64",
            "Kuiper (LE-04)",
            "Arianespace",
            "TBC",
            "LEO",
            "Ariane Launch Area 4",
            "Guiana Space Centre, French Guiana",
        ),
        (
            15.66,
            "H3-24",
            "HTV-X3",
            "Mitsubishi Heavy Industries",
            "TBC",
            "LEO",
            "Yoshinobu Launch Complex LP-2",
            "Tanegashima Space Center, Japan",
        ),
        (
            21.20,
            "Vega-C",
            "Sentinel-3C",
            "Arianespace",
            "TBD",
            "SSO",
            "Ensemble de Lancement Vega",
            "Guiana Space Centre, French Guiana",
        ),
    )
    names = {"Go": (1, "Go for Launch"), "TBC": (8, "To Be Confirmed"), "TBD": (2, "To Be Determined")}
    results = []
    for index, (days, rocket, payload, provider, status, orbit, pad, location) in enumerate(listed):
        moment = (now + timedelta(days=days)).replace(second=0)
        results.append(
            {
                "id": "%08x-%04x-4%03x-a%03x-%012x"
                % tuple(chance.getrandbits(bits) for bits in (32, 16, 12, 12, 48)),
                "name": f"{rocket} | {payload}",
                "status": {
                    "id": names[status][0],
                    "name": names[status][1],
                    "abbrev": status,
                    "description": "",
                },
                "last_updated": iso(now - timedelta(hours=2 + index)),
                "net": iso(moment),
                "window_start": iso(moment),
                "window_end": iso(moment + timedelta(hours=1)),
                "probability": chance.choice((None, 80, 90)),
                "weather_concerns": None,
                "launch_service_provider": {"id": 100 + index, "name": provider},
                "rocket": {"id": 8000 + index, "configuration": {"name": rocket, "full_name": rocket}},
                "mission": {"id": 7000 + index, "name": payload, "orbit": {"name": orbit, "abbrev": orbit}},
                "pad": {"id": 10 + index, "name": pad, "location": {"id": 20 + index, "name": location}},
            }
        )
    return {"count": len(results), "next": None, "previous": None, "results": results}


MAKERS = {"kp": kp, "solar-wind": solar_wind, "orbits": orbits, "neo": neo, "launches": launches}


def body(name: str, now: datetime) -> bytes:
    """The upstream body of one data set at a moment."""
    made = MAKERS[name](now, random.Random(f"space-intelligence/{name}"))
    rows = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    # One row a line: differences stay readable when a snapshot is made again.
    return (
        rows.replace('},{"OBJECT', '},\n{"OBJECT')
        .replace("],[", "],\n[")
        .replace('},{"time_tag', '},\n{"time_tag')
        .replace('},{"id":"', '},\n{"id":"')
        .encode("utf-8")
        + b"\n"
    )


def write(folder: Path, now: datetime, kind: str = "last-known-good") -> None:
    """Every data set with its meta file, in the layout that the application reads."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in SOURCES:
        raw = body(source.name, now)
        (folder / f"{source.name}.json").write_bytes(raw)
        meta = {
            "name": source.name,
            "source": kind,
            "url": source.url,
            "fetchedAt": iso(now),
            "rows": len(source.parse(json.loads(raw))),
            "sha256": hashlib.sha256(raw).hexdigest(),
        }
        (folder / f"{source.name}.meta.json").write_text(json.dumps(meta, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes sample data in the formats of the upstreams.")
    parser.add_argument("--now", default=COMMITTED, help="the moment the data is of, ISO 8601")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "snapshots")
    parser.add_argument("--source", default="last-known-good", help="what the meta files say")
    options = parser.parse_args()
    write(options.out, parse_time(options.now), options.source)
    print(f"{len(SOURCES)} data sets of {options.now} in {options.out}")


if __name__ == "__main__":
    main()
