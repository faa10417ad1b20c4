"""Counts the cases of a test file and prints them so that tests/run_all.py can add them up.

    tally = Tally()
    tally.check("name of the case", got == want, f"got {got}")
    tally.skip("name of the case", "why")
    sys.exit(tally.finish())
"""
import os
from typing import TypeVar

Case = TypeVar("Case")
SLOW = bool(os.environ.get("QL_SLOW"))  # a build with sanitizers: some ten times slower


def thinned(cases: list[Case], at_most: int) -> list[Case]:
    """All cases; in a slow build at most so many of them, spread evenly."""
    step = -(-len(cases) // at_most) if SLOW and cases else 1
    return cases[::step]


class Tally:
    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self.skipped = 0

    def check(self, name: str, holds: object, detail: object = "") -> None:
        if holds:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED: {name}" + (f": {detail}" if detail != "" else ""), flush=True)

    def skip(self, name: str, reason: str) -> None:
        self.skipped += 1
        print(f"skipped: {name}: {reason}", flush=True)

    def finish(self) -> int:
        """Prints the closing line; returns the exit status: failed, too, when nothing was tested."""
        print(f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else ""), flush=True)
        return 0 if self.failed == 0 and self.passed + self.skipped > 0 else 1
