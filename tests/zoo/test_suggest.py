#!/usr/bin/env python3
"""qloupe suggest on the pair whose culprit is one tensor between two layers: the pair is found, one layer is not enough,
and the written model has the figures that were promised. Needs the optional folder ../shared of extra models."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from tally import SLOW, Tally, thinned  # noqa: E402

ZOO = ROOT.parent / "shared" / "zoo"
QLOUPE = os.environ.get("QLOUPE", str(ROOT / "build" / "release" / "qloupe"))
MODELS = [str(ZOO / "models" / "mobilenet_like" / name) for name in ("float32.tflite", "int8_floatio.tflite")]
DATA = ["--data", str(ZOO / "data" / "mobilenet_like_test2000.npz"), "--labels", "y", "--samples", "100"]
PAIR = ["b3_expand", "b3_dw"]


def suggest(folder: str, *more: str) -> dict:
    plan = os.path.join(folder, "plan.json")
    subprocess.run([QLOUPE, "suggest", *MODELS, *DATA, "-o", plan, *more], check=True, stdout=subprocess.DEVNULL)
    return json.loads(pathlib.Path(plan).read_text())


def names(layers: list) -> bool:
    return len(layers) == 2 and all(part in layer["name"] for part, layer in zip(PAIR, layers))


def learned(tally: Tally) -> None:
    """A float graph with fake quantization against its int8 twin: all layers in float are that graph, to the last bit."""
    folder = ZOO / "models" / "mnist_cnn"
    data = ["--data", str(ZOO / "data" / "mnist_cnn_test2000.npz"), "--samples", "40"]
    for candidate in ("qat_int8_floatio.tflite", "qat_int8_int8io.tflite", "qat_int8_uint8io.tflite"):
        words = [QLOUPE, "whatif", str(folder / "qat_float_fakequant.tflite"), str(folder / candidate), *data, "--set", ".*=float", "--json", "-"]
        predicted = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)["predicted"]
        tally.check(f"{candidate}: all float is the reference", predicted["sqnr_db"] is None and predicted["agreement"] == 1, predicted)


def signatures(tally: Tally) -> None:
    """Each of two signatures is a model of its own."""
    folder = ZOO / "models" / "real_aeq_tests"
    for key, op in (("add", "ADD"), ("multiply", "MUL")):
        with tempfile.TemporaryDirectory() as place:
            plan = os.path.join(place, "plan.json")
            subprocess.run([QLOUPE, "suggest", str(folder / "two_signatures.tflite"), str(folder / "two_signatures_a8w8.tflite"), "--data",
                            "random:20", "--signature", key, "--max-layers", "1", "-o", plan], check=True, stdout=subprocess.DEVNULL)
            ops = [layer["op"] for layer in json.loads(pathlib.Path(plan).read_text())["sensitivities"]]
        tally.check(f"--signature {key}", ops == [op], ops)


def main() -> int:
    tally = Tally()
    if not ZOO.is_dir():
        tally.skip("suggest on mobilenet_like", "no folder ../shared of extra models")
        return tally.finish()
    with tempfile.TemporaryDirectory() as folder:
        for modes in thinned(["float", "int16x8"], 1):
            plan = suggest(folder, "--max-layers", "2", "--modes", modes, "--prove")
            tally.check(f"{modes}: both sides of the culprit tensor", names(plan["layers"]), plan["layers"])
            tally.check(f"{modes}: accuracy is back", plan["predicted"]["accuracy"] >= 0.95, plan["predicted"])
            tally.check(f"{modes}: what was written is what was promised",
                        all(plan["proof"][key] == plan["predicted"][key] for key in plan["proof"]), plan["proof"])
        if SLOW:
            return tally.finish()
        one = suggest(folder, "--max-layers", "1")
        tally.check("one layer: the depthwise", len(one["layers"]) == 1 and "b3_dw" in one["layers"][0]["name"], one["layers"])
        tally.check("one layer does not do", one["predicted"]["accuracy"] < 0.7, one["predicted"])
        tally.check("and the pair that does is named", names(one.get("beyond", {}).get("layers", [])), one.get("beyond"))
    learned(tally)
    signatures(tally)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
