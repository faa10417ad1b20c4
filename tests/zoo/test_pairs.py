#!/usr/bin/env python3
"""Pairs every float model of the shared zoo with every quantized one made from it, and others that belong together.

Each pair is made four times: as it is, without using names (--ignore-names), with the candidate's names shuffled, and
with no names in either file. A pair of tensors is wrong when their shapes or what made them differ, or when the
official interpreter's values say so: not correlated although both models had the same input, or correlated clearly
better with another tensor of the reference of the same shape. The share is of the candidate's activations that the
other model can have a counterpart for: by operator and shape, as many as both models have.

With --models the same is done with models that scripts/make-pairs made: every float model of a net with every other of its
models, quantized ones with each other.

usage: test_pairs.py [--models FOLDER] [--only TEXT] [--verbose]
"""
import argparse
import array
import collections
import concurrent.futures
import dataclasses
import functools
import json
import math
import operator
import os
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/support"))
from tally import Tally, thinned  # noqa: E402

ZOO = ROOT / "../shared/zoo/models"
BUILD = pathlib.Path(os.environ.get("QL_BUILD", ROOT / "build/release"))
TOOL, DUMP = BUILD / "tests/tool_pairs", BUILD / "tests/tool_model_dump"
ALIASES = {"QUANTIZE", "DEQUANTIZE", "FAKE_QUANT"}
KIN = {"SQUEEZE": "RESHAPE", "EXPAND_DIMS": "RESHAPE", "AVERAGE_POOL_2D": "MEAN", "SELECT_V2": "SELECT", "PADV2": "PAD"}
VARIANTS = {"as it is": 0.98, "names ignored": 0.95, "names shuffled": 0.95, "no names": 0.95}
ELEMENTS = 4000
FORMATS = {"f4": "f", "f8": "d", "i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q",
           "b1": "B"}


# ---- models -------------------------------------------------------------------------------------------------------

class Model:
    """A model as the reader sees it, and the .golden.npz beside it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.path = ZOO / f"{name}.tflite"
        dump = subprocess.run([str(DUMP), str(self.path)], capture_output=True, check=True).stdout
        text = re.sub(r"(?<=[\[,])(-?)inf(?=[\],])", r"\1Infinity", dump.decode("utf-8", "replace"))  # scales of damaged models
        graph = json.loads(text)["subgraphs"][0]
        self.tensors = graph["tensors"]
        self.inputs = graph["inputs"]
        self.maker: dict[int, str] = {}
        self.source: dict[int, int] = {}
        live = set(self.inputs) | {t for t, info in enumerate(self.tensors) if info["variable"]}
        for op in graph["operators"]:
            if not op["inputs"] or live & set(op["inputs"]):
                live |= set(op["outputs"])
                for out in op["outputs"]:
                    self.maker[out] = op["op"]
                    if op["op"] in ALIASES:
                        self.source[out] = op["inputs"][0]
        self.activations = [t for t in self.inputs + list(self.maker) if t >= 0]
        golden = ZOO / f"{name}.golden.npz"
        self.golden = zipfile.ZipFile(golden) if golden.exists() else None

    def root(self, tensor: int) -> int:
        while tensor in self.source:
            tensor = self.source[tensor]
        return tensor

    def operator(self, tensor: int) -> str:
        made = self.maker.get(self.root(tensor), "INPUT")
        return KIN.get(made, made)

    def shape(self, tensor: int) -> tuple[int, ...]:
        return tuple(d for d in (self.tensors[tensor]["shape"] or []) if d != 1)

    @functools.cache
    def values(self, sample: int, tensor: int) -> list[float] | None:
        """Real values, evenly thinned; None when there is no golden for them."""
        for kind in ("t", "in"):
            entry = f"s{sample}/{kind}/{tensor}.npy"
            if self.golden and entry in self.golden.namelist():
                return self.real(tensor, read_npy(self.golden.read(entry)))
        return None

    def real(self, tensor: int, raw) -> list[float] | None:
        if raw is None:
            return None
        step = max(1, len(raw) // ELEMENTS)
        step += step > 1 and step % 2 == 0  # not always the same channel
        info = self.tensors[tensor]
        scale = info["scales"][0] if len(info.get("scales") or []) == 1 else 1.0
        zero = info["zero_points"][0] if len(info.get("scales") or []) == 1 else 0
        return [(x - zero) * scale for x in raw[::step]]


def read_npy(data: bytes):
    size = struct.unpack_from("<H", data, 8)[0]
    header = eval(data[10:10 + size], {"__builtins__": {}}, {"True": True, "False": False})  # a literal dict
    kind = header["descr"][1:]
    return array.array(FORMATS[kind], data[10 + size:]) if kind in FORMATS else None


def correlation(a: list[float], b: list[float]) -> float | None:
    """None where one of them hardly changes."""
    if len(a) != len(b) or len(a) < 8:
        return None
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    a, b = [x - mean_a for x in a], [x - mean_b for x in b]
    aa, bb = sum(map(operator.mul, a, a)), sum(map(operator.mul, b, b))
    if not (math.isfinite(aa) and math.isfinite(bb)) or min(aa, bb) <= 1e-12:
        return None
    return sum(map(operator.mul, a, b)) / math.sqrt(aa * bb)


# ---- names, shuffled or taken away in the file --------------------------------------------------------------------

def u32(data: bytes, at: int) -> int:
    return struct.unpack_from("<I", data, at)[0]


def field(data: bytes, table: int, slot: int) -> int | None:
    """Position of a table's field, None when it is absent."""
    vtable = table - struct.unpack_from("<i", data, table)[0]
    entry = 4 + 2 * slot
    if entry >= struct.unpack_from("<H", data, vtable)[0]:
        return None
    offset = struct.unpack_from("<H", data, vtable + entry)[0]
    return table + offset if offset else None


