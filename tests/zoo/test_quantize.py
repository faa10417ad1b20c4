#!/usr/bin/python3
"""qloupe quantize against the models that TensorFlow's converter made of the same float models and, where they are
known, the same calibration samples: operators, types, scales, zero points, weights and biases. Needs the optional
folder ../shared of extra models and python3-numpy."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from tally import Tally, thinned  # noqa: E402

try:
    import numpy as np
except ImportError:
    np = None

ZOO = ROOT.parent / "shared" / "zoo"
BUILD = pathlib.Path(os.environ.get("QL_BUILD", ROOT / "build/release"))
QLOUPE = os.environ.get("QLOUPE", str(BUILD / "qloupe"))
# model, mode, type of inputs and outputs
TWINS = [
    ("mnist_cnn/int8_floatio", "int8", "float"),
    ("mnist_cnn/int8_int8io", "int8", "int8"),
    ("mnist_cnn/int8_uint8io", "int8", "uint8"),
    ("mnist_cnn/int16x8_floatio", "int16x8", "float"),
    ("mnist_cnn/int16x8_int16io", "int16x8", "int16"),
    ("mnist_cnn/dynamic", "dynamic", "float"),
    ("mnist_cnn/float16", "float16", "float"),
    ("mobilenet_like/int8_floatio", "int8", "float"),
    ("mobilenet_like/int8_int8io", "int8", "int8"),
    ("mobilenet_like/int16x8_floatio", "int16x8", "float"),
    ("mobilenet_like/int16x8_int16io", "int16x8", "int16"),
    ("mobilenet_like/dynamic", "dynamic", "float"),
    ("mobilenet_like/float16", "float16", "float"),
]
# Cases of op_zoo whose structure is not the converter's, and why.
EXPECTED = {
    "int8": {},
    "int16x8": {
        "lstm": "LSTM", "lstm_seq": "LSTM",
        "squared_difference": "no int16 kernel", "layer_norm_like": "SQUARED_DIFFERENCE has no int16 kernel",
        "prelu": "the converter's model does not run: NEG reads int16 and makes float",
        "select_v2": "the converter's model does not run: GREATER and SELECT in int16",
        "minimum": "ranges are not the converter's",
    },
    "dynamic": {},
    "float16": {"lstm": "empty states", "lstm_seq": "empty states"},
}

# Cases of op_zoo whose operator has no int16 kernel, and the operator.
NO_INT16 = {
    "arg_max": "ARG_MAX", "ceil": "CEIL", "cos": "COS", "cumsum": "CUMSUM", "depth_to_space": "DEPTH_TO_SPACE", "div": "DIV", "elu": "ELU",
    "equal": "EQUAL", "floor_mod": "FLOOR_MOD", "hard_swish": "HARD_SWISH", "log_softmax": "LOG_SOFTMAX", "pow": "POW",
    "relu_n1_to_1": "RELU_N1_TO_1", "sin": "SIN", "square": "SQUARE", "squared_difference": "SQUARED_DIFFERENCE",
}


class Model:
    """The first subgraph as qloupe inspect tells it, with the constants' bytes."""

    def __init__(self, path: str) -> None:
        told = subprocess.run([QLOUPE, "inspect", path, "--json", "-"], capture_output=True, text=True, check=True).stdout
        self.graphs = json.loads(told[told.index("{") :])["subgraphs"]
        self.graph = self.graphs[0]
        self.tensors = {tensor["index"]: tensor for tensor in self.graph["tensors"]}
        self.path = path

    def operators(self, versions: bool) -> list:
        found = []
        for graph in self.graphs:
            types_of = {tensor["index"]: tensor["dtype"] for tensor in graph["tensors"]}
            for op in graph["operators"]:
                types = [types_of[i] if i >= 0 else "-" for i in op["inputs"] + op["outputs"]]
                found.append((op["op"], types, op["version"] if versions else 0))
        return found


