"""The data directory: what was delivered, what stands in for it, and how old it is."""

import contextlib
import hashlib
import io
import json
import unittest
from datetime import timedelta

from space import data
from space.sources import SOURCES, source
from tests.support import NOW, FolderCase, body


class Loading(FolderCase):
    def test_delivered_data_is_preferred_to_the_snapshot(self):
        entry = data.load(source("kp"), self.folder)
        self.assertEqual(
            (entry.kind, entry.valid, len(entry.rows), entry.age(NOW)), ("primary", True, 56, 600)
        )
        self.assertFalse(entry.stale(NOW))

    def test_without_a_delivery_the_snapshot_is_read(self):
        self.drop("neo")
        entry = data.load(source("neo"), self.folder)
        self.assertEqual((entry.kind, entry.valid, len(entry.rows)), ("last-known-good", True, 14))

    def test_every_committed_snapshot_is_valid_and_matches_its_meta(self):
        for each in SOURCES:
            with self.subTest(each.name):
                entry = data.load(each, None)
                self.assertTrue(entry.valid, entry.error)
                meta = json.loads((data.SNAPSHOTS / f"{each.name}.meta.json").read_text())
                raw = (data.SNAPSHOTS / f"{each.name}.json").read_bytes()
                self.assertEqual(
                    (meta["rows"], meta["sha256"]), (len(entry.rows), hashlib.sha256(raw).hexdigest())
                )

    def test_a_broken_delivery_is_invalid_and_the_snapshot_is_what_is_shown(self):
        self.deliver("kp", "<html>502 Bad Gateway</html>")
        entry = data.load(source("kp"), self.folder)
        self.assertFalse(entry.valid)
        self.assertIn("not JSON", entry.error)
        self.assertEqual((entry.kind, len(entry.rows)), ("last-known-good", 56))

    def test_a_body_that_was_changed_after_delivery_is_refused(self):
        self.deliver("kp", json.dumps(body("kp")), sha256="0" * 64)
        self.assertIn("sha256", data.load(source("kp"), self.folder).error)

    def test_too_few_rows_are_refused(self):
        self.deliver("kp", json.dumps(body("kp")[:3]))
        self.assertEqual(data.load(source("kp"), self.folder).error, "3 rows, at least 8 expected")

    def test_a_body_without_meta_counts_from_its_file_time(self):
        (self.folder / "kp.meta.json").unlink()
        entry = data.load(source("kp"), self.folder)
        self.assertEqual((entry.kind, entry.valid), ("unknown", True))
        self.assertIsNotNone(entry.fetched_at)

    def test_a_broken_meta_file_makes_the_set_invalid(self):
        for text in ("{", "[]", '{"fetchedAt": "soon"}'):
            with self.subTest(text):
                (self.folder / "kp.meta.json").write_text(text)
                self.assertFalse(data.load(source("kp"), self.folder).valid)

    def test_data_grows_stale_after_its_limit(self):
        entry = data.load(source("launches"), self.folder)
        self.assertFalse(entry.stale(NOW + timedelta(hours=23)))
        self.assertTrue(entry.stale(NOW + timedelta(hours=25)))

    def test_an_upstream_that_answers_but_stands_still_is_stale(self):
        later = NOW + timedelta(days=1)
        self.deliver("kp", json.dumps(body("kp")), fetchedAt="2026-11-21T12:05:00Z")
        entry = data.load(source("kp"), self.folder)
        self.assertLess(entry.age(later), 600)
        self.assertTrue(entry.stale(later))

    def test_ages_are_told_with_their_origin(self):
        self.assertEqual(
            data.load(source("kp"), None).as_of(NOW + timedelta(days=3)), "as of 3 days ago · last known good"
        )

    def test_a_new_delivery_is_seen_without_a_restart(self):
        library = data.Library(self.folder)
        self.assertEqual(len(library.get(source("launches")).rows), 8)
        fewer = body("launches")
        fewer["results"] = fewer["results"][:3]
        self.deliver("launches", json.dumps(fewer))
        self.assertEqual(len(library.get(source("launches")).rows), 3)


class Validating(FolderCase):
    def run_command(self, *arguments):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = data.main(["validate", str(self.folder), *arguments])
        return code, said.getvalue().splitlines()

    def test_one_line_for_each_set_and_0_when_all_are_valid(self):
        code, lines = self.run_command()
        self.assertEqual((code, len(lines)), (0, 5))

    def test_1_when_a_set_is_invalid_and_the_reason_is_in_its_line(self):
        rows = body("kp")
        rows[0]["Kp"] = 99
        self.deliver("kp", json.dumps(rows))
        code, lines = self.run_command()
        self.assertEqual(code, 1)
        self.assertRegex(lines[0], r"^invalid +kp .*outside 0 to 9")

    def test_1_when_a_set_is_missing_and_snapshots_do_not_count(self):
        self.drop("orbits")
        self.assertEqual(self.run_command()[0], 0)
        self.assertEqual(self.run_command("--no-snapshots")[0], 1)


if __name__ == "__main__":
    unittest.main()
