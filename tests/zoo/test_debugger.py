#!/usr/bin/env python3
"""qloupe compare says what TensorFlow's QuantizationDebugger and ai-edge-quantizer's validator say of the same models and
samples. Needs the optional folder ../shared of extra models."""

from __future__ import annotations

import csv
import json
import math
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
FAMILIES = ("mnist_cnn", "mobilenet_like")
SAMPLES = 50
# Two numbers that agree print the same six digits or so; float kernels of the two runtimes sum in other orders.
DEBUGGER_TOLERANCE = 1e-4
NOISE = 1e-12  # mean squared errors of operators that lose nothing: rounding of the comparison itself
VALIDATOR_TOLERANCE = 1e-4
# What is not held to VALIDATOR_TOLERANCE, each with its reason.
VALIDATOR_LOOSE = {
    # Activations are quantized in the run: sums in another order make some of them one step different.
    ("mobilenet_like", "aeq_dynamic_legacy_wi8_afp32"): 5e-3,
}
VALIDATOR_LEFT_OUT = {
    "aeq_dynamic_wi2c_afp32": "the interpreter's int2 kernels read other weights",
}
# The validator quantizes the input of this model to -127 .. 127, the model's own QUANTIZE would to -128 .. 127.
NARROW_INPUT = {("mobilenet_like", "aeq_static_wi8_ai8")}


