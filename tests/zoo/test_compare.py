#!/usr/bin/env python3
"""qloupe compare on real float and int8 pairs: everything pairs, figures are the formulas', and neither threads nor
shards show. Needs the optional folder ../shared of extra models and python3-numpy."""

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

try:
    import numpy as np
except ImportError:
    np = None

MODELS = ROOT.parent / "shared" / "zoo" / "models"
QLOUPE = os.environ.get("QLOUPE", str(ROOT / "build" / "release" / "qloupe"))
PAIRS = [
    ("real_mlperf_tiny/ad01_fp32", "real_mlperf_tiny/ad01_int8"),
    ("real_mlperf_tiny/kws_ref_model_float32", "real_mlperf_tiny/kws_ref_model"),
    ("real_mlperf_tiny/pretrainedResnet", "real_mlperf_tiny/pretrainedResnet_quant"),
    ("real_mlperf_tiny/vww_96_float", "real_mlperf_tiny/vww_96_int8"),
    ("mnist_cnn/float32", "mnist_cnn/int8_int8io"),
    ("mnist_cnn/float32", "mnist_cnn/int8_floatio"),
    ("mnist_cnn/float32", "mnist_cnn/int8_uint8io"),
]


class Model:
    def __init__(self, name: str) -> None:
        self.path = str(MODELS / (name + ".tflite"))
        self.golden = np.load(MODELS / (name + ".golden.npz"))
        self.graph = json.loads((MODELS / (name + ".meta.json")).read_text())["subgraphs"][0]
        self.tensors = self.graph["tensors"]

    def inputs(self) -> "np.ndarray":
        index = self.graph["inputs"][0]
        return np.concatenate([self.golden[f"s{k}/in/{index}"] for k in range(2)])

    def values(self, tensor: int) -> "np.ndarray | None":
        """Both samples' golden values, dequantized in float32 as DEQUANTIZE does."""
        keys = [f"s{k}/t/{tensor}" for k in range(2)]
        if any(key not in self.golden for key in keys):
            return None
        raw = np.concatenate([self.golden[key].ravel() for key in keys])
        facts = self.tensors[tensor]
        if facts["scales"]:
            scale = np.float64(np.float32(facts["scales"][0]))
            raw = (scale * (raw.astype(np.int64) - facts["zero_points"][0])).astype(np.float32)
        return raw.astype(np.float64)


def compare(float_model: Model, quantized: Model, data: str, folder: str, *more: str) -> "tuple[int, str, str]":
    """Exit status, standard error, and the JSON's text up to what names the run."""
    out = os.path.join(folder, "result.json")
    if os.path.exists(out):
        os.remove(out)
    run = subprocess.run([QLOUPE, "compare", float_model.path, quantized.path, "--data", data, "--json", out, *more],
                         capture_output=True, text=True)
    text = pathlib.Path(out).read_text() if run.returncode == 0 else ""
    return run.returncode, run.stderr, text[: text.rindex('"run":')] if text else ""


def check_pairs(tally: Tally, name: str, float_model: Model, quantized: Model, pairs: list) -> None:
    made = set(quantized.graph["inputs"])
    for operator in quantized.graph["operators"]:
        made |= set(operator["outputs"])
    activations = {t for t in made if quantized.tensors[t]["scales"]}
    paired = {pair["candidate"]["tensor"] for pair in pairs}
    tally.check(f"{name}: 90 % of the quantized activations pair", len(paired & activations) >= 0.9 * len(activations),
                f"{len(paired & activations)} of {len(activations)}")
    for pair in pairs:
        shapes = float_model.tensors[pair["reference"]["tensor"]]["shape"], quantized.tensors[pair["candidate"]["tensor"]]["shape"]
        tally.check(f"{name}: '{pair['name'][:60]}' pairs with its shape", shapes[0] == shapes[1], shapes)
        cosine = pair["cumulative"]["cosine"]
        tally.check(f"{name}: '{pair['name'][:60]}' pairs with its likeness", cosine is None or cosine > 0.6, cosine)


def check_figures(tally: Tally, name: str, float_model: Model, quantized: Model, pairs: list) -> int:
    """Recomputes rmse and SQNR from both models' golden values."""
    checked = 0
    for pair in pairs:
        f = float_model.values(pair["reference"]["tensor"])
        q = quantized.values(pair["candidate"]["tensor"])
        if f is None or q is None or not quantized.tensors[pair["candidate"]["tensor"]]["scales"]:
            continue
        error = q - f
        rmse = float(np.sqrt((error * error).mean()))
        sqnr = float(10 * np.log10((f * f).sum() / (error * error).sum()))
        found = pair["cumulative"]
        tally.check(f"{name}: rmse of '{pair['name'][:60]}'", abs(found["rmse"] - rmse) <= 1e-6 * rmse, (found["rmse"], rmse))
        tally.check(f"{name}: SQNR of '{pair['name'][:60]}'", abs(found["sqnr_db"] - sqnr) <= 1e-6 * abs(sqnr), (found["sqnr_db"], sqnr))
        checked += 1
    return checked


def check_splits(tally: Tally, name: str, float_model: Model, quantized: Model, data: str, folder: str) -> None:
    whole = compare(float_model, quantized, data, folder, "-j", "1")[2]
    threads = compare(float_model, quantized, data, folder, "-j", "2")[2]
    tally.check(f"{name}: -j 1 and -j 2 give the same bytes", whole and whole == threads)
    parts = []
    for shard in (1, 2):
        part = os.path.join(folder, f"part{shard}.json")
        subprocess.run([QLOUPE, "compare", float_model.path, quantized.path, "--data", data, "--json", part, "--shard", f"{shard}/2"], check=True)
        parts.append(part)
    merged = os.path.join(folder, "merged.json")
    subprocess.run([QLOUPE, "merge", *reversed(parts), "--json", merged], check=True)
    text = pathlib.Path(merged).read_text()
    tally.check(f"{name}: merged shards give the same bytes", whole == text[: text.rindex('"run":')])


def main() -> int:
    tally = Tally()
    if np is None or not MODELS.is_dir():
        tally.skip("compare on real pairs", "no python3-numpy" if np is None else "no folder ../shared of extra models")
        return tally.finish()
    recomputed = 0
    for names in PAIRS:
        float_model, quantized = Model(names[0]), Model(names[1])
        name = names[1]
        with tempfile.TemporaryDirectory() as folder:
            data = os.path.join(folder, "data.npz")
            np.savez(data, x=float_model.inputs())
            # mnist_cnn's goldens were made from the same digits; the others' each from inputs of their own
            same = names[0].startswith("mnist_cnn")
            status, error, text = compare(float_model, quantized, data, folder)
            tally.check(f"{name}: exit 0", status == 0, error)
            if status:
                continue
            pairs = json.loads(text.rstrip().rstrip(",") + "}")["pairs"]
            check_pairs(tally, name, float_model, quantized, pairs)
            recomputed += check_figures(tally, name, float_model, quantized, pairs) if same else 0
            check_splits(tally, name, float_model, quantized, data, folder)
    tally.check("figures of at least 15 tensors were recomputed", recomputed >= 15, recomputed)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