def constants(path: str, folder: str) -> dict:
    """The constants of a model by tensor index, through the runtime's own reader."""
    out = f"{folder}/constants.npz"
    subprocess.run([BUILD / "tests/tool_constants", path, out], check=True, capture_output=True)
    with np.load(out) as arrays:
        return {int(name): arrays[name] for name in arrays.files}


def quantize(source: pathlib.Path, mode: str, io: str, data: str, out: str, compat: bool = True) -> subprocess.CompletedProcess:
    line = [QLOUPE, "quantize", str(source), "-o", out, "--mode", mode, "--io", io]
    if mode in ("int8", "int16x8"):
        line += ["--data", data] + ["--compat", "tf-2.21"] * compat
    return subprocess.run(line, capture_output=True, text=True, check=False)


def parameters(tensor: dict) -> tuple:
    quantization = tensor["quantization"] or {"scale": [], "zero_point": []}
    return tuple(np.float32(quantization["scale"])), tuple(quantization["zero_point"])


def last_places(a: tuple, b: tuple) -> bool:
    near = all(abs(int(np.float32(x).view(np.int32)) - int(np.float32(y).view(np.int32))) <= 4 for x, y in zip(a[0], b[0]))
    return len(a[0]) == len(b[0]) and near and a[1] == b[1]


def places(model: Model) -> list:
    """Pairs of operator and tensors. Constants that a DEQUANTIZE widens stand where the widened tensor is read: the order of
    such operators means nothing."""
    stored = {op["outputs"][0]: op["inputs"][0] for op in model.graph["operators"]
              if op["op"] == "DEQUANTIZE" and model.tensors[op["inputs"][0]]["dtype"] == "float16"}
    return [[stored.get(i, i) for i in op["inputs"] + op["outputs"]] for op in model.graph["operators"]
            if op["outputs"][0] not in stored]


def shares(ours: Model, theirs: Model, folder: str) -> dict:
    """Counts of what is equal, near and other, by kind, over the tensors at the same places of the same operators."""
    kinds: dict = {kind: [0, 0, 0] for kind in ("activations", "weights", "biases")}
    mine, other, seen = constants(ours.path, folder), constants(theirs.path, folder), set()
    for a, b in zip(places(ours), places(theirs)):
        for i, j in zip(a, b):
            if i < 0 or i in seen:
                continue
            seen.add(i)
            x, y = ours.tensors[i], theirs.tensors[j]
            constant = i in mine and j in other
            bias = constant and x["dtype"] in ("int32", "int64") and bool(x["quantization"])
            kind = "biases" if bias else "weights" if constant else "activations"
            fit = x["dtype"] == y["dtype"] and x["shape"] == y["shape"] and (i in mine) == (j in other)
            same = fit and parameters(x) == parameters(y)
            near = fit and last_places(parameters(x), parameters(y))
            if constant and fit:
                same = same and mine[i].tobytes() == other[j].tobytes()
                off = np.abs(mine[i].astype(float) - other[j]) / np.maximum(1, 1e-6 * np.abs(other[j].astype(float)))
                near = near and mine[i].dtype.kind == "i" and off.max(initial=0) <= 1
            kinds[kind][0 if same else 1 if near else 2] += 1
    return kinds


def check_twins(tally: Tally, folder: str) -> None:
    for name, mode, io in TWINS:
        family = name.split("/")[0]
        out = f"{folder}/made.tflite"
        run = quantize(ZOO / f"models/{family}/float32.tflite", mode, io, str(ZOO / f"data/{family}_calib.npz"), out)
        if run.returncode:
            tally.check(name, False, run.stderr)
            continue
        ours, theirs = Model(out), Model(str(ZOO / f"models/{name}.tflite"))
        order = [op[:2] for op in ours.operators(False)] == [op[:2] for op in theirs.operators(False)]
        kinds = shares(ours, theirs, folder) if order else {}
        line = ", ".join(f"{k} {v[0]}/{sum(v)} equal, {v[1]} in the last places" for k, v in kinds.items())
        print(f"{name}: {line}")
        good = order and all(v[1] == v[2] == 0 for v in kinds.values())
        tally.check(name, good, line or f"operators differ: {ours.operators(False)}")


