"""The platform's judgement of itself."""

import json
import tempfile
import unittest
from datetime import timedelta
from pathlib import Path

from space.capabilities import capabilities
from tests.support import NOW, FolderCase, body, without

FULL = {"level": "full", "waitress": True, "numpy": True, "cv2": True}


class Health(FolderCase):
    def judged(self, found=None, **options):
        app = self.app(**options)
        app.found = found or FULL
        return app.health()

    def test_ok_when_everything_is_fresh_and_installed(self):
        state = self.judged()
        self.assertEqual((state["status"], state["reasons"]), ("ok", []))
        self.assertEqual((state["version"], state["commit"]), ("1.4.2", "3f2a91c"))

    def test_each_set_is_reported_with_rows_age_and_source(self):
        entry = self.judged()["data"][0]
        self.assertEqual(
            {key: entry[key] for key in ("name", "rows", "ageSeconds", "stale", "source", "valid")},
            {"name": "kp", "rows": 56, "ageSeconds": 600, "stale": False, "source": "primary", "valid": True},
        )

    def test_degraded_on_last_known_good_even_when_young(self):
        self.deliver("neo", json.dumps(body("neo")), source="last-known-good")
        state = self.judged()
        self.assertEqual(state["status"], "degraded")
        self.assertEqual(state["reasons"], ["neo: last known good, 10 minutes old"])

    def test_degraded_when_stale(self):
        state = self.judged(clock=lambda: NOW + timedelta(hours=30))
        self.assertEqual(state["status"], "degraded")
        self.assertIn("launches: live, but stale", state["reasons"])

    def test_the_mirror_is_as_good_as_the_primary(self):
        self.deliver("neo", json.dumps(body("neo")), source="mirror")
        self.assertEqual(self.judged()["status"], "ok")

    def test_degraded_without_a_library_and_the_loss_is_named(self):
        state = self.judged({**FULL, "level": "core", "cv2": False})
        self.assertEqual(state["status"], "degraded")
        self.assertEqual(state["reasons"], ["without active regions of the Sun (cv2 is not installed)"])

    def test_failing_on_broken_data(self):
        self.deliver("orbits", "{}")
        state = self.judged()
        self.assertEqual(state["status"], "failing")
        self.assertTrue(state["reasons"][0].startswith("orbits: "))

    def test_failing_when_a_set_is_nowhere(self):
        self.drop("kp")
        with tempfile.TemporaryDirectory() as empty:
            state = self.judged(snapshots=Path(empty))
        self.assertEqual(state["status"], "failing")
        self.assertEqual(state["data"][0]["source"], "missing")


class Levels(unittest.TestCase):
    def test_hiding_every_library_leaves_the_standard_library(self):
        with without("waitress,numpy,cv2"):
            self.assertEqual(
                capabilities(), {"level": "standard library", "waitress": False, "numpy": False, "cv2": False}
            )

    def test_opencv_goes_with_numpy(self):
        with without("numpy"):
            self.assertFalse(capabilities()["cv2"])


if __name__ == "__main__":
    unittest.main()
