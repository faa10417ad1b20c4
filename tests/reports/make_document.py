#!/usr/bin/env python3
"""usage: make_document.py [--operators N] [--seed S] [--bins N] [--findings] [--gates] [--plan] [--names FILE]

Prints a comparison's document (docs/json.md) with invented figures: a MobileNet-like chain of N operators, one of
which clips. For the tests of the reports and for looking at them; the same arguments give the same bytes.
--names: a JSON list of strings that take the places of the first names.
"""
import argparse
import json
import math
import random

CLIPS = 0.62  # where in the chain the culprit is


def normal(x: float, mean: float, sigma: float) -> float:
    return math.exp(-0.5 * ((x - mean) / sigma) ** 2)


def histogram(rng: random.Random, low: float, high: float, mean: float, sigma: float, top: float, clip: float, bins: int) -> list[int]:
    counts = []
    width = (high - low) / bins
    for i in range(bins):
        x = low + (i + 0.5) * width
        counts.append(0 if x > clip + width else int(top * normal(x, mean, sigma) * rng.uniform(0.9, 1.1)))
    if clip < high:
        place = min(bins - 1, int((clip - low) / width))
        counts[place] += int(top * 0.6)
    return counts


def metrics(rng: random.Random, signal: float, sqnr: float, scale: float, saturated: float) -> dict:
    noise = signal * 10 ** (-sqnr / 20)
    return {"rmse": noise, "mse": noise * noise, "mae": noise * 0.8, "max_abs": noise * rng.uniform(4, 9),
            "mean_error": noise * rng.uniform(-0.1, 0.1), "sqnr_db": sqnr, "psnr_db": sqnr + 14,
            "cosine": 1 - 0.5 * (noise / signal) ** 2, "rel_l2": noise / signal, "rmse_over_scale": noise / scale,
            "kl": 0.001 * noise / scale, "saturated": saturated}