def check_true_ranges(tally: Tally, folder: str) -> None:
    """Without --compat all is the converter's but for operands of ADD, whose ranges it widens."""
    for name, mode, io in TWINS:
        family = name.split("/")[0]
        if mode not in ("int8", "int16x8"):
            continue
        out = f"{folder}/made.tflite"
        quantize(ZOO / f"models/{family}/float32.tflite", mode, io, str(ZOO / f"data/{family}_calib.npz"), out, compat=False)
        ours, theirs = Model(out), Model(str(ZOO / f"models/{name}.tflite"))
        operands = {i for op in ours.graph["operators"] if op["op"] == "ADD" for i in op["inputs"]}
        other = {i for a, b in zip(places(ours), places(theirs)) for i, j in zip(a, b)
                 if i >= 0 and parameters(ours.tensors[i]) != parameters(theirs.tensors[j])}
        wanted = 2 if family == "mobilenet_like" else 0
        tally.check(f"{name} without --compat", len(other) == wanted and other <= operands, sorted(other))


def check_structure(tally: Tally, folder: str) -> None:
    for mode, expected in EXPECTED.items():
        same, total, out = 0, 0, f"{folder}/made.tflite"
        for twin in thinned(sorted((ZOO / "models/op_zoo").glob(f"*.{mode}.tflite")), 40):
            case = twin.name.split(".")[0]
            source = twin.with_name(f"{case}.float32.tflite")
            if not source.exists():
                continue
            theirs = Model(str(twin))
            io = theirs.tensors[theirs.graph["inputs"][0]]["dtype"].replace("float32", "float")
            run = quantize(source, mode, io, "random:8", out)
            equal = run.returncode == 0 and Model(out).operators(False) == theirs.operators(False)
            total += 1
            same += equal
            if case not in expected:
                tally.check(f"{case}.{mode}: structure", equal, run.stderr or str(Model(out).operators(False)))
        print(f"op_zoo {mode}: {same}/{total} have the converter's operators and types")


def check_fallback(tally: Tally, folder: str) -> None:
    """Operators without an int16 kernel stay float, and --integer-only refuses the model with their name."""
    for case, op in NO_INT16.items():
        source, out = ZOO / f"models/op_zoo/{case}.float32.tflite", pathlib.Path(folder) / f"{case}.tflite"
        line = [QLOUPE, "quantize", source, "-o", out, "--mode", "int16x8", "--data", "random:2"]
        refused = subprocess.run([*line, "--integer-only"], capture_output=True, text=True, check=False)
        named = refused.returncode == 6 and f" {op} " in refused.stderr and not out.exists()
        tally.check(f"{case}: --integer-only", named, refused.stderr)
        made = subprocess.run(line, capture_output=True, text=True, check=False)
        model = Model(str(out)) if made.returncode == 0 else None
        types = [t for o in model.graph["operators"] if o["op"] == op for t in o["inputs"]] if model else []
        stayed = types and all(model.tensors[t]["dtype"] in ("float32", "int32") for t in types)
        run = subprocess.run([QLOUPE, "run", out, "--data", "random:2", "-o", f"{folder}/out.npz"], capture_output=True, check=False)
        tally.check(f"{case}: stays float and runs", stayed and run.returncode == 0, made.stderr)


def main() -> int:
    tally = Tally()
    if np is None or not ZOO.is_dir():
        tally.skip("quantize against the converter", "no numpy" if np is None else "no shared zoo")
        return tally.finish()
    with tempfile.TemporaryDirectory() as folder:
        check_twins(tally, folder)
        check_true_ranges(tally, folder)
        check_structure(tally, folder)
        check_fallback(tally, folder)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
