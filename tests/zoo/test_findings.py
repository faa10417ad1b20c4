#!/usr/bin/env python3
"""The findings of models whose fault is known, and of good ones. Needs the optional folder ../shared of extra models.

One more case is one line of CASES: reference, candidate (a pattern), code, severity ("" none must be found, "any"), and a
part of the blamed tensor's name.
"""

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
QLOUPE = os.environ.get("QLOUPE", str(ROOT / "build" / "release" / "qloupe"))
SAMPLES = 60
CASES = [
    ("mobilenet_like/float32", "mobilenet_like/int8_*", "culprit-tensor", "error", "b3_expand"),
    ("mobilenet_like/float32", "mobilenet_like/selective_nodes_only_*", "culprit-tensor", "error", "b3_expand"),
    ("mobilenet_like/float32", "mobilenet_like/selective_nodes_csv_names", "culprit-tensor", "", ""),
    ("mobilenet_like/float32", "mobilenet_like/int16x8_*", "culprit-tensor", "", ""),
    ("mobilenet_like/easy_float32", "mobilenet_like/easy_int8_floatio", "culprit-tensor", "", ""),
    ("mobilenet_like/float32", "mobilenet_like/int8_per_tensor", "weights-spread", "warning", "b3_expand"),
    ("mobilenet_like/float32", "mobilenet_like/int8_*", "output-differs", "error", ""),
    ("mobilenet_like/float32", "mobilenet_like/aeq_static_*", "range-too-narrow", "any", ""),
    ("mobilenet_like/float32", "mobilenet_like/aeq_static_*", "saturation", "any", ""),
    ("mnist_cnn/float32", "mnist_cnn/legacy_int8*", "weight-zero-point", "error", ""),
]
# Good models: nothing of severity error.
GOOD = [
    ("mnist_cnn/float32", "mnist_cnn/*", ("aeq_dynamic_wi2c", "legacy_int8", "debug_per_layer_nocast")),
    ("mobilenet_like/easy_float32", "mobilenet_like/easy_*", ()),
    ("mobilenet_like/float32", "mobilenet_like/int16x8_*", ()),
    ("mobilenet_like/float32", "mobilenet_like/float16", ()),
]


def matching(pattern: str) -> list[str]:
    return sorted(str(p.relative_to(ZOO / "models"))[:-7] for p in (ZOO / "models").glob(pattern + ".tflite"))


class Results:
    def __init__(self, folder: str) -> None:
        self.folder, self.known = folder, {}

    def of(self, reference: str, candidate: str) -> dict:
        if (reference, candidate) not in self.known:
            out = os.path.join(self.folder, "result.json")
            family = reference.split("/", maxsplit=1)[0]
            subprocess.run([QLOUPE, "compare", ZOO / "models" / f"{reference}.tflite", ZOO / "models" / f"{candidate}.tflite", "--samples",
                            str(SAMPLES), "--data", ZOO / "data" / f"{family}_test2000.npz", "--json", out], check=True, capture_output=True)
            self.known[reference, candidate] = json.loads(pathlib.Path(out).read_text(encoding="utf-8"))
        return self.known[reference, candidate]


def main() -> int:
    tally = Tally()
    if not ZOO.is_dir():
        tally.skip("findings of known faults", "no folder ../shared of extra models")
        return tally.finish()
    with tempfile.TemporaryDirectory() as folder:
        results = Results(folder)
        for reference, pattern, code, severity, tensor in CASES:
            for candidate in matching(pattern):
                found = [f for f in results.of(reference, candidate)["findings"] if f["code"] == code]
                right = [f for f in found if severity in ("any", f["severity"]) and (not tensor or any(tensor in name for name in f["tensors"]))]
                tally.check(f"{candidate}: {code} {severity or 'none'}", bool(right) if severity else not found, [f["evidence"] for f in found])
        culprit = next(f for f in results.of("mobilenet_like/float32", "mobilenet_like/int8_floatio")["findings"] if f["code"] == "culprit-tensor")
        tally.check("the culprit's two operators are named", [("b3_expand" in op["name"], "b3_dw" in op["name"]) for op in culprit["ops"]]
                    == [(True, False), (False, True)], culprit["ops"])
        tally.check("both must change", "both" in culprit["remedy"], culprit["remedy"])
        for reference, pattern, bad in GOOD:
            for candidate in matching(pattern):
                if not any(name in candidate for name in bad):
                    errors = [f["code"] for f in results.of(reference, candidate)["findings"] if f["severity"] == "error"]
                    tally.check(f"{candidate}: no error", not errors, errors)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
