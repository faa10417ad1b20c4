"""qloupe from Python: compare, suggest and config as functions. Needs NumPy and a built or installed qloupe.

    from bridge.common import compare
    result = compare("float.tflite", "int8.tflite", {"x": x, "y": y}, labels="y")
    result["whole"]["sqnr_db"], result["agreement"]["top1"]

Models are paths or bytes; data is a path as for --data, or arrays.
"""
from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from typing import Any, Iterator, Mapping, Protocol, Union

Model = Union[str, os.PathLike, bytes]
Data = Union[str, os.PathLike, Mapping[str, Any], Any]  # a path, arrays by input name, or the one input's array
Json = dict[str, Any]

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SQNR_TOLERANCE = 0.5  # dB
SHARE_TOLERANCE = 0.002  # of samples


class QloupeError(RuntimeError):
    """A qloupe command that failed: `status` is its exit status (docs/exit-codes.md)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def program() -> str:
    """$QLOUPE, the build beside these scripts, or what PATH has."""
    given, built = os.environ.get("QLOUPE"), ROOT / "build/release/qloupe"
    found = given or (str(built) if built.exists() else shutil.which("qloupe"))
    if not found:
        raise QloupeError(3, "no qloupe: build it (scripts/build), or name it in QLOUPE")
    return str(pathlib.Path(found).resolve())


def run(*words: object) -> str:
    """Runs qloupe and returns its standard output; notes go to standard error. QloupeError with its message."""
    done = subprocess.run([program(), *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise QloupeError(done.returncode, done.stderr.strip().removeprefix("qloupe: "))
    sys.stderr.write(done.stderr)
    return done.stdout


def save_data(data: Data, path: pathlib.Path) -> pathlib.Path:
    """The data as a file that --data takes: a path is left where it is, arrays go to `path` (.npz)."""
    if isinstance(data, (str, os.PathLike)):
        return pathlib.Path(data)
    import numpy

    arrays = data if isinstance(data, Mapping) else {"x": data}
    numpy.savez(path, **{name: numpy.asarray(array) for name, array in arrays.items()})
    return path


def _file(model: Model, path: pathlib.Path) -> str:
    if isinstance(model, (bytes, bytearray, memoryview)):
        path.write_bytes(bytes(model))
        return str(path)
    return str(model)


def options(**given: object) -> list[str]:
    """Keywords as command-line options: max_layers=2 becomes --max-layers=2; None and False are left out."""
    words = []
    for name, value in given.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            words.append(option)
        elif value is not None and value is not False:
            words += [f"{option}={each}" for each in (value if isinstance(value, (list, tuple)) else [value])]
    return words


@contextlib.contextmanager
def _inputs(reference: Model, candidate: Model, data: Data) -> Iterator[tuple[pathlib.Path, list[object]]]:
    """A folder of its own, and the words FLOAT QUANT --data DATA."""
    with tempfile.TemporaryDirectory(prefix="qloupe-") as place:
        folder = pathlib.Path(place)
        file = save_data(data, folder / "data.npz")
        yield folder, [_file(reference, folder / "float.tflite"), _file(candidate, folder / "quant.tflite"), f"--data={file}"]


def compare(reference: Model, candidate: Model, data: Data, **more: object) -> Json:
    """The document of `qloupe compare FLOAT QUANT --data DATA` (docs/json.md). `more`: options, as labels="y"."""
    with _inputs(reference, candidate, data) as (folder, words):
        run("compare", *words, *options(**more), f"--json={folder / 'result.json'}")
        return json.loads((folder / "result.json").read_text(encoding="utf-8"))


def suggest(reference: Model, candidate: Model, data: Data, **more: object) -> Json:
    """The plan of `qloupe suggest` (docs/commands/suggest.md). `more`: options, as max_layers=2, modes="float,int16x8"."""
    with _inputs(reference, candidate, data) as (folder, words):
        run("suggest", *words, *options(**more), f"--output={folder / 'plan.json'}")
        return json.loads((folder / "plan.json").read_text(encoding="utf-8"))


def config(plan: Json, target: str, path: Union[str, os.PathLike], **more: object) -> pathlib.Path:
    """Writes `qloupe config --for TARGET` of a plan; returns the path."""
    with tempfile.TemporaryDirectory(prefix="qloupe-") as folder:
        file = pathlib.Path(folder, "plan.json")
        file.write_text(json.dumps(plan), encoding="utf-8")
        run("config", file, f"--for={target}", f"--output={path}", *options(**more))
    return pathlib.Path(path)


@dataclasses.dataclass
class Figures:
    """Of a whole model; None where there is none. Shares are of 1."""

    sqnr_db: float | None
    agreement: float | None
    accuracy: float | None

    @classmethod
    def measured(cls, reference: Model, candidate: Model, data: Data, labels: str | None = None, **more: object) -> Figures:
        result = compare(reference, candidate, data, labels=labels, **more)
        agreement = result["agreement"] or {}
        return cls(result["whole"]["sqnr_db"], agreement.get("top1"), (agreement.get("accuracy") or {}).get("candidate"))

    @classmethod
    def of_plan(cls, figures: Json) -> Figures:
        return cls(figures.get("sqnr_db"), figures.get("agreement"), figures.get("accuracy"))

    def near(self, other: Figures) -> bool:
        """Within half a decibel and 0.2 points."""
        def close(a: float | None, b: float | None, tolerance: float) -> bool:
            return a is None or b is None or abs(a - b) <= tolerance + 1e-9

        return (close(self.sqnr_db, other.sqnr_db, SQNR_TOLERANCE) and close(self.agreement, other.agreement, SHARE_TOLERANCE)
                and close(self.accuracy, other.accuracy, SHARE_TOLERANCE))

    def __str__(self) -> str:
        words = ["SQNR  exact  " if self.sqnr_db is None or math.isinf(self.sqnr_db) else f"SQNR {self.sqnr_db:6.2f} dB"]
        for name, share in (("agreement", self.agreement), ("accuracy", self.accuracy)):
            words += [f"{name} {100 * share:6.2f} %"] if share is not None else []
        return ", ".join(words)


class Tool(Protocol):
    """A quantizer that can be told which layers to treat otherwise."""

    name: str
    reference: pathlib.Path  # the float model

    def base(self) -> pathlib.Path:
        """The model quantized without a plan."""

    def apply(self, plan: Json, number: int = 0) -> pathlib.Path:
        """The model quantized by the plan; QloupeError (6) when the tool cannot express it."""


class QloupeTool:
    """qloupe's own quantizer."""

    name = "qloupe"

    def __init__(self, reference: Union[str, os.PathLike], calib: Data, folder: pathlib.Path) -> None:
        self.reference, self.folder = pathlib.Path(reference), folder
        self.calib = save_data(calib, folder / "calib.npz")

    def _quantize(self, name: str, *more: object) -> pathlib.Path:
        path = self.folder / f"{name}.tflite"
        run("quantize", self.reference, "--mode=int8", f"--data={self.calib}", f"--output={path}", *more)
        return path

    def base(self) -> pathlib.Path:
        return self._quantize("int8")

    def apply(self, plan: Json, number: int = 0) -> pathlib.Path:
        file = self.folder / f"plan{number}.json"
        file.write_text(json.dumps(plan), encoding="utf-8")
        return self._quantize(f"mixed{number}", f"--plan={file}", *(["--repairs"] if plan.get("repairs") else []))


