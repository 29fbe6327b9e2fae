"""Orbital mechanics against known values."""

import math
import unittest
from datetime import datetime, timedelta, timezone

from space import orbits
from space.clock import parse_time
from tests.support import NOW, body, parse

GEOSTATIONARY = 1.00273790935
"""Turns a day of a body that keeps its place: one for each sidereal day."""


def circular(mean_motion: float, inclination: float = 0.0) -> dict:
    return {
        "name": "TEST",
        "epoch": "2026-11-20T12:00:00Z",
        "meanMotion": mean_motion,
        "eccentricity": 0.0,
        "inclination": inclination,
        "raan": 0.0,
        "argPerigee": 0.0,
        "meanAnomaly": 0.0,
    }


class Figures(unittest.TestCase):
    def test_geostationary_radius(self):
        self.assertAlmostEqual(orbits.semi_major_axis(GEOSTATIONARY), 42164.2, delta=0.5)
        self.assertEqual(orbits.regime(GEOSTATIONARY, 0.0002), "GEO")

    def test_the_station_circles_in_93_minutes_some_400_km_up(self):
        station = parse("orbits", body("orbits"))[0]
        self.assertAlmostEqual(orbits.period_minutes(station["meanMotion"]), 92.94, delta=0.05)
        perigee, apogee = orbits.heights(station["meanMotion"], station["eccentricity"])
        self.assertTrue(405 < perigee < apogee < 430, (perigee, apogee))

    def test_a_molniya_orbit_is_eccentric(self):
        perigee, apogee = orbits.heights(2.00602, 0.7222)
        self.assertAlmostEqual(apogee - perigee, 2 * 0.7222 * orbits.semi_major_axis(2.00602), places=6)
        self.assertEqual(orbits.regime(2.00602, 0.7222), "HEO")

    def test_the_node_of_a_sun_synchronous_orbit_turns_with_the_sun(self):
        node, _ = orbits.drift(14.5715, 0.0001, 98.18)
        self.assertAlmostEqual(node, 360 / 365.2422, delta=0.01)


class Kepler(unittest.TestCase):
    def test_the_solution_satisfies_the_equation(self):
        for eccentricity in (0.0, 0.01, 0.3, 0.74, 0.95):
            for degrees in range(-170, 181, 35):
                mean = math.radians(degrees)
                anomaly = orbits.eccentric_anomaly(mean, eccentricity)
                self.assertAlmostEqual(
                    math.remainder(anomaly - eccentricity * math.sin(anomaly) - mean, 2 * math.pi),
                    0,
                    places=10,
                )

    def test_vallado_example_2_1(self):
        # Vallado, Fundamentals of Astrodynamics: M = 235.4 degrees, e = 0.4 gives E = 220.512074 degrees.
        anomaly = math.degrees(orbits.eccentric_anomaly(math.radians(235.4), 0.4)) % 360
        self.assertAlmostEqual(anomaly, 220.512074, places=5)


class Ground(unittest.TestCase):
    def test_sidereal_angle_at_j2000(self):
        self.assertAlmostEqual(orbits.sidereal_angle(orbits.J2000), 280.46062, places=4)

    def test_vallado_example_3_5(self):
        # 20 August 1992, 12:14 UT1: Greenwich mean sidereal time 152.578788 degrees.
        self.assertAlmostEqual(
            orbits.sidereal_angle(datetime(1992, 8, 20, 12, 14, tzinfo=timezone.utc)), 152.578788, places=4
        )

    def test_vallado_example_3_3_geodetic_latitude_and_height(self):
        latitude, height = orbits.geodetic(6524.834, 6862.875, 6448.296)
        self.assertAlmostEqual(latitude, 34.352496, places=4)
        self.assertAlmostEqual(height, 5085.22, delta=0.02)

    def test_a_geostationary_craft_keeps_its_longitude(self):
        craft = circular(GEOSTATIONARY)
        # J2 turns node and perigee by hundredths of a degree a day; six hours leave less than that.
        first = orbits.position(craft, NOW)
        later = orbits.position(craft, NOW + timedelta(hours=6))
        self.assertAlmostEqual(first.longitude, later.longitude, delta=0.02)
        self.assertAlmostEqual(later.latitude, 0, delta=1e-6)
        self.assertAlmostEqual(later.speed, 3.0747, delta=0.001)

    def test_latitude_never_exceeds_inclination_and_reaches_it(self):
        craft = circular(15.5, inclination=51.6)
        latitudes = [latitude for latitude, _ in orbits.ground_track(craft, NOW)]
        # Geodetic latitude lies up to 0.19 degrees beyond the geocentric one.
        self.assertLess(max(map(abs, latitudes)), 51.6 + 0.2)
        self.assertGreater(max(latitudes), 51.4)
        self.assertLess(min(latitudes), -51.4)

    def test_after_one_turn_earth_has_turned_below(self):
        track = orbits.ground_track(circular(16.0), NOW, 0.0, 1.0)
        shift = (track[-1][1] - track[0][1] + 180) % 360 - 180
        # 360 degrees of orbit in 90 minutes, less 22.56 of Earth, with the drift of node and perigee added.
        self.assertAlmostEqual(
            shift, -22.56 + 360 * (sum(orbits.drift(16.0, 0.0, 0.0)) / 16 / 360), delta=0.05
        )

    def test_the_sun_stands_over_the_tropics_at_the_solstices(self):
        june, _ = orbits.subsolar_point(parse_time("2026-06-21T08:25:00Z"))
        december, longitude = orbits.subsolar_point(parse_time("2026-12-21T12:00:00Z"))
        self.assertAlmostEqual(june, 23.436, delta=0.02)
        self.assertAlmostEqual(december, -23.436, delta=0.02)
        self.assertLess(abs(longitude), 2.0)


class Describing(unittest.TestCase):
    def test_docked_craft_become_one_orbit(self):
        rows = parse("orbits", body("orbits"))
        craft = orbits.describe(rows, NOW)
        self.assertEqual(len(craft), 6)
        self.assertEqual((craft[0]["name"], len(craft[0]["docked"])), ("ISS (ZARYA)", 5))

    def test_old_elements_are_not_carried_forward(self):
        rows = parse("orbits", body("orbits"))
        newest = max(parse_time(row["epoch"]) for row in rows)
        self.assertEqual(orbits.reference_moment(rows, NOW), NOW)
        self.assertEqual(orbits.reference_moment(rows, NOW + timedelta(days=30)), newest)


if __name__ == "__main__":
    unittest.main()
