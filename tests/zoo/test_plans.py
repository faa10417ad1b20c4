#!/usr/bin/python3
"""A plan gives what it predicts: every float model quantized, all its layers put in another mode by whatif, and the same
layers by quantize --plan. Both are compared with the float model and must have the same figures, to the last bit. Also
each of a few layers alone.

usage: test_plans.py [--all]       without --all a part of the models

Needs the optional folder ../shared of extra models."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from tally import Tally, thinned  # noqa: E402

MODELS = ROOT.parent / "shared" / "zoo" / "models"
QLOUPE = str(pathlib.Path(os.environ.get("QLOUPE", pathlib.Path(os.environ.get("QL_BUILD", ROOT / "build/release")) / "qloupe")).resolve())
DATA = ("--data", "random:3")
PART, LAYERS = 24, 3
NETS = ["mnist_cnn/float32", "mobilenet_like/float32", "real_mlperf_tiny/kws_ref_model_float32", "real_mlperf_tiny/ad01_fp32"]
NOT_INTEGER, NO_LAYER = 6, 5


class Case:
    def __init__(self, tally: Tally, folder: pathlib.Path, model: pathlib.Path) -> None:
        self.tally, self.folder, self.model, self.name = tally, folder, model, model.name.removesuffix(".tflite")

    def run(self, *words: object) -> subprocess.CompletedProcess:
        return subprocess.run([QLOUPE, *map(str, words)], cwd=self.folder, capture_output=True, text=True, check=False)

    def figures(self, model: str) -> object:
        told = self.run("compare", self.model, model, *DATA, "--json", "-")
        return json.loads(told.stdout)["whole"] if not told.returncode else told.stderr

    def layers(self, mode: str) -> list[int]:
        """Makes all layers of that mode; which ones can be."""
        told = self.run("whatif", self.model, "base.tflite", *DATA, "--set", f".*={mode}", "--json", "what.json", "-o", "what.tflite")
        if told.returncode == NO_LAYER and "no layer has such a name" in told.stderr:
            return []
        self.tally.check(f"{self.name} {mode}: whatif", not told.returncode, told.stderr)
        found = json.loads((self.folder / "what.json").read_text(encoding="utf-8")) if not told.returncode else {"layers": []}
        return [layer["op_index"] for layer in found["layers"]]

    def same(self, layers: list[int], mode: str) -> None:
        plan = {"schema": "qloupe.plan/1", "layers": [{"op_index": op, "mode": mode} for op in layers]}
        (self.folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
        name = f"{self.name} {mode} {layers}"
        asked = self.run("whatif", self.model, "base.tflite", *DATA, "--plan", "plan.json", "-o", "what.tflite")
        made = self.run("quantize", self.model, "-o", "plan.tflite", "--mode", "int8", *DATA, "--plan", "plan.json")
        self.tally.check(name, not asked.returncode and not made.returncode, asked.stderr + made.stderr)
        if not asked.returncode and not made.returncode:
            a, b = self.figures("what.tflite"), self.figures("plan.tflite")
            self.tally.check(f"{name}: the same figures", a == b, f"{a} and {b}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--all", action="store_true")
    everything = parser.parse_args().all
    tally = Tally()
    models = sorted((MODELS / "op_zoo").glob("*.float32.tflite")) if MODELS.is_dir() else []
    if not models:
        tally.skip("plans", "no shared zoo")
    draw = random.Random(7)
    models = (models if everything else draw.sample(models, min(PART, len(models)))) + [MODELS / f"{n}.tflite" for n in NETS if models]
    for model in models if everything else thinned(models, 6):
        with tempfile.TemporaryDirectory() as folder:
            case = Case(tally, pathlib.Path(folder), model)
            base = case.run("quantize", model, "-o", "base.tflite", "--mode", "int8", *DATA)
            if base.returncode == NOT_INTEGER:
                continue
            tally.check(f"{case.name}: quantize", not base.returncode, base.stderr)
            for mode in ("float", "int16x8"):
                layers = case.layers(mode)
                sets = [layers] + [[op] for op in draw.sample(layers, min(LAYERS, len(layers)))] if len(layers) > 1 else [layers]
                for some in sets if layers else []:
                    case.same(some, mode)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