def layers(plan: Json) -> list[str]:
    return [f"{layer['mode']:8} #{layer['op_index']} {layer['op']} {layer['name']}" for layer in plan["layers"]]


def bridge(tool: Tool, data: Data, labels: str | None = None, samples: int | None = None, repairs: bool = False, **goal: object) -> Json:
    """Base model, plan, reconversion, and whether the outcome is what was predicted. `repairs`: the plan's better ranges instead
    of its layers; the figures of a plan are of either, not of both."""
    base = tool.base()
    plan = suggest(tool.reference, base, data, labels=labels, samples=samples, no_repairs=not repairs, **goal)
    if repairs:
        ranges = [repair for repair in plan["repairs"] if repair.get("range")]
        found = plan.get("repaired", {}).get("predicted") if len(ranges) == len(plan["repairs"]) else None
        found = ranges[0]["predicted"] if not found and ranges else found  # ranges only: of several the first alone
        ranges = ranges if found and len(ranges) == len(plan["repairs"]) else ranges[:1]
        plan = {**plan, "layers": [], "repairs": ranges, "predicted": found or plan["base"]}
    answer: Json = {"tool": tool.name, "float": str(tool.reference), "base": str(base), "plan": plan, "mixed": None}
    if plan["layers"] or plan["repairs"]:
        mixed = tool.apply(plan)
        predicted, outcome = Figures.of_plan(plan["predicted"]), Figures.measured(tool.reference, mixed, data, labels, samples=samples)
        answer |= {"mixed": str(mixed), "predicted": dataclasses.asdict(predicted), "outcome": dataclasses.asdict(outcome), "as_predicted": outcome.near(predicted)}
    return answer