def tables(data: bytes, at: int | None) -> list[int]:
    if at is None:
        return []
    vector = at + u32(data, at)
    return [at + u32(data, at) for at in range(vector + 4, vector + 4 + 4 * u32(data, vector), 4)]


def rename(path: pathlib.Path, out: pathlib.Path, change) -> None:
    """A copy of the model in which each subgraph's tensor names are change(names)."""
    data = bytearray(path.read_bytes())
    for graph in tables(data, field(data, u32(data, 0), 2)):
        places = [place for tensor in tables(data, field(data, graph, 0)) if (place := field(data, tensor, 3)) is not None]
        names = []
        for place in places:
            string = place + u32(data, place)
            names.append(bytes(data[string + 4:string + 4 + u32(data, string)]))
        for place, name in zip(places, change(names)):
            data += bytes(-len(data) % 4)
            struct.pack_into("<I", data, place, len(data) - place)
            data += struct.pack("<I", len(name)) + name + b"\0"
    out.write_bytes(data + bytes(-len(data) % 16))


def shuffled(names: list[bytes]) -> list[bytes]:
    names = list(names)
    random.Random(len(names)).shuffle(names)
    return names


# ---- cases --------------------------------------------------------------------------------------------------------

def families() -> list[tuple[str, str]]:
    have = sorted(str(p.relative_to(ZOO))[:-7] for p in ZOO.glob("*/*.tflite"))
    pairs = [("mnist_cnn/float32", n) for n in have if n.startswith("mnist_cnn/")]
    pairs += [("mobilenet_like/float32", n) for n in have if n.startswith("mobilenet_like/")]
    pairs += [("mobilenet_like/easy_float32", "mobilenet_like/easy_int8_floatio")]
    for quantized in ("mnist_cnn/int8_floatio", "mobilenet_like/int8_floatio"):
        pairs += [(quantized, n) for n in have if n.startswith(quantized.split("/", maxsplit=1)[0]) and n != quantized]
    for legacy in ("legacy_float32", "legacy_float32_toco"):
        pairs += [(f"mnist_cnn/{legacy}", n) for n in have if "mnist_cnn/legacy" in n]
    pairs += [("mnist_cnn/qat_float_fakequant", n) for n in have if "mnist_cnn/qat_int8" in n]
    pairs += [("mnist_cnn/qat_partial_dense_float_fakequant", "mnist_cnn/qat_partial_dense_int8")]
    pairs += [("debug_metadata/float32", "debug_metadata/int8_floatio")]
    pairs += [(f"{n.split('.')[0]}.float32", n) for n in have if n.startswith("op_zoo/") and not n.endswith(".float32")]
    tiny = (("ad01_fp32", "ad01_int8"), ("model_ToyCar", "model_ToyCar_quant"), ("model_ToyCar", "model_ToyCar_quant_fullint"),
            ("model_ToyCar", "model_ToyCar_quant_fullint_micro"), ("model_ToyCar", "model_ToyCar_quant_fullint_micro_intio"),
            ("kws_ref_model_float32", "kws_ref_model"), ("pretrainedResnet", "pretrainedResnet_quant"),
            ("vww_96_float", "vww_96_int8"))
    tflm = (("hello_world_float", "hello_world_int8"), ("trained_lstm", "trained_lstm_int8"),
            ("keyword_scrambled", "keyword_scrambled_8bit"))
    pairs += [(f"real_mlperf_tiny/{a}", f"real_mlperf_tiny/{b}") for a, b in tiny]
    pairs += [(f"real_tflm/{a}", f"real_tflm/{b}") for a, b in tflm]
    pairs += [("real_aeq_tests/conv_fc_mnist", f"real_aeq_tests/{b}")
              for b in ("conv_fc_mnist_srq_a8w8", "mnist_quantized", "partly_quantized_mnist")]
    pairs += [(n, n) for n in have if n.startswith("real_") and (n, n) not in pairs]
    return [(a, b) for a, b in dict.fromkeys(pairs) if a in have and b in have]


