#!/usr/bin/env python3
"""Every model of the samples and the shared zoo, written and read again, is the same model: equal part by part, equal bytes
when written once more, equal outputs where the runtime can run it."""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import Tally, thinned

ZOO = ROOT / "../shared/zoo/models"
TOOL = pathlib.Path(os.environ.get("QL_BUILD", ROOT / "build/release")) / "tests/tool_roundtrip"


def check(tally: Tally, name: str, paths: list[pathlib.Path]) -> None:
    run = subprocess.run([TOOL, *paths], capture_output=True, text=True, timeout=600, check=False)
    counts = re.search(r"^(\d+) models, (\d+) faults, (\d+) runs compared$", run.stdout, re.M)
    good = counts and int(counts[1]) == len(paths) and counts[2] == "0" and int(counts[3]) > 0
    tally.check(name, run.returncode == 0 and good, run.stdout[-2000:] + run.stderr[-400:])


def main() -> int:
    tally = Tally()
    check(tally, "samples round-trip", sorted((ROOT / "samples").glob("*.tflite")))
    if ZOO.is_dir():
        check(tally, "shared zoo round-trips", thinned(sorted(ZOO.rglob("*.tflite")), 120))
    else:
        tally.skip("shared zoo round-trips", "no shared zoo")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