def tell(answer: Json) -> int:
    """Prints what bridge() found; 0 when the outcome is what was predicted, else 1."""
    plan = answer["plan"]
    print(f"  base       {Figures.of_plan(plan['base'])}   {answer['base']}")
    if not answer["mixed"]:
        print("  nothing helps within the limits")
        return 0
    for layer in layers(plan):
        print(f"  layer      {layer}")
    for repair in plan["repairs"]:
        print(f"  range      {repair['range'][0]:.6g} .. {repair['range'][1]:.6g} {repair['tensor']}")
    print(f"  predicted  {Figures(**answer['predicted'])}")
    print(f"  outcome    {Figures(**answer['outcome'])}   {answer['mixed']}")
    print("  as predicted" if answer["as_predicted"] else f"  NOT as predicted: more than {SQNR_TOLERANCE} dB or {100 * SHARE_TOLERANCE:.1f} points apart")
    return 0 if answer["as_predicted"] else 1


def parser(text: str, epilog: str = "") -> argparse.ArgumentParser:
    """The options that the bridges have in common."""
    made = argparse.ArgumentParser(description=text, epilog=epilog, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--data", required=True, metavar="DATA", help="samples to measure on: a .npz with the inputs, or whatever qloupe's --data takes")
    made.add_argument("--calib", metavar="CALIB.npz", help="samples to calibrate with: arrays named as the inputs, or one array (default: DATA)")
    made.add_argument("--calib-samples", type=int, metavar="N", help="the first N of those")
    made.add_argument("--labels", metavar="NAME", help="array of labels in DATA, for accuracy")
    made.add_argument("--samples", type=int, metavar="N", help="the first N of DATA")
    made.add_argument("--out", default="out", metavar="DIR", help="where models, plan and configuration go (default: out)")
    made.add_argument("--max-layers", type=int, metavar="K", help="at most K layers")
    made.add_argument("--target-sqnr", type=float, metavar="DB", help="stop when the output's SQNR is this")
    made.add_argument("--target-agreement", type=float, metavar="PCT", help="stop when the first class agrees this often")
    made.add_argument("--target-accuracy", type=float, metavar="PCT", help="stop when the accuracy is this (needs --labels)")
    return made


def goal_of(arguments: argparse.Namespace) -> Json:
    names = ("max_layers", "target_sqnr", "target_agreement", "target_accuracy", "modes")
    return {name: getattr(arguments, name) for name in names if getattr(arguments, name, None) is not None}


def calibration_data(arguments: argparse.Namespace, inputs: int = 1) -> Any:
    """The arrays of --calib (or --data): {name: array}, labels left out, the first --calib-samples."""
    import numpy

    with numpy.load(arguments.calib or arguments.data) as file:
        names = [name for name in file.files if arguments.calib or name != arguments.labels]
        names = ["x"] if "x" in names and inputs == 1 else names
        return {name: file[name][: arguments.calib_samples] for name in names}


def finish(function: Any) -> int:
    """Runs a script's main part; a QloupeError ends it with qloupe's own status."""
    try:
        return int(function())
    except QloupeError as error:
        print(f"{pathlib.Path(sys.argv[0]).name}: {error}", file=sys.stderr)
        return error.status
