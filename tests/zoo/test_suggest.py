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
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
