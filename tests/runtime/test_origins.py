#!/usr/bin/env python3
"""TF nodes and Python call stacks of the operators are the golden ones: a model of one subgraph with its own code in one file,
its int8 twin that has no such data, and a Keras model with a loop and a layer from another file (golden/debug)."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import Tally

GOLDEN = ROOT / "tests/golden/debug"
TOOL = pathlib.Path(os.environ.get("QL_BUILD", ROOT / "build/release")) / "tests/tool_origins"
CASES = {
    "digits_float32.txt": ROOT / "samples/digits_float32.tflite",
    "digits_int8.txt": ROOT / "samples/digits_int8.tflite",
    "keras.txt": GOLDEN / "keras.tflite",
}


def main() -> int:
    tally = Tally()
    for name, model in CASES.items():
        run = subprocess.run([TOOL, model], capture_output=True, text=True, timeout=60, check=False)
        tally.check(f"origins {name}", run.returncode == 0 and run.stdout == (GOLDEN / name).read_text(), run.stdout[:2000])
    zoo = ROOT / "../shared/zoo/models/debug_metadata/float32.tflite"
    if zoo.exists():
        run = subprocess.run([TOOL, zoo], capture_output=True, text=True, timeout=60, check=False)
        lines = run.stdout.splitlines()
        tally.check("origins of the shared zoo's model", len(lines) == 4 and
                    lines[2].startswith("0.2 FULLY_CONNECTED: logits <- ") and "15_debug_metadata.py:14 " in lines[2], run.stdout[:2000])
    else:
        tally.skip("origins of the shared zoo's model", "no shared zoo")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
