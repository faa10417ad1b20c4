#!/usr/bin/python3
"""qloupe modes against the sizes and accuracies of the models that TensorFlow's converter made in every mode. Needs the
optional folder ../shared of extra models."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from tally import Tally  # noqa: E402

ZOO = ROOT.parent / "shared" / "zoo"
QLOUPE = os.environ.get("QLOUPE", str(pathlib.Path(os.environ.get("QL_BUILD", ROOT / "build/release")) / "qloupe"))
# Our mode, and the name of the same in the report; multiply-accumulates must all be of the type, where one is given
SAME = [
    ("float", "float32", "float"),
    ("float16", "float16", "float"),
    ("dynamic", "dynamic", None),
    ("int8", "int8_int8io", "int8"),
    ("int8-fallback", "int8_floatio", "int8"),
    ("int16x8", "int16x8_floatio", "int16x8"),
]


def main() -> int:
    tally = Tally()
    folder = ZOO / "models/mnist_cnn"
    if not folder.is_dir():
        tally.skip("modes against the converter", "no shared zoo")
        return tally.finish()
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))["modes"]
    with tempfile.TemporaryDirectory() as out:
        subprocess.run([QLOUPE, "modes", folder / "float32.tflite", "--data", ZOO / "data/mnist_cnn_test2000.npz", "--calib",
                        ZOO / "data/mnist_cnn_calib.npz", "--labels", "y", "--json", f"{out}/m.json"], check=True,
                       capture_output=True)
        told = json.loads(pathlib.Path(out, "m.json").read_text(encoding="utf-8"))
    tally.check("samples", told["samples"] == 2000, told["samples"])
    modes = {mode["mode"]: mode for mode in told["modes"]}
    for ours, theirs, macs in SAME:
        a, b = modes[ours], report[theirs]
        tally.check(f"{ours}: size", abs(a["size_bytes"] / b["bytes"] - 1) < 0.05, f"{a['size_bytes']}, {b['bytes']}")
        near = abs(a["accuracy"] - b["accuracy_2000"]) <= 0.002
        tally.check(f"{ours}: accuracy", near, f"{a['accuracy']}, {b['accuracy_2000']}")
        kinds = [kind for kind, count in a["macs"].items() if count]
        tally.check(f"{ours}: multiply-accumulates", macs is None or kinds == [macs], kinds)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
