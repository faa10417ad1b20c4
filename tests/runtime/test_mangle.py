#!/usr/bin/env python3
"""Real models cut short and with bytes changed never crash the reader and never hang it."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import SLOW, Tally

ZOO = ROOT / "../shared/zoo/models"
TOOL = pathlib.Path(os.environ.get("QL_BUILD", ROOT / "build/release")) / "tests/tool_mangle"
MNIST = ("float32", "int8_int8io", "int8_floatio", "int8_uint8io")
CUTS, FLIPS, SECONDS = 200, 100 if SLOW else 2000, 600


def main() -> int:
    tally = Tally()
    models = sorted((ZOO / "real_mlperf_tiny").glob("*.tflite")) + [ZOO / f"mnist_cnn/{name}.tflite" for name in MNIST]
    for seed, model in enumerate(models):
        name = f"mangled {model.parent.name}/{model.name}"
        if not model.exists():
            tally.skip(name, "no shared zoo")
            continue
        run = subprocess.run([TOOL, model, str(seed + 1), str(CUTS), str(FLIPS)], capture_output=True, text=True,
                             timeout=SECONDS)
        tally.check(name, run.returncode == 0 and run.stdout.startswith(f"{CUTS + FLIPS} mangled"), run.stderr[-400:])
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