class Maker:
    def __init__(self, options) -> None:
        self.rng = random.Random(options.seed)
        self.count = options.operators
        self.bins = options.bins
        self.culprit = int(CLIPS * self.count)
        self.names = json.loads(open(options.names, encoding="utf-8").read()) if options.names else []
        self.cumulative = 52.0

    def kind(self, k: int) -> str:
        return ("RESHAPE" if k == self.count - 3 else "FULLY_CONNECTED" if k == self.count - 2
                else "SOFTMAX" if k == self.count - 1 else "MEAN" if k == self.count - 4
                else ("CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D", "ADD")[k % 4])

    def name(self, k: int) -> str:
        if k < 0:
            return "input_1"
        if k < len(self.names):
            return self.names[k]
        if k == self.count - 1:
            return "StatefulPartitionedCall:0"
        base = f"mobilenet/block_{k // 4}/" + ("expand", "depthwise", "project", "add")[k % 4]
        return f"{base}/Relu6;{base}/BatchNorm/FusedBatchNormV3;{base}/{self.kind(k).title().replace('_', '')}"

    def tensor(self, index: int, name: str, dtype: str, shape: list[int], scale, zero_point, op: int) -> dict:
        return {"tensor": index, "name": name, "dtype": dtype, "shape": shape, "scale": scale, "zero_point": zero_point,
                "op_index": op if op >= 0 else None}

    def pair(self, k: int) -> dict:
        rng, bad = self.rng, k == self.culprit
        late = k >= self.count - 3
        stage = min(max(k, 0) // 8, 4)
        shape = [1, 1000] if late else [1, 112 >> stage, 112 >> stage, 16 << stage]
        local = rng.uniform(11, 12) if bad else rng.uniform(36, 48)
        noise = 10 ** (-self.cumulative / 10) * 0.9 + 10 ** (-local / 10)
        self.cumulative = -10 * math.log10(noise) + (0.4 if not bad else 0)
        signal = rng.uniform(0.9, 1.4)
        low, high, clip = (-3.0, 5.0, 1.2 if bad else 9.0)
        scale = round((min(high, clip) - low) / 255, 5)
        zero_point = round(-128 - low / scale)
        name = self.name(k)
        op = k if k >= 0 else None
        values = {"low": low, "high": high, "reference": histogram(rng, low, high, 0.4, 0.9, 9000, 9.0, self.bins),
                  "candidate": histogram(rng, low, high, 0.4, 0.9, 9000, clip, self.bins)}
        width = signal * 10 ** (-self.cumulative / 20)
        error = {"low": -4 * width, "high": 4 * width,
                 "counts": histogram(rng, -4 * width, 4 * width, 0, width, 9000, 1e9, self.bins)}
        side = {"min": low, "max": high, "p0_1": low * 0.9, "p50": 0.4, "p99_9": high * 0.7}
        cumulative = metrics(rng, signal, self.cumulative, scale, 0.083 if bad else 0.0004)
        return {"name": name, "node_names": [part for part in name.split(";") if part],
                "source": [{"file": "train/mobilenet.py", "line": 40 + k}] if k >= 0 else [],
                "op": self.kind(k) if k >= 0 else "INPUT", "op_index": op,
                "how": "name" if k % 5 else "topology",
                "reference": self.tensor(k + 1, name, "float32", shape, None, None, k),
                "candidate": self.tensor(k + 3, name if k % 5 else name + "1", "int8", shape, scale, zero_point, k),
                "cumulative": cumulative,
                "local": metrics(rng, signal, local, scale, 0.083 if bad else 0.0004) if k >= 0 else None,
                "per_sample": {m: {"mean": cumulative[m], "half_width": abs(cumulative[m]) * 0.03}
                               for m in ("mse", "sqnr_db", "cosine", "max_abs")},
                "range": {"reference": side, "candidate": {**side, "max": min(high, clip)}},
                "histograms": {"values": values, "error": error},
                "inputs": [k + 2] + ([k - 1] if k >= 3 and self.kind(k) == "ADD" else []) if k >= 0 else [],
                "channels": shape[-1], "by_channel": self.channels(min(shape[-1], 128), local),
                "scatter": self.scatter(self.cumulative), "levels_used": 201,
                "worst": {"error": cumulative["max_abs"], "sample": 17, "element": 4711},
                "not_finite": {"reference_nan": 0, "reference_inf": 0, "candidate_nan": 0, "candidate_inf": 0},
                "findings": []}

    def channels(self, count: int, sqnr: float) -> dict:
        high = [round(self.rng.uniform(0.2, 5), 3) for _ in range(count)]
        return {"min": [round(-0.6 * x, 3) for x in high], "max": high, "sqnr_db": [round(sqnr + 4 * x - 14, 2) for x in high]}

    def scatter(self, sqnr: float) -> dict:
        reference = [round(self.rng.gauss(0.4, 0.9), 4) for _ in range(160)]
        return {"reference": reference,
                "candidate": [round(x + self.rng.gauss(0, 10 ** (-sqnr / 20)), 4) for x in reference]}

    def figures(self, layers: int) -> dict:
        return {"sqnr_db": 12 + 9.5 * layers, "agreement": min(1, 0.93 + 0.03 * layers), "accuracy": 0.66 + 0.02 * layers}

    def plan(self, pairs: list[dict]) -> dict:
        """As suggest writes it: two layers around the culprit."""
        layers = [{"op_index": k, "op": self.kind(k), "name": pairs[k + 1]["name"], "node_names": pairs[k + 1]["node_names"],
                   "mode": "float", "gain_db": 9.5, "why": "the tensor between them clips"} for k in (self.culprit, self.culprit + 1)]
        cost = {"float_macs_pct": 4.5, "int16x8_macs_pct": 0, "size_bytes": 4110000, "boundaries": 2}
        front = [{"layer_count": n, "layers": [], **self.figures(n), **cost, "float_macs_pct": 2.2 * n} for n in (1, 2, 3)]
        return {"schema": "qloupe.plan/1", "reference": "mobilenet_float32.tflite", "candidate": "mobilenet_int8.tflite",
                "base": {**self.figures(0), "size_bytes": 3992008}, "layers": layers, "predicted": {**self.figures(2), **cost},
                "pareto": front, "proof": self.figures(2),
                "repairs": [{"kind": "range", "tensor": pairs[self.culprit + 1]["name"], "range": [-3, 5], "predicted": {"sqnr_db": 29}}]}

    def confusion(self, right: int) -> list[list[int]]:
        return [[right if i == k else (20 - right) // 9 for k in range(10)] for i in range(10)]

    def shape_pair(self, k: int) -> dict:
        return {"name": f"Shape_{k}", "node_names": [f"Shape_{k}"], "source": [], "op": "SHAPE", "op_index": k,
                "how": "name", "reference": self.tensor(900 + k, f"Shape_{k}", "int32", [4], None, None, k),
                "candidate": self.tensor(900 + k, f"Shape_{k}", "int32", [4], None, None, k),
                "cumulative": {**{m: 0 for m in ("rmse", "mse", "mae", "max_abs", "mean_error", "rel_l2", "kl")},
                               "sqnr_db": None, "psnr_db": None, "cosine": 1, "rmse_over_scale": None, "saturated": None},
                "local": None, "per_sample": {}, "range": {}, "histograms": {}, "worst": {"error": 0, "sample": 0, "element": 0},
                "not_finite": {}, "findings": []}

    def weight(self, k: int) -> dict:
        shape = [32, 3, 3, 16]
        return {"name": f"mobilenet/block_{k // 4}/kernel_{k}", "op": self.kind(k), "op_index": k, "input": 1,
                "reference": self.tensor(200 + k, f"kernel_{k}", "float32", shape, None, None, -1),
                "candidate": self.tensor(300 + k, f"kernel_{k}", "int8", shape, None, None, -1),
                "error": {**metrics(self.rng, 0.2, self.rng.uniform(30, 46), 1, 0.001), "rmse_over_scale": None}}

    def finding(self, pair: dict) -> dict:
        return {"code": "saturation", "severity": "error",
                "evidence": "8.3 % of the values end at the largest integer; the float model reaches 5.0, the range ends at 1.2",
                "remedy": "Calibrate this tensor on data that reaches its values, or keep the operator in 16x8",
                "ops": [{"op_index": pair["op_index"], "name": pair["name"]}], "tensors": [pair["candidate"]["name"]]}

    def document(self, options) -> dict:
        pairs = [self.pair(k) for k in range(-1, self.count)]
        outputs = [len(pairs) - 1]
        culprit = pairs[self.culprit + 1]
        findings = []
        if options.findings:
            findings = [self.finding(culprit), {
                "code": "channel-spread", "severity": "warning", "evidence": "channel ranges of the weights differ 310 times",
                "remedy": "Quantize the weights per channel", "ops": [{"op_index": 1, "name": pairs[2]["name"]}], "tensors": []}]
            culprit["findings"] = [{k: v for k, v in findings[0].items() if k not in ("ops", "tensors")}]
        sqnr = pairs[-1]["cumulative"]["sqnr_db"]
        document = {
            "schema": "qloupe.comparison/1",
            "reference": {"file": "mobilenet_float32.tflite", "sha256": "1f" * 32, "bytes": 14021808},
            "candidate": {"file": "mobilenet_int8.tflite", "sha256": "2e" * 32, "bytes": 3992008},
            "data": {"file": "images.npz", "sha256": "3d" * 32, "random": False, "total": 200},
            "output_pairs": outputs, "pairs": pairs + [self.shape_pair(self.count)],
            "weights": [self.weight(k) for k in range(self.count) if self.kind(k) in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")],
            "unpaired": [{"model": "candidate", "tensor": 99, "name": "tfl.quantize", "dtype": "int8", "op": "QUANTIZE",
                          "op_index": 70, "reason": "the other model has no such operator"}],
            "samples": 200, "whole": {"sqnr_db": sqnr, "exact": False},
            "agreement": {"top1": 0.935, "top5": 0.95, "top1_in_5": 0.99, "rows": 200,
                          "accuracy": {"reference": 0.715, "candidate": 0.66, "labelled": 200, "reference_interval": [0.65, 0.77],
                                       "candidate_interval": [0.59, 0.72],
                                       "confusion": {"reference": self.confusion(15), "candidate": self.confusion(11)}}},
            "outputs": [pairs[i] for i in outputs], "findings": findings}
        if options.gates:
            document["gates"] = [
                {"expr": "output.sqnr_db >= 20", "passed": sqnr >= 20, "found": sqnr, "bound": 20, "tightest": sqnr, "noise": 0.4,
                 "within_noise": False, "where": pairs[-1]["name"], "message": f"found {sqnr:.4g} at op #64: >= {sqnr:.4g} would hold"},
                {"expr": "agreement.top1 >= 0.9", "passed": True, "found": 0.935, "bound": 0.9, "tightest": 0.935, "noise": None,
                 "within_noise": False, "where": None, "message": "found 0.935"}]
        if options.plan:
            document["plan"] = self.plan(pairs)
        document["run"] = {"command": ["qloupe", "compare", "mobilenet_float32.tflite", "mobilenet_int8.tflite", "--data",
                                       "images.npz", "--labels", "y", "--html", "report of today.html"],
                           "version": "0.1.0", "started": "2026-11-21T04:00:00Z", "seconds": 12.25, "threads": 2, "shard": 1,
                           "shards": 1, "host": "bench"}
        return document


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--operators", type=int, default=65)
    parser.add_argument("--bins", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--findings", action="store_true")
    parser.add_argument("--gates", action="store_true")
    parser.add_argument("--plan", action="store_true")
    parser.add_argument("--names")
    options = parser.parse_args()
    print(json.dumps(Maker(options).document(options), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
