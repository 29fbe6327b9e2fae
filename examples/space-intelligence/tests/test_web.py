"""Routes through a real socket, and the program itself started, asked and stopped."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

from tests.support import NOW, ROOT, FolderCase, body, fetch, serving, without

API = ("kp", "solar-wind", "orbits", "neo", "launches")
VOID = {"meta", "link", "img", "br"}


class Balance(HTMLParser):
    """Notes elements that are closed out of order, and every address the page loads something from."""

    def __init__(self):
        super().__init__()
        self.open, self.faults, self.loads = [], [], []

    def handle_starttag(self, tag, attributes):
        self.loads += [value for name, value in attributes if name in ("src", "href") and tag != "a"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


class Routes(FolderCase):
    def ask(self, path, method="GET", **options):
        with serving(self.app(**options)) as address:
            return fetch(address + path, method)

    def test_the_page_is_well_formed_and_loads_nothing_from_elsewhere(self):
        status, headers, page = self.ask("/")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        balance = Balance()
        balance.feed(page.decode())
        self.assertEqual((balance.open, balance.faults), ([], []))
        self.assertEqual([each for each in balance.loads if not each.startswith(("data:", "/assets/"))], [])
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])

    def test_the_page_names_version_commit_and_the_age_of_every_set(self):
        page = self.ask("/")[2].decode()
        self.assertIn("Version <b>1.4.2</b> · commit <b>3f2a91c</b>", page)
        self.assertEqual(page.count("as of 10 minutes ago · live"), 5)

    def test_old_data_is_marked_as_last_known_good(self):
        for name in API:
            self.drop(name)
        page = self.ask("/", clock=lambda: NOW + timedelta(days=3))[2].decode()
        self.assertEqual(page.count("as of 3 days ago · last known good"), 5)
        self.assertIn("The field was quiet", page)

    def test_health_is_200_when_served_and_503_when_data_is_broken(self):
        status, headers, answer = self.ask("/health")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/json; charset=utf-8"))
        self.assertIn(json.loads(answer)["status"], ("ok", "degraded"))
        self.deliver("kp", "[]")
        status, _, answer = self.ask("/health")
        self.assertEqual((status, json.loads(answer)["status"]), (503, "failing"))

    def test_the_page_is_still_served_when_data_is_broken_and_says_so(self):
        self.deliver("kp", "<html>")
        status, _, page = self.ask("/")
        self.assertEqual(status, 200)
        self.assertIn("Shown instead: the last known good", page.decode())

    def test_the_page_survives_the_loss_of_every_set(self):
        for name in API:
            self.drop(name)
        with tempfile.TemporaryDirectory() as empty:
            status, _, page = self.ask("/", snapshots=Path(empty))
        self.assertEqual(status, 200)
        self.assertEqual(page.decode().count("Nothing to show"), 5)

    def test_every_set_has_its_api(self):
        with serving(self.app()) as address:
            for name in API:
                with self.subTest(name):
                    status, _, answer = fetch(f"{address}/api/{name}")
                    self.assertEqual((status, json.loads(answer)["data"]["name"]), (200, name))

    def test_orbits_api_tells_where_the_station_is(self):
        craft = json.loads(self.ask("/api/orbits")[2])["craft"][0]
        self.assertEqual(craft["name"], "ISS (ZARYA)")
        self.assertTrue(-52 < craft["latitude"] < 52 and 400 < craft["altitudeKm"] < 440)

    def test_version_and_status(self):
        self.assertEqual(json.loads(self.ask("/version")[2]), {"version": "1.4.2", "commit": "3f2a91c"})
        status = json.loads(self.ask("/api/status")[2])
        self.assertEqual(status["now"], "2026-11-20T12:10:00Z")
        self.assertEqual(len(status["data"]), 5)

    def test_the_revision_changes_with_the_data(self):
        before = json.loads(self.ask("/api/status")[2])["revision"]
        self.deliver("kp", json.dumps(body("kp")), fetchedAt="2026-11-20T12:09:00Z")
        self.assertNotEqual(json.loads(self.ask("/api/status")[2])["revision"], before)

    def test_without_opencv_the_picture_is_shown_with_a_note(self):
        with without("cv2"), serving(self.app()) as address:
            status, _, answer = fetch(address + "/api/sun")
            page = fetch(address + "/")[2].decode()
            picture = fetch(address + "/assets/sun.png")
        self.assertEqual((status, json.loads(answer)["available"]), (200, False))
        self.assertIn("OpenCV is not installed: the picture is shown without regions", page)
        self.assertEqual((picture[0], picture[1]["Content-Type"]), (200, "image/png"))

    def test_unknown_paths_other_methods_and_escapes_are_refused(self):
        with serving(self.app()) as address:
            self.assertEqual(fetch(address + "/nothing")[0], 404)
            self.assertEqual(fetch(address + "/assets/../app.py")[0], 404)
            self.assertEqual(fetch(address + "/api/secrets")[0], 404)
            status, headers, _ = fetch(address + "/", "POST")
            self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"))

    def test_head_sends_the_length_and_no_body(self):
        status, headers, answer = self.ask("/version", "HEAD")
        self.assertEqual((status, answer), (200, b""))
        self.assertGreater(int(headers["Content-Length"]), 10)

    def test_names_from_upstream_cannot_inject_markup(self):
        bad = body("launches")
        bad["results"][0]["name"] = "Rocket | <img src=x onerror=alert(1)>"
        self.deliver("launches", json.dumps(bad))
        self.assertNotIn("<img src=x", self.ask("/")[2].decode())


class Program(unittest.TestCase):
    def started(self, **environment):
        """The program on a free port: the process, its address and its first line."""
        process = subprocess.Popen(
            [sys.executable, "app.py", "--port", "0", "--data", "absent"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "RELEASE_VERSION": "9.9.9", "RELEASE_COMMIT": "abc", **environment},
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        line = process.stdout.readline()
        return process, line.split(" on ")[1].split(" ")[0], line

    def test_on_the_standard_library_alone_it_serves_the_page_and_stops_on_sigterm(self):
        process, address, line = self.started(SPACE_WITHOUT="waitress,numpy,cv2")
        self.assertIn("(standard library, standard library)", line)
        self.assertEqual(fetch(address + "/")[0], 200)
        state = json.loads(fetch(address + "/health")[2])
        self.assertEqual((state["status"], state["version"]), ("degraded", "9.9.9"))
        self.assertEqual(state["capabilities"]["level"], "standard library")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)

    def test_with_whatever_is_installed_it_serves_and_stops_on_sigterm(self):
        process, address, _ = self.started()
        self.assertEqual(json.loads(fetch(address + "/version")[2]), {"version": "9.9.9", "commit": "abc"})
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)

    def test_a_port_that_is_taken_is_told_in_one_line(self):
        _, address, _ = self.started()
        second = subprocess.run(
            [sys.executable, "app.py", "--port", address.rsplit(":", 1)[1]],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
        )
        self.assertEqual(second.returncode, 1)
        self.assertRegex(second.stderr, r"^cannot listen on 127\.0\.0\.1:\d+: .+\n$")


if __name__ == "__main__":
    unittest.main()
