"""The trend: exact where it must be, honest about gaps."""

import unittest

from space.capabilities import library
from space.trend import smooth


@unittest.skipUnless(library("numpy"), "numpy is not installed")
class Trend(unittest.TestCase):
    def test_a_straight_line_is_its_own_trend(self):
        line = [3.0 + 0.5 * index for index in range(200)]
        for told, true in zip(smooth(line), line):
            self.assertAlmostEqual(told, true, places=2)

    def test_noise_is_reduced(self):
        noisy = [400 + (10 if index % 2 else -10) for index in range(300)]
        self.assertLess(max(abs(value - 400) for value in smooth(noisy)), 2.5)

    def test_gaps_stay_gaps(self):
        series = [400.0] * 200
        series[50:60] = [None] * 10
        trend = smooth(series)
        self.assertEqual(len(trend), 200)
        self.assertEqual([index for index, value in enumerate(trend) if value is None], list(range(50, 60)))

    def test_a_series_shorter_than_the_window_has_none(self):
        self.assertIsNone(smooth([1.0] * 30))


if __name__ == "__main__":
    unittest.main()
