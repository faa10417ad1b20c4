#!/usr/bin/python3
"""A build for another machine, run by an emulator, beside the release build of this one: the same bits.

$QL_BUILD names the folder of the other machine's programs. Under each of its instruction sets:
  * every tensor of a model, on random samples, has the bytes that this machine's portable kernels give it (models with a
    function in which the machines' C libraries differ: floats that are near, the other machine's bytes under all of its sets);
  * a comparison's JSON is the same text, but for the facts of the run.
A fixed subset of the shared zoo; --all takes every model and pair.
"""
import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/support"))
from tally import Tally  # noqa: E402

HERE = ROOT / "build/release/qloupe"
THERE = pathlib.Path(os.environ.get("QL_BUILD", ROOT / "build/aarch64/run")) / "qloupe"
ZOO = ROOT / "../shared/zoo/models"
SAMPLES = ROOT / "samples"
SUBSET, SEED, TIMEOUT = 40, 20, 600
DATA = ["--data", "random:2", "--seed", "7"]
# Their functions in the C library have last bits of their own on each machine; GELU's are the processor's.
OWN_BITS = {"ELU", "TANH", "ATAN2", "GELU", "LSTM", "UNIDIRECTIONAL_SEQUENCE_LSTM", "BIDIRECTIONAL_SEQUENCE_LSTM", "RNN",
            "UNIDIRECTIONAL_SEQUENCE_RNN", "BIDIRECTIONAL_SEQUENCE_RNN", "SVDF"}
NEAR = 1e-5  # of the tensor's peak
PAIRS = [("kws_ref_model_float32", "kws_ref_model"), ("vww_96_float", "vww_96_int8"), ("ad01_fp32", "ad01_int8"),
         ("pretrainedResnet", "pretrainedResnet_quant"), ("model_ToyCar", "model_ToyCar_quant")]


@dataclasses.dataclass
class Job:
    name: str
    words: list[str]  # of the command; what it makes goes to OUT
    suffix: str
    near: bool = False  # floats need not be the same bits on both machines


def has_own_bits(model: pathlib.Path) -> bool:
    facts = model.with_suffix(".meta.json")
    graphs = json.loads(facts.read_text(encoding="utf-8"))["subgraphs"] if facts.exists() else []
    return any(op["op"] in OWN_BITS for graph in graphs for op in graph["operators"])


def run_jobs(models: list[pathlib.Path]) -> list[Job]:
    return [Job(f"run {path.parent.name}/{path.stem}", ["run", str(path), *DATA, "--all-tensors", "-o", "OUT"], ".npz",
                has_own_bits(path)) for path in models]


def compare_jobs(whole: bool) -> list[Job]:
    digits = [str(SAMPLES / f"digits_{kind}.tflite") for kind in ("float32", "int8")]
    jobs = [Job("compare digits", ["compare", *digits, "--data", str(SAMPLES / "digits.npz"), "--labels", "y", "--samples", "20",
                                   "--split", "--json", "OUT"], ".json")]
    folder = ZOO / "real_mlperf_tiny"
    for names in PAIRS if folder.is_dir() else []:
        pair = [str(folder / f"{name}.tflite") for name in names]
        jobs.append(Job(f"compare {names[1]}", ["compare", *pair, *DATA, *(["--split"] if whole else []), "--json", "OUT"], ".json"))
    return jobs if whole else jobs[:3]


def made(job: Job, program: pathlib.Path, isa: str) -> "dict | str":
    """What the command made, or why there is nothing."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "out" + job.suffix)
        done = subprocess.run([str(program), *(str(out) if word == "OUT" else word for word in job.words)], capture_output=True,
                              text=True, timeout=TIMEOUT, check=False, env=os.environ | {"QLOUPE_ISA": isa})
        if not out.exists():
            return done.stderr.strip() or f"status {done.returncode}"
        if job.suffix == ".json":
            document = json.loads(out.read_text(encoding="utf-8"))
            del document["run"]  # when it was, and how long it took
            return document
        with np.load(out) as arrays:
            return {name: arrays[name] for name in arrays.files}


def same(a: object, b: object, near: bool) -> bool:
    """Equal to the bit, but that a NaN is a NaN: which one an operation makes is the machine's choice."""
    if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray):
        return json.dumps(a) == json.dumps(b)
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.tobytes() == b.tobytes() or a.dtype.kind != "f":
        return a.tobytes() == b.tobytes()
    if near:
        peak = float(np.max(np.abs(a), initial=0.0, where=np.isfinite(a)))
        return np.allclose(b, a, rtol=0, atol=NEAR * peak, equal_nan=True)
    return bool(np.all((bits(a) == bits(b)) | (np.isnan(a) & np.isnan(b))))


def bits(x: np.ndarray) -> np.ndarray:
    return x.view(f"u{x.dtype.itemsize}")


def differences(want: "dict | str", got: "dict | str", near: bool) -> str:
    if isinstance(want, str) or isinstance(got, str):
        return "" if want == got else f"{str(got)[:200]} instead of {str(want)[:200]}"
    names = [name for name in want.keys() | got.keys() if not same(want.get(name), got.get(name), near)]
    return f"{len(names)} of {len(want)} differ: {', '.join(sorted(names)[:5])}" if names else ""


def instruction_sets(program: pathlib.Path) -> list[str]:
    """Of the other machine: it names them when it is given a wrong name."""
    said = made(Job("", ["run", str(SAMPLES / "digits_int8.tflite"), *DATA, "-o", "OUT"], ".npz"), program, "?")
    return str(said).partition("must be one of ")[2].split(", ")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--all", action="store_true", help="every model and pair")
    parser.add_argument("--models", type=int, default=SUBSET, help=f"so many of the zoo's models (default: {SUBSET})")
    args = parser.parse_args()
    tally = Tally()
    models = [path for path in sorted(ZOO.glob("*/*.tflite"))]
    if not models:
        tally.skip("zoo", "../shared/zoo is not there")
    if not args.all:
        models = sorted(random.Random(SEED).sample(models, min(args.models, len(models))))
    jobs = compare_jobs(args.all) + run_jobs(sorted(SAMPLES.glob("*.tflite")) + models)
    sets = instruction_sets(THERE)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = pool.map(lambda job: [made(job, HERE, "portable"), *(made(job, THERE, isa) for isa in sets)], jobs)
        for job, (here, plain, *others) in zip(jobs, results):
            difference = differences(here, plain, job.near)
            tally.check(f"{job.name}: {sets[0]} there as portable here", not difference, difference)
            for isa, got in zip(sets[1:], others):
                difference = differences(plain, got, near=False)
                tally.check(f"{job.name}: {isa} as {sets[0]}", not difference, difference)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
