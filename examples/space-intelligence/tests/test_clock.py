"""Times and how they are told."""

import unittest
from datetime import datetime, timezone

from space.clock import ago, in_words, iso, parse_time


class Times(unittest.TestCase):
    def test_every_form_of_the_upstreams_is_the_same_moment(self):
        for text in (
            "2026-11-20T12:05:00Z",
            "2026-11-20 12:05:00.000",
            "2026-11-20T12:05:00",
            "2026-11-20T12:05:00.000000",
            "2026-Nov-20 12:05",
            "2026-11-20T13:05:00+01:00",
            "2026-11-20T07:05:00-0500",
        ):
            with self.subTest(text):
                self.assertEqual(parse_time(text), datetime(2026, 11, 20, 12, 5, tzinfo=timezone.utc))

    def test_what_is_no_time_is_refused(self):
        for text in ("yesterday", "", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", None, 5):
            with self.subTest(text), self.assertRaises(ValueError):
                parse_time(text)

    def test_iso_round_trip(self):
        self.assertEqual(iso(parse_time("2026-11-20T12:05:09Z")), "2026-11-20T12:05:09Z")

    def test_ages_are_told_in_the_largest_sensible_unit(self):
        told = [ago(seconds) for seconds in (5, 61, 3599, 7200, 100000, 172800, 86400 * 9)]
        self.assertEqual(
            told,
            [
                "just now",
                "1 minute ago",
                "59 minutes ago",
                "2 hours ago",
                "27 hours ago",
                "2 days ago",
                "9 days ago",
            ],
        )
        self.assertEqual(in_words(3700), "1 hour")


if __name__ == "__main__":
    unittest.main()
