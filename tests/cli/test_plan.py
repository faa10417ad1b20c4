#!/usr/bin/env python3
"""quantize --plan: layers in another mode give what whatif gives of the plain quantized model, and plans that cannot be
are refused by name."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import Tally

PROGRAM = pathlib.Path(os.environ.get("QLOUPE", ROOT / "build/release/qloupe")).resolve()
FLOAT, DATA = ROOT / "samples/digits_float32.tflite", ROOT / "samples/digits.npz"
CALIBRATED = ("--data", DATA, "--samples", "30")

# The mode of the rest; the layers by operator; operators of the model that is written, and how many of each
PLANS = [
    ("int8", {2: "float"}, {"QUANTIZE": 2, "DEQUANTIZE": 2}),
    ("int8", {4: "float"}, {"QUANTIZE": 2, "DEQUANTIZE": 2}),
    ("int8", {2: "float", 3: "float"}, {}),
    ("int8", {0: "float", 9: "float"}, {}),
    ("int8", {5: "keep", 6: "keep"}, {"QUANTIZE": 1, "DEQUANTIZE": 1}),
    ("int8", dict.fromkeys(range(10), "float"), {"QUANTIZE": 0, "DEQUANTIZE": 0}),
    ("int8", {1: "int16x8", 2: "int16x8"}, {"QUANTIZE": 3, "DEQUANTIZE": 2}),
    ("int8", {4: "int16x8", 5: "float", 9: "int16x8"}, {}),
    ("int8", dict.fromkeys(range(10), "int16x8"), {}),
]
# The same for models of several integer types, which whatif does not make in the same way: the types of each operator's
# first output, in order
MIXED = [
    ("int8", {1: "int16x8", 2: "int16x8"}, "int8 int8 float32 int16 int16 int16 int8 int8 int8 int8 int8 int8 int8 int8 float32"),
    ("float", {2: "int8"}, "float32 float32 int8 int8 float32 float32 float32 float32 float32 float32 float32 float32"),
    ("int16x8", {9: "float"}, " ".join(["int16"] * 10 + ["float32"] * 2)),
    ("float", {2: "int16x8"}, "float32 float32 int16 int16 float32 float32 float32 float32 float32 float32 float32 float32"),
]
# What the plan says, the exit status, and words of the message
REFUSED = [
    ("int8", [{"op_index": 2, "mode": "int4"}], 6, ("#2 CONV_2D", "int4", "measured, never written")),
    ("int8", [{"op_index": 2, "mode": "bits=6"}], 6, ("bits=6", "never written")),
    ("int8", [{"op_index": 2, "mode": "half"}], 6, ("#2 CONV_2D 'block1/project", "'half'", "is required")),
    ("dynamic", [{"op_index": 2, "mode": "int8"}], 6, ("#2 CONV_2D", "mode dynamic")),
    ("int8", [{"op_index": 99, "mode": "float"}], 5, ("no operator #99", "has 10")),
    ("int8", [{"op_index": 2, "mode": "float", "name": "other"}], 5, ("#2 CONV_2D", "calls it 'other'")),
    ("int8", [{"mode": "float"}], 4, ("without an op_index",)),
    ("int8", None, 4, ("not a plan",)),
]
REPAIRS = [  # of the tensor, and the scale it then has; None: refused with that status
    ("block1/join", [-1, 1.55], 2.55 / 255),
    ("block1/join", [1, -1], 4),
    ("block1/join", [0], 4),
    ("nowhere", [0, 1], 5),
]


def qloupe(folder, *words):
    return subprocess.run([PROGRAM, *words], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=120, check=False)


def write_plan(folder, layers, **more):
    listed = layers if not isinstance(layers, dict) else [{"op_index": op, "mode": mode} for op, mode in layers.items()]
    plan = {"schema": "qloupe.plan/1", "layers": listed, **more}
    (pathlib.Path(folder) / "plan.json").write_text(json.dumps(plan), encoding="utf-8")


def graph(folder, model):
    return json.loads(qloupe(folder, "inspect", model, "--json", "-").stdout)["subgraphs"][0]


def figures(folder, model):
    told = qloupe(folder, "compare", FLOAT, model, "--data", DATA, "--samples", "20", "--json", "-")
    return json.loads(told.stdout)["whole"]


def quantize(folder, mode, name, *more):
    return qloupe(folder, "quantize", FLOAT, "-o", name, "--mode", mode, "--plan", "plan.json", *CALIBRATED, *more)


def contents(folder, name):
    return (pathlib.Path(folder) / name).read_bytes()


def plans(tally: Tally, folder: str) -> None:
    for mode, layers, operators in PLANS:
        name = f"{mode} {layers}"
        write_plan(folder, layers)
        qloupe(folder, "quantize", FLOAT, "-o", "base.tflite", "--mode", mode, *CALIBRATED)
        told = qloupe(folder, "whatif", FLOAT, "base.tflite", "--plan", "plan.json", "-o", "whatif.tflite",
                      "--data", DATA, "--samples", "1")
        made = quantize(folder, mode, "plan.tflite")
        tally.check(name, not told.returncode and not made.returncode, told.stderr + made.stderr)
        if told.returncode or made.returncode:
            continue
        a, b = figures(folder, "whatif.tflite"), figures(folder, "plan.tflite")
        tally.check(f"{name}: what whatif gives", a == b, f"{a} and {b}")
        codes = [op["op"] for op in graph(folder, "plan.tflite")["operators"]]
        for op, count in operators.items():
            tally.check(f"{name}: {op}", codes.count(op) == count, codes)


def mixed(tally: Tally, folder: str) -> None:
    for mode, layers, types in MIXED:
        write_plan(folder, layers)
        made = quantize(folder, mode, "mixed.tflite")
        found = graph(folder, "mixed.tflite") if not made.returncode else {"operators": []}
        got = " ".join(found["tensors"][op["outputs"][0]]["dtype"] for op in found["operators"])
        tally.check(f"{mode} {layers}", got == types, made.stderr or got)


def refused(tally: Tally, folder: str) -> None:
    for mode, layers, status, words in REFUSED:
        write_plan(folder, layers)
        made = quantize(folder, mode, "refused.tflite")
        good = made.returncode == status and all(word in made.stderr for word in words)
        tally.check(f"refused {layers}", good, f"{made.returncode} {made.stderr}")
        tally.check(f"refused {layers}: nothing written", not (pathlib.Path(folder) / "refused.tflite").exists())


def repairs(tally: Tally, folder: str) -> None:
    for tensor, values, expected in REPAIRS:
        found = graph(folder, FLOAT)
        named = next(t for op in found["operators"] if op["op"] == "ADD" for t in op["outputs"])
        tensor = found["tensors"][named]["name"] if tensor == "block1/join" else tensor
        write_plan(folder, [], repairs=[{"kind": "range", "tensor": tensor, "range": values}, {"kind": "per-channel"}])
        made = quantize(folder, "int8", "repaired.tflite", "--repairs")
        if isinstance(expected, int):
            tally.check(f"repair {tensor} {values}", made.returncode == expected, made.stderr)
            continue
        scale = next(t["quantization"]["scale"][0] for t in graph(folder, "repaired.tflite")["tensors"]
                     if t["name"] == tensor)
        tally.check(f"repair {tensor} {values}", abs(scale - expected) < 1e-6 * expected, scale)
        quantize(folder, "int8", "layers.tflite")
        qloupe(folder, "quantize", FLOAT, "-o", "plain.tflite", "--mode", "int8", *CALIBRATED)
        tally.check(f"repair {tensor} {values}: only with --repairs", contents(folder, "layers.tflite") == contents(folder, "plain.tflite"))


def main() -> int:
    tally = Tally()
    for part in (plans, mixed, refused, repairs):
        with tempfile.TemporaryDirectory() as folder:
            part(tally, folder)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
