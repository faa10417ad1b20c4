#!/usr/bin/env python3
"""Every tensor and operator of the shared zoo's models reads as its meta.json says."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import Tally

ZOO = ROOT / "../shared/zoo/models"
TOOL = pathlib.Path(os.environ.get("QL_BUILD", ROOT / "build/release")) / "tests/tool_model_dump"


def main() -> int:
    tally = Tally()
    name = "models read as their meta.json"
    if ZOO.is_dir():
        run = subprocess.run([sys.executable, ROOT / "tests/tools/check_models.py", TOOL, ZOO], capture_output=True, text=True,
                             timeout=300)
        tally.check(name, run.returncode == 0, run.stdout[-2000:] + run.stderr[-400:])
    else:
        tally.skip(name, "no shared zoo")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
