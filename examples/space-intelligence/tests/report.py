"""
Runs the tests with the standard library alone and writes JUnit XML, for where pytest is missing.

    python -m tests.report --out report.xml [pattern]

Exit code 1 when a test failed, or when there was none.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any, Optional

ROOT = Path(__file__).resolve().parent.parent


class Recorder(unittest.TextTestResult):
    """Remembers every test with its length and its worst outcome."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.cases: list = []
        self._began = 0.0
        self._faults: list = []

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self._began, self._faults = time.perf_counter(), []

    def _note(self, kind: str, error: Any) -> None:
        trace = "".join(traceback.format_exception(*error))
        self._faults.append((kind, error[0].__name__, str(error[1]), trace))

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addFailure(test, err)
        self._note("failure", err)

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        super().addError(test, err)
        self._note("error", err)
        if not isinstance(test, unittest.TestCase):
            # A class or module that cannot be set up is no test, and must not go missing.
            self.cases.append((str(test), "setup", 0.0, self._faults))
            self._faults = []

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._note("failure" if issubclass(err[0], test.failureException) else "error", err)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        super().addSkip(test, reason)
        self._faults.append(("skipped", "", reason, ""))

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        super().addUnexpectedSuccess(test)
        self._faults.append(("failure", "UnexpectedSuccess", "was expected to fail", ""))

    def stopTest(self, test: unittest.TestCase) -> None:
        spent = time.perf_counter() - self._began
        where, _, name = test.id().rpartition(".")
        self.cases.append((where, name, spent, self._faults))
        self._faults = []
        super().stopTest(test)


def _clean(text: str) -> str:
    """XML 1.0 forbids most control characters, and a test may print any."""
    return "".join(
        each
        for each in text
        if each in "\t\n\r"
        or 0x20 <= ord(each) < 0xD800
        or 0xE000 <= ord(each) < 0xFFFE
        or ord(each) > 0xFFFF
    )


def write(cases: list, spent: float, target: Path) -> None:
    def count(kind: str) -> str:
        return str(sum(any(fault[0] == kind for fault in faults) for _, _, _, faults in cases))

    totals = {
        "tests": str(len(cases)),
        "failures": count("failure"),
        "errors": count("error"),
        "skipped": count("skipped"),
        "time": f"{spent:.3f}",
    }
    root = ElementTree.Element("testsuites", totals)
    suite = ElementTree.SubElement(root, "testsuite", {"name": "unittest", **totals})
    for where, name, took, faults in cases:
        case = ElementTree.SubElement(
            suite, "testcase", {"classname": where, "name": name, "time": f"{took:.3f}"}
        )
        for kind, type_, message, trace in faults:
            attributes = {"message": _clean(message), **({"type": type_} if type_ else {})}
            ElementTree.SubElement(case, kind, attributes).text = _clean(trace) or None
    target.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(target, encoding="utf-8", xml_declaration=True)


def main(arguments: Optional[list] = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.report", description="Runs the tests, writes JUnit XML."
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("pattern", nargs="?", default="test_*.py")
    options = parser.parse_args(arguments)
    tests = unittest.defaultTestLoader.discover(str(ROOT / "tests"), options.pattern, str(ROOT))
    began = time.perf_counter()
    result = unittest.TextTestRunner(resultclass=Recorder, verbosity=1).run(tests)
    write(result.cases, time.perf_counter() - began, options.out)
    if not result.cases:
        print("no tests were found", file=sys.stderr)
        return 1
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
