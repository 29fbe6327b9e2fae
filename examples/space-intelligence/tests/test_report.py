"""The JUnit report of the fallback layer tells every kind of outcome."""

import io
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from tests import report


def samples() -> unittest.TestSuite:
    """One test for each outcome; made here so that no runner finds them by itself."""

    class Sample(unittest.TestCase):
        def test_passes(self):
            pass

        def test_fails(self):
            self.assertEqual("\x1b[31mred", "green")

        def test_breaks(self):
            raise OSError("no disk")

        def test_in_parts(self):
            for number in (1, 2, 3):
                with self.subTest(number):
                    self.assertEqual(number, 2)

        @unittest.skip("not here")
        def test_is_skipped(self):
            pass

    class NoSetup(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            raise OSError("no database")

        def test_never_runs(self):
            pass

    load = unittest.defaultTestLoader.loadTestsFromTestCase
    return unittest.TestSuite([load(Sample), load(NoSetup)])


class Report(unittest.TestCase):
    def written(self, tests):
        result = unittest.TextTestRunner(io.StringIO(), resultclass=report.Recorder).run(tests)
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "deep" / "report.xml"
            report.write(result.cases, 1.0, target)
            return result, ElementTree.parse(target).getroot()

    def test_every_outcome_is_counted_once_for_its_test(self):
        _, root = self.written(samples())
        self.assertEqual(
            {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")},
            {"tests": "6", "failures": "2", "errors": "2", "skipped": "1"},
        )

    def test_failures_carry_message_type_and_trace(self):
        _, root = self.written(samples())
        case = next(each for each in root.iter("testcase") if each.get("name") == "test_breaks")
        self.assertEqual(
            (case[0].tag, case[0].get("type"), case[0].get("message")), ("error", "OSError", "no disk")
        )
        self.assertIn("Traceback", case[0].text)

    def test_a_class_that_cannot_be_set_up_does_not_go_missing(self):
        _, root = self.written(samples())
        self.assertIn("no database", [each.get("message") for each in root.iter("error")])

    def test_every_part_that_failed_is_told(self):
        _, root = self.written(samples())
        case = next(each for each in root.iter("testcase") if each.get("name") == "test_in_parts")
        self.assertEqual([each.tag for each in case], ["failure", "failure"])

    def test_the_skip_says_why(self):
        _, root = self.written(samples())
        self.assertEqual([each.get("message") for each in root.iter("skipped")], ["not here"])


if __name__ == "__main__":
    unittest.main()
