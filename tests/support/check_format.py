#!/usr/bin/env python3
"""One case a C file: it is as clang-format 14 leaves it. Skipped where there is no clang-format 14."""
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import Tally

VERSION = "14."  # others lay out some lines differently
ROOMS = ("runtime", "metrics", "analyzer", "reports", "tui", "cli", "tests")


def why_not() -> str:
    program = shutil.which("clang-format")
    if not program:
        return "clang-format is not installed"
    says = subprocess.run([program, "--version"], stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    return "" if f"version {VERSION}" in says else f"{says}, not version {VERSION}x"


def main() -> int:
    tally = Tally()
    reason = why_not()
    if reason:
        tally.skip("format of the sources", reason)
        return tally.finish()
    files = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.[ch]"))
    for path in files:
        done = subprocess.run(["clang-format", "--dry-run", "-Werror", str(path)], cwd=ROOT, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        tally.check(str(path.relative_to(ROOT)), done.returncode == 0, done.stdout.split("\n", maxsplit=1)[0])
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