def made(folder: pathlib.Path) -> list[tuple[str, str]]:
    """The models of each net: float ones with all others, quantized ones with other quantized ones."""
    pairs = []
    for net in sorted(path for path in folder.iterdir() if path.is_dir()):
        names = sorted(f"{net.name}/{path.stem}" for path in net.glob("*.tflite"))
        floats = [name for name in names if "/float32" in name]
        pairs += [(a, b) for a in floats for b in names if a != b]
        pairs += [(f"{net.name}/{a}", f"{net.name}/{b}") for a, b in (("int8", "int8_old"), ("int8_io", "int8"), ("int8", "int16x8"),
                                                                     ("float16", "int8_io"), ("dynamic", "int8_old"))]
    return [(a, b) for a, b in pairs if all((folder / f"{name}.tflite").exists() for name in (a, b))]


@dataclasses.dataclass
class Outcome:
    reference: str
    candidate: str
    variant: str
    expected: int = 0
    made: int = 0
    wrong: list[str] = dataclasses.field(default_factory=list)
    missed: list[str] = dataclasses.field(default_factory=list)
    error: str = ""


@functools.cache
def model(name: str) -> Model:
    return Model(name)


def same_input(ref: Model, cand: Model, sample: int) -> bool:
    if len(ref.inputs) != len(cand.inputs):
        return False
    for a, b in zip(ref.inputs, cand.inputs):
        x, y = ref.values(sample, a), cand.values(sample, b)
        if x is None or y is None or len(x) != len(y):
            return False
        step = max([(info["scales"] or [0])[0] for info in (ref.tensors[a], cand.tensors[b])])
        if max(abs(p - q) for p, q in zip(x, y)) > step + 1e-6:
            return False
    return True


def far_off(name: str) -> bool:
    """Models whose values are no witness: int2 weights, networks made to fail, and one that was trained by itself.

    Their operators stand in the same order as the reference's, which then is compared instead.
    """
    return any(text in name for text in ("wi2c", "mobilenet_like/", "mixed/", "conv_fc_mnist_srq_a8w8"))


def place(m: Model, tensor: int) -> tuple[int, int]:
    """Which of the outputs of the same operator and shape it is, and of how many."""
    key = (m.operator(tensor), m.shape(tensor))
    alike = [t for t in m.activations if t not in m.source and (m.operator(t), m.shape(t)) == key]
    return alike.index(m.root(tensor)), len(alike)


def shapes_agree(ref: Model, cand: Model, r: int, c: int) -> bool:
    return ref.shape(r) == cand.shape(c) or not (ref.tensors[r]["shape"] and cand.tensors[c]["shape"])


def wrong_by_values(ref: Model, cand: Model, c: int, r: int, samples: list[int]) -> str:
    for sample in samples:
        x, y = cand.values(sample, c), ref.values(sample, r)
        near = correlation(x, y) if x and y else None
        if near is None:
            continue
        if near < 0.9 and not far_off(cand.name):
            return f"correlation {near:.3f}"
        for other in ref.activations:
            if ref.root(other) != ref.root(r) and ref.shape(other) == ref.shape(r) and near < 0.98:
                z = ref.values(sample, other)
                rival = correlation(x, z) if z else None
                if rival is not None and rival > near + 0.05 and ref.operator(other) == cand.operator(c):
                    return f"correlation {near:.3f}, but {rival:.3f} with {other}"
    return ""


