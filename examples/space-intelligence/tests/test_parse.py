"""Upstream bodies: the documented forms are read, broken ones are refused by name."""

import unittest

from space.parse import DataError
from space.sources import SOURCES
from tests.support import body, parse


class GoodBodies(unittest.TestCase):
    def test_every_sample_body_is_read(self):
        for source in SOURCES:
            with self.subTest(source.name):
                self.assertGreaterEqual(len(parse(source.name, body(source.name))), source.min_rows)

    def test_kp_as_table_with_header_reads_the_same_as_objects(self):
        objects = body("kp")
        header = list(objects[0])
        table = [header] + [[str(row[name]) for name in header] for row in objects]
        self.assertEqual(parse("kp", table), parse("kp", objects))

    def test_kp_rows_come_out_in_order_of_time(self):
        rows = parse("kp", list(reversed(body("kp"))))
        self.assertEqual([row["time"] for row in rows], sorted(row["time"] for row in rows))

    def test_solar_wind_gaps_stay_gaps(self):
        rows = parse("solar-wind", body("solar-wind"))
        self.assertIsNone(rows[520]["speed"])
        self.assertIsInstance(rows[700]["speed"], float)

    def test_solar_wind_of_the_mirror_is_read_and_the_idle_spacecraft_left_out(self):
        mirror = [
            {
                "time_tag": f"2026-11-20T11:{minute:02d}:00",
                "active": active,
                "proton_speed": 400.5,
                "proton_density": 3.2,
                "proton_temperature": 60000,
            }
            for minute in range(40)
            for active in (True, False)
        ]
        rows = parse("solar-wind", mirror)
        self.assertEqual(len(rows), 40)
        self.assertEqual(rows[0]["speed"], 400.5)

    def test_orbits_accept_catalogue_numbers_of_six_digits(self):
        rows = parse("orbits", body("orbits"))
        self.assertIn(100214, [row["catalog"] for row in rows])

    def test_neo_times_of_jpl_are_read_as_utc(self):
        self.assertEqual(parse("neo", body("neo"))[0]["time"], "2026-11-20T19:26:00Z")

    def test_neo_with_no_approach_is_a_valid_empty_answer(self):
        empty = {
            "signature": {"source": "NASA/JPL SBDB Close Approach Data API", "version": "1.5"},
            "count": "0",
        }
        self.assertEqual(parse("neo", empty), [])

    def test_launches_of_list_mode_are_read(self):
        listed = {
            "results": [
                {
                    "name": "Electron | QPS-SAR-21",
                    "net": "2026-12-01T10:00:00Z",
                    "mission": "QPS-SAR-21",
                    "status": {"id": 1, "name": "Go for Launch", "abbrev": "Go"},
                    "pad": "LC-1B",
                    "lsp_name": "Rocket Lab",
                    "location": "Mahia Peninsula, New Zealand",
                }
            ]
        }
        row = parse("launches", listed)[0]
        self.assertEqual(
            (row["vehicle"], row["payload"], row["provider"], row["pad"], row["location"]),
            ("Electron", "QPS-SAR-21", "Rocket Lab", "LC-1B", "Mahia Peninsula, New Zealand"),
        )


class BrokenBodies(unittest.TestCase):
    def refuses(self, name, value, message):
        with self.assertRaises(DataError) as caught:
            parse(name, value)
        self.assertIn(message, str(caught.exception))

    def test_an_error_page_instead_of_data(self):
        for source in SOURCES:
            with self.subTest(source.name):
                with self.assertRaises(DataError):
                    parse(source.name, {"error": "service unavailable"})

    def test_a_list_without_rows(self):
        self.refuses("orbits", [], "empty")

    def test_kp_beyond_nine(self):
        rows = body("kp")
        rows[3]["Kp"] = 12.0
        self.refuses("kp", rows, "row 4: Kp = 12 is outside 0 to 9")

    def test_kp_that_is_not_a_number(self):
        rows = body("kp")
        rows[0]["Kp"] = "n/a"
        self.refuses("kp", rows, "Kp is not a number: 'n/a'")

    def test_nan_is_no_measurement(self):
        rows = body("kp")
        rows[0]["Kp"] = float("nan")
        self.refuses("kp", rows, "outside")

    def test_a_missing_field_is_named(self):
        rows = body("orbits")
        del rows[2]["ECCENTRICITY"]
        self.refuses("orbits", rows, "field 'ECCENTRICITY' is missing")

    def test_a_table_row_of_another_width(self):
        rows = body("solar-wind")
        rows[7] = rows[7][:2]
        self.refuses("solar-wind", rows, "row 7: expected 4 columns")

    def test_a_day_almost_without_readings(self):
        rows = body("solar-wind")
        broken = [rows[0]] + [[row[0], None, None, None] for row in rows[1:-5]] + rows[-5:]
        self.refuses("solar-wind", broken, "rows have a speed")

    def test_a_hyperbolic_orbit(self):
        rows = body("orbits")
        rows[0]["ECCENTRICITY"] = 1.2
        self.refuses("orbits", rows, "row 1 (ISS (ZARYA)): ECCENTRICITY = 1.2 is outside 0 to 0.99")

    def test_neo_whose_count_differs_from_its_rows(self):
        short = body("neo")
        short["data"].pop()
        self.refuses("neo", short, "count says 14, the body holds 13 rows")

    def test_another_service_in_place_of_jpl(self):
        other = body("neo")
        other["signature"] = {"source": "someone else"}
        self.refuses("neo", other, "signature.source")

    def test_a_launch_with_a_bad_time(self):
        bad = body("launches")
        bad["results"][1]["net"] = "soon"
        self.refuses("launches", bad, "launch 2: net is not a time: 'soon'")


if __name__ == "__main__":
    unittest.main()
