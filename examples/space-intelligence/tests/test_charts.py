"""Charts are well-formed SVG and draw what the data says."""

import unittest
import xml.etree.ElementTree as ElementTree

from space import charts, maps, svg, views
from tests.support import NOW, body, parse, without


def drawn(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(markup)


def of_class(root: ElementTree.Element, name: str) -> list:
    return [each for each in root.iter() if name in each.get("class", "").split()]


class Charts(unittest.TestCase):
    def test_kp_draws_one_bar_for_each_reading_coloured_by_storm_level(self):
        view = views.kp_view(parse("kp", body("kp")))
        root = drawn(charts.kp_chart(view, 820))
        bars = of_class(root, "bar")
        self.assertEqual(len(bars), 56)
        self.assertEqual(
            len(of_class(root, "g3")), sum(views.kp_level(row["kp"])[0] == "G3" for row in view["rows"])
        )
        tallest = max(bars, key=lambda bar: float(bar.get("height")))
        self.assertIn(f"Kp {view['peak']['kp']:.2f}", tallest[0].text)

    def test_kp_levels_follow_the_scale_of_noaa(self):
        said = {kp: views.kp_level(kp)[0] for kp in (0, 3.67, 4.33, 4.67, 5.33, 6, 7.33, 8, 9)}
        self.assertEqual(
            said, {0: "", 3.67: "", 4.33: "", 4.67: "G1", 5.33: "G1", 6: "G2", 7.33: "G3", 8: "G4", 9: "G5"}
        )

    def test_wind_line_is_broken_where_readings_are_missing(self):
        view = views.solar_wind_view(parse("solar-wind", body("solar-wind")))
        line = next(
            each
            for each in of_class(drawn(charts.wind_chart(view, 820)), "line")
            if "density" in each.get("class")
        )
        self.assertEqual(line.get("d").count("M"), 2)

    def test_no_trend_without_numpy_and_the_reason_is_given(self):
        with without("numpy"):
            view = views.solar_wind_view(parse("solar-wind", body("solar-wind")))
        self.assertIsNone(view["trend"])
        self.assertEqual(view["trendNote"], "numpy is not installed")
        self.assertEqual(of_class(drawn(charts.wind_chart(view, 820)), "trend"), [])

    def test_every_chart_is_well_formed_at_both_widths(self):
        kp = views.kp_view(parse("kp", body("kp")))
        wind = views.solar_wind_view(parse("solar-wind", body("solar-wind")))
        neo = views.neo_view(parse("neo", body("neo")), NOW)
        orbits = views.orbits_view(parse("orbits", body("orbits")), NOW)
        for width in (356, 820):
            for markup in (
                charts.kp_chart(kp, width),
                charts.wind_chart(wind, width),
                charts.neo_chart(neo, NOW, width),
                maps.orbit_map(orbits, NOW, width),
            ):
                root = drawn(markup)
                self.assertEqual(root.get("width"), str(width))
                self.assertNotIn("nan", markup)

    def test_names_from_upstream_cannot_break_out_of_the_drawing(self):
        rows = body("neo")
        rows["data"][0][0] = '<script>alert("x")</script>'
        markup = charts.neo_chart(views.neo_view(parse("neo", rows), NOW), NOW, 820)
        self.assertNotIn("<script", markup)
        drawn(markup)

    def test_the_track_leaves_one_side_of_the_map_and_enters_on_the_other(self):
        points = maps._segments([(0, 170), (5, 178), (10, -174), (15, -166)], 360, 144)
        self.assertEqual(points.index(None), 2)

    def test_ticks_are_round_and_span_the_values(self):
        self.assertEqual(svg.ticks(0, 16.4, 4), [0, 5, 10, 15, 20])
        marks = svg.ticks(352, 561, 4)
        self.assertTrue(marks[0] <= 352 and marks[-1] >= 561 and all(mark % 50 == 0 for mark in marks), marks)


class Figures(unittest.TestCase):
    def test_lunar_distance_and_size_of_an_approach(self):
        rows = views.neo_view(parse("neo", body("neo")), NOW)["rows"]
        row = next(each for each in rows if each["name"] == "2026 WC")
        self.assertAlmostEqual(row["lunarDistances"], 0.83, places=2)
        # Apophis: H 19.7 at an albedo of 0.14 would be 407 m.
        self.assertAlmostEqual(views.diameter_m(19.7), 407, delta=2)

    def test_what_lies_behind_is_marked_as_past(self):
        view = views.launches_view(parse("launches", body("launches")), parse_later())
        self.assertEqual([row["past"] for row in view["rows"]].count(True), 2)
        self.assertEqual(view["next"]["payload"], "QPS-SAR-21")


def parse_later():
    from datetime import timedelta

    return NOW + timedelta(days=3)


if __name__ == "__main__":
    unittest.main()