def check(outcome: Outcome, pairs: list, ref: Model, cand: Model) -> None:
    paired = {}
    samples = [s for s in (0, 1) if same_input(ref, cand, s)]
    for c, r, _, _, alias, how in pairs:
        paired[c] = r
        fault = "" if shapes_agree(ref, cand, r, c) else "shapes differ"
        makers = (cand.operator(c), ref.operator(r))
        fault = fault or ("" if makers[0] == makers[1] or "RELU" in makers[0] + makers[1] else f"made by {makers}")
        fault = fault or wrong_by_values(ref, cand, c, r, samples)
        if not fault and far_off(cand.name) and place(ref, r) != place(cand, c):
            fault = f"{place(cand, c)} with {place(ref, r)}"
        if not fault and ref is cand and c != r and not alias and cand.values(0, c) != ref.values(0, r):
            fault = "not itself"
        if fault:
            outcome.wrong.append(f"{c} with {r} by {how}: {fault}")
    count(outcome, paired, ref, cand)


def count(outcome: Outcome, paired: dict[int, int], ref: Model, cand: Model) -> None:
    """Adds up how many could pair and how many did, by operator and shape."""
    groups = [collections.defaultdict(list), collections.defaultdict(list)]
    for side, m in enumerate((cand, ref)):
        for t in m.activations:
            if t not in m.source:
                groups[side][m.operator(t), m.shape(t)].append(t)
    for key, mine in groups[0].items():
        could, did = min(len(mine), len(groups[1][key])), sum(t in paired for t in mine)
        outcome.expected += could
        outcome.made += min(could, did)
        if did < could:
            outcome.missed.append(f"{key[0]} {[t for t in mine if t not in paired]}")
    for t in cand.source:
        if cand.root(t) in paired:
            outcome.expected += 1
            outcome.made += t in paired


def files_of(ref: Model, cand: Model, variant: str, folder: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    if variant == "names shuffled":
        rename(cand.path, folder / "shuffled.tflite", shuffled)
        return ref.path, folder / "shuffled.tflite"
    if variant == "no names":
        for m, out in ((ref, "reference.tflite"), (cand, "candidate.tflite")):
            rename(m.path, folder / out, lambda names: [b""] * len(names))
        return folder / "reference.tflite", folder / "candidate.tflite"
    return ref.path, cand.path


def run(job: tuple[str, str]) -> list[Outcome]:
    ref, cand = Model(job[0]), Model(job[1])
    if job[0] == job[1]:
        ref = cand
    outcomes = []
    for variant in VARIANTS:
        outcome = Outcome(*job, variant)
        with tempfile.TemporaryDirectory() as folder:
            a, b = files_of(ref, cand, variant, pathlib.Path(folder))
            command = [str(TOOL), str(a), str(b), "--json"] + (["--ignore-names"] if variant == "names ignored" else [])
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            outcome.error = done.stderr.strip() or f"status {done.returncode}"
        else:
            check(outcome, json.loads(done.stdout)["pairs"], ref, cand)
        outcomes.append(outcome)
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--models", type=pathlib.Path, metavar="FOLDER", help="models made by scripts/make-pairs, not those of the zoo")
    parser.add_argument("--only", default="", metavar="TEXT", help="only pairs of models whose names contain TEXT")
    parser.add_argument("--verbose", action="store_true", help="say what each pair missed")
    args = parser.parse_args()
    global ZOO
    ZOO = args.models or ZOO
    tally = Tally()
    if not ZOO.is_dir():
        tally.skip("pairs of the zoo", f"{ZOO} is not there")
        return tally.finish()
    jobs = thinned([job for job in (made(ZOO) if args.models else families()) if args.only in " ".join(job)], 60)
    sums = collections.Counter()
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for outcomes in pool.map(run, jobs, chunksize=4):
            for o in outcomes:
                sums["could", o.variant] += o.expected
                sums["did", o.variant] += o.made
                name = f"{o.reference} x {o.candidate}, {o.variant}"
                tally.check(name, not o.error and not o.wrong, o.error or "; ".join(o.wrong[:4]))
                if args.verbose and o.missed:
                    print(f"missed: {name}: {'; '.join(o.missed[:4])}", flush=True)
    for variant, least in VARIANTS.items():
        could, did = sums["could", variant], sums["did", variant]
        print(f"{variant}: {did} of {could} activations paired, {100 * did / max(1, could):.2f} %")
        tally.check(f"at least {100 * least:.0f} % pair, {variant}", did >= least * could)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
