"""Active regions on the solar disc, found by OpenCV in a real picture."""

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

from space import sun
from space.capabilities import library
from tests.support import without


class WithoutOpenCV(unittest.TestCase):
    def test_the_capability_is_absent_and_says_so(self):
        with without("cv2"):
            result = sun.analyse()
        self.assertFalse(result["available"])
        self.assertEqual((result["capability"], result["regions"]), ("cv2", []))
        self.assertIn("OpenCV is not installed", result["note"])

    def test_the_command_ends_with_3_and_writes_nothing(self):
        with tempfile.TemporaryDirectory() as folder, without("cv2"), contextlib.redirect_stderr(
            io.StringIO()
        ):
            target = Path(folder) / "sun.json"
            self.assertEqual(sun.main([str(sun.PICTURE), "--out", str(target)]), 3)
            self.assertFalse(target.exists())


@unittest.skipUnless(library("cv2"), "OpenCV is not installed")
class Analysis(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.result = sun.analyse()

    def test_the_disc_is_where_it_was_drawn(self):
        disc = self.result["disc"]
        self.assertAlmostEqual(disc["x"], 320, delta=2)
        self.assertAlmostEqual(disc["y"], 320, delta=2)
        self.assertAlmostEqual(disc["radius"], 292, delta=4)

    def test_every_group_that_was_drawn_is_found_at_its_place(self):
        found = [
            (each["latitude"], each["longitude"])
            for each in self.result["regions"]
            if each["kind"] == "spots"
        ]
        self.assertEqual(len(found), 5)
        for latitude, longitude in ((14, -30), (-19, 23), (9, 50), (-11.5, -5), (23.5, 7)):
            self.assertTrue(
                any(abs(a - latitude) < 2.5 and abs(b - longitude) < 2.5 for a, b in found),
                (latitude, longitude, found),
            )

    def test_the_largest_group_comes_first_and_is_dark(self):
        first = self.result["regions"][0]
        self.assertEqual((first["label"], first["kind"]), ("AR-1", "spots"))
        self.assertLess(first["contrast"], 0.8)
        self.assertTrue(
            all(
                first["areaMsh"] >= each["areaMsh"]
                for each in self.result["regions"]
                if each["kind"] == "spots"
            )
        )

    def test_faculae_are_bright_and_near_the_limb(self):
        faculae = [each for each in self.result["regions"] if each["kind"] == "faculae"]
        self.assertGreaterEqual(len(faculae), 3)
        for each in faculae:
            self.assertGreater(each["contrast"], 1.03)
            self.assertGreater(abs(each["longitude"]), 40)

    def test_sunspot_number_is_ten_for_a_group_and_one_for_a_spot(self):
        self.assertEqual(
            self.result["sunspotNumber"], 10 * self.result["groupCount"] + self.result["spotCount"]
        )

    def test_a_spotless_disc_has_no_regions(self):
        cv2, np = library("cv2"), library("numpy")
        blank = np.zeros((400, 400), np.uint8)
        cv2.circle(blank, (200, 200), 150, 200, -1)
        with tempfile.TemporaryDirectory() as folder:
            picture = Path(folder) / "blank.png"
            picture.write_bytes(cv2.imencode(".png", blank)[1].tobytes())
            self.assertEqual([each["kind"] for each in sun.analyse(picture)["regions"]], [])

    def test_what_is_no_sun_is_refused(self):
        np = library("numpy")
        cv2 = library("cv2")
        with tempfile.TemporaryDirectory() as folder:
            dark = Path(folder) / "dark.png"
            dark.write_bytes(cv2.imencode(".png", np.zeros((300, 300), np.uint8))[1].tobytes())
            broken = Path(folder) / "broken.png"
            broken.write_bytes(b"not a picture")
            empty = Path(folder) / "empty.png"
            empty.touch()
            for path in (dark, broken, empty):
                with self.subTest(path.name), self.assertRaises(sun.SunError):
                    sun.analyse(path)

    def test_the_command_writes_json_and_an_annotated_picture(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as said:
            target, marked = Path(folder) / "deep" / "sun.json", Path(folder) / "marked.png"
            self.assertEqual(
                sun.main([str(sun.PICTURE), "--out", str(target), "--annotated", str(marked)]), 0
            )
            self.assertEqual(json.loads(target.read_text())["groupCount"], 5)
            self.assertTrue(marked.read_bytes().startswith(b"\x89PNG"))
        self.assertIn("5 groups", said.getvalue())


if __name__ == "__main__":
    unittest.main()
