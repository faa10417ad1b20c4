#!/usr/bin/env python3
"""qloupe suggest --max-layers k against all sets of at most k layers, measured in the same runtime: within 0.5 dB of the
best, and no worse than the k layers with the largest rmse_over_scale. By default the sample pair, and of the optional
folder ../shared of extra models the small ones on few samples; --all: every pair there, on more."""

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
MODELS = ZOO / "models"
QLOUPE = os.environ.get("QLOUPE", str(ROOT / "build" / "release" / "qloupe"))
TOOL = str(pathlib.Path(QLOUPE).resolve().parent / "tests" / "tool_exhaustive")
TINY = MODELS / "real_mlperf_tiny"
SLACK = 0.5

# float, int8, data, samples by default (0: only with --all), samples with --all
PAIRS = [
    (ROOT / "samples/digits_float32.tflite", ROOT / "samples/digits_int8.tflite", str(ROOT / "samples/digits.npz"), 40, 150),
    (MODELS / "mnist_cnn/float32.tflite", MODELS / "mnist_cnn/int8_floatio.tflite", str(ZOO / "data/mnist_cnn_test2000.npz"), 100, 500),
    (MODELS / "mnist_cnn/float32.tflite", MODELS / "mnist_cnn/int8_int8io.tflite", str(ZOO / "data/mnist_cnn_test2000.npz"), 0, 100),
    (MODELS / "mnist_cnn/float32.tflite", MODELS / "mnist_cnn/int8_per_tensor.tflite", str(ZOO / "data/mnist_cnn_test2000.npz"), 0, 100),
    (MODELS / "mobilenet_like/float32.tflite", MODELS / "mobilenet_like/int8_floatio.tflite", str(ZOO / "data/mobilenet_like_test2000.npz"), 8, 50),
    (MODELS / "mobilenet_like/easy_float32.tflite", MODELS / "mobilenet_like/easy_int8_floatio.tflite", str(ZOO / "data/mobilenet_like_test2000.npz"), 0, 20),
    (TINY / "ad01_fp32.tflite", TINY / "ad01_int8.tflite", "random:20", 20, 20),
    (TINY / "kws_ref_model_float32.tflite", TINY / "kws_ref_model.tflite", "random:20", 4, 20),
    (TINY / "pretrainedResnet.tflite", TINY / "pretrainedResnet_quant.tflite", "random:8", 0, 8),
    (TINY / "vww_96_float.tflite", TINY / "vww_96_int8.tflite", "random:6", 0, 6),
]


def exhaustive(reference: pathlib.Path, candidate: pathlib.Path, data: str, samples: int) -> dict:
    """The best of at most k layers, and what choosing by rmse_over_scale gives."""
    words = [TOOL, str(reference), str(candidate), data, str(samples), "3", "2"]
    lines = subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()
    found: dict = {"best": {}, "rmse": {}}
    for line in lines[:-1]:
        what, k, db, *ops = line.split()
        found[what][int(k)] = (float(db), ops)
    found["sets"] = lines[-1]
    return found


def suggested(reference: pathlib.Path, candidate: pathlib.Path, data: str, samples: int, k: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        plan = os.path.join(folder, "plan.json")
        subprocess.run([QLOUPE, "suggest", str(reference), str(candidate), "--data", data, "--samples", str(samples),
                        "--max-layers", str(k), "-o", plan], check=True, stdout=subprocess.DEVNULL)
        document = json.loads(pathlib.Path(plan).read_text())
    assert len(document["layers"]) <= k
    return document["predicted"]["sqnr_db"]


def compare(tally: Tally, pair: tuple, samples: int, loud: bool) -> None:
    reference, candidate, data, _, _ = pair
    name = f"{candidate.parent.name}/{candidate.name}"
    if not reference.exists():
        tally.skip(name, "no folder ../shared of extra models")
        return
    want = exhaustive(reference, candidate, data, samples)
    for k in sorted(set(want["best"]) | set(want["rmse"])):
        got = suggested(reference, candidate, data, samples, k)
        best = want["best"].get(k)
        rmse = want["rmse"].get(k)
        if loud:
            print(f"{name}, {samples} samples, k={k}: suggest {got:.3f} dB, exhaustive {best}, by rmse_over_scale {rmse}; {want['sets']}",
                  flush=True)
        if best:
            tally.check(f"{name} k={k}: within {SLACK} dB of the best", got >= best[0] - SLACK, f"{got} against {best}")
        if rmse:
            tally.check(f"{name} k={k}: at least by rmse_over_scale", got >= rmse[0] - 1e-5, f"{got} against {rmse}")


def main() -> int:
    tally = Tally()
    every = "--all" in sys.argv[1:]
    for pair in PAIRS:
        samples = pair[4] if every else pair[3]
        if samples:
            compare(tally, pair, samples, every)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