def compare(folder: str, family: str, quantized: pathlib.Path, numerics: str, *more: str) -> list[dict[str, str]]:
    """The rows of the CSV."""
    out = os.path.join(folder, "rows.csv")
    subprocess.run([QLOUPE, "compare", ZOO / "models" / family / "float32.tflite", quantized, "--numerics", numerics, "--samples", str(SAMPLES),
                    "--data", ZOO / "data" / f"{family}_test2000.npz", "--csv", out, *more], check=False, capture_output=True)
    with open(out, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def near(found: str, wanted: float, tolerance: float, floor: float = 0.0) -> bool:
    value = float(found or "nan")
    return abs(value - wanted) <= max(tolerance * abs(wanted), floor)


def by_rmse_over_scale(rows: dict[str, tuple[float, float]]) -> list[str]:
    """Names from the worst to the best; operators that lose nothing have no order."""
    kept = {name: math.sqrt(mse) / scale for name, (mse, scale) in rows.items() if mse > NOISE}
    return sorted(kept, key=lambda name: -kept[name])


def operators_of(rows: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    """The rows that the debugger has, by the float model's tensor."""
    return {row["reference_tensor_name"]: row for row in rows if row["scale"] and row["op_name"] != "QUANTIZE"}


def check_reference_kernels(tally: Tally, folder: str, family: str, names: dict[str, str]) -> None:
    """The debugger's own model, run by LiteRT's reference kernels, measures what the default numerics do.

    The debugger's CSV is of XNNPACK's kernels, which round other values to other steps: up to 14 % of some errors.
    """
    with open(ROOT / "tests" / "golden" / "debugger" / f"{family}.csv", newline="", encoding="utf-8") as file:
        wanted = {names[row["tensor_idx"]]: float(row["mean_squared_error"]) for row in csv.DictReader(file)}
    found = operators_of(compare(folder, family, ZOO / "debug" / family / "nondebug_model.tflite", "litert-ref"))
    for name, mse in wanted.items():
        tally.check(f"{family}: reference kernels, local mean_squared_error of '{name[:50]}'",
                    near(found[name]["local_mse"], mse, DEBUGGER_TOLERANCE, NOISE), (found[name]["local_mse"], mse))


def check_debugger(tally: Tally, folder: str, family: str) -> None:
    with open(ZOO / "debug" / family / "quantization_debugger.csv", newline="", encoding="utf-8") as file:
        wanted = {row["tensor_name"]: row for row in csv.DictReader(file)}
    rows = compare(folder, family, ZOO / "debug" / family / "nondebug_model.tflite", "xnnpack")
    found = operators_of(rows)
    tally.check(f"{family}: the operators are the debugger's", [row["op_name"] for row in found.values()] == [row["op_name"] for row in wanted.values()]
                and list(found) == list(wanted), list(found))
    for name, row in wanted.items():
        label = f"{family}: {row['op_name']} {row['tensor_idx']}"
        if name not in found:
            continue
        mse = float(row["mean_squared_error"])
        tally.check(f"{label}: local mean_squared_error", near(found[name]["local_mse"], mse, DEBUGGER_TOLERANCE, NOISE), (found[name]["local_mse"], mse))
        peak = float(row["max_abs_error"])
        tally.check(f"{label}: scale", near(found[name]["scale"], float(row["scale"]), 1e-6), (found[name]["scale"], row["scale"]))
        tally.check(f"{label}: zero point", found[name]["zero_point"] == row["zero_point"])
        tally.check(f"{label}: local max_abs_error is not below the mean of the samples' own", float(found[name]["local_max_abs"]) >= peak * (1 - 1e-4) - 1e-6,
                    (found[name]["local_max_abs"], peak))
    ranked = by_rmse_over_scale({name: (float(row["mean_squared_error"]), float(row["scale"])) for name, row in wanted.items()})
    ours = by_rmse_over_scale({name: (float(row["local_mse"]), float(row["scale"])) for name, row in found.items() if row["local_mse"]})
    tally.check(f"{family}: operators rank by rmse/scale as the debugger ranks them", ours == ranked, (ours, ranked))
    rows = compare(folder, family, ZOO / "debug" / family / "nondebug_model.tflite", "xnnpack", "--sort", "rmse_over_scale")
    order = [name for name in operators_of(rows) if name in ranked]
    tally.check(f"{family}: --sort rmse_over_scale puts them in that order", order == ranked, (order, ranked))
    check_reference_kernels(tally, folder, family, {row["tensor_idx"]: name for name, row in wanted.items()})


def check_validator(tally: Tally, folder: str, family: str, path: pathlib.Path) -> int:
    """Cumulative errors of the tensors both have; returns how many agreed."""
    recipe = path.name.removesuffix("_comparison_result.json")
    label, agreed = f"{family}: validator {recipe}", 0
    if recipe in VALIDATOR_LEFT_OUT:
        tally.skip(label, VALIDATOR_LEFT_OUT[recipe])
        return 0
    if (family, recipe) in NARROW_INPUT:
        tally.skip(label, "the validator quantizes its input to -127 .. 127, the interpreter to -128 .. 127")
        return 0
    figures = json.loads(path.read_text(encoding="utf-8"))["serving_default"]
    wanted = figures["input_tensors"] | figures["intermediate_tensors"] | figures["output_tensors"]
    found = {row["tensor_name"]: row for row in compare(folder, family, ZOO / "models" / family / f"{recipe}.tflite", "litert-opt")}
    tolerance = VALIDATOR_LOOSE.get((family, recipe), VALIDATOR_TOLERANCE)
    for name, metrics in wanted.items():
        if name not in found:
            # shapes that are folded before the run
            tally.check(f"{label}: '{name[:50]}' is missing where nothing is lost", metrics["mse"] == 0, metrics["mse"])
            continue
        right = near(found[name]["mse"], metrics["mse"], tolerance)
        tally.check(f"{label}: mse of '{name[:50]}'", right, (found[name]["mse"], metrics["mse"]))
        agreed += right and metrics["mse"] > 0
    return agreed


def main() -> int:
    tally = Tally()
    if not (ZOO / "debug").is_dir():
        tally.skip("figures of other debuggers", "no folder ../shared of extra models")
        return tally.finish()
    agreed = 0
    with tempfile.TemporaryDirectory() as folder:
        for family in FAMILIES:
            check_debugger(tally, folder, family)
            for path in sorted((ZOO / "debug" / family).glob("*_comparison_result.json")):
                agreed += check_validator(tally, folder, family, path)
    tally.check("figures of at least 100 tensors agree with the validator's", agreed >= 100, agreed)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
