#!/usr/bin/env python3
"""What qloupe import makes of the figures of TensorFlow's QuantizationDebugger and of ai-edge-quantizer's validator ranks
their tensors as they do. Needs the optional folder ../shared of extra models."""
import csv
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import Tally

DEBUG = ROOT / "../shared/zoo/debug"
PROGRAM = pathlib.Path(os.environ.get("QLOUPE", ROOT / "build/release/qloupe")).resolve()


def imported(path: pathlib.Path, folder: str) -> list:
    """The pairs of the document."""
    out = pathlib.Path(folder, "result.json")
    subprocess.run([PROGRAM, "import", path, "--json", out], check=True, capture_output=True)
    return json.loads(out.read_text(encoding="utf-8"))["pairs"]


def ranked(figures: dict, best_first: bool) -> list:
    """Names by their figure, the worst first; without those that have none."""
    there = {name: figure for name, figure in figures.items() if figure is not None and math.isfinite(figure)}
    return sorted(there, key=there.get, reverse=not best_first)


def debugger(tally: Tally, path: pathlib.Path, folder: str) -> None:
    pairs = imported(path, folder)
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    tally.check(f"{path.parent.name}: a pair a row, in its order", [pair["name"] for pair in pairs] == [row["tensor_name"] for row in rows])
    tally.check(f"{path.parent.name}: operators", [pair["op"] for pair in pairs] == [row["op_name"] for row in rows])
    wanted = ranked({row["tensor_name"]: math.sqrt(float(row["mean_squared_error"])) / float(row["scale"]) for row in rows}, False)
    found = ranked({pair["name"]: pair["local"]["rmse_over_scale"] for pair in pairs}, False)
    tally.check(f"{path.parent.name}: the debugger's ranking", len(wanted) > 3 and found == wanted, (found, wanted))
    text = subprocess.run([PROGRAM, "import", path, "--sort", "local.rmse_over_scale", "--csv", "-"], check=True, capture_output=True, text=True)
    tally.check(f"{path.parent.name}: written as CSV again", len(list(csv.DictReader(text.stdout.splitlines()))) == len(rows))


def validator(tally: Tally, path: pathlib.Path, folder: str) -> None:
    pairs = imported(path, folder)
    signature = next(value for value in json.loads(path.read_text(encoding="utf-8")).values() if isinstance(value, dict))
    theirs = {name: figures for kind in ("input_tensors", "intermediate_tensors", "output_tensors") for name, figures in signature[kind].items()}
    name = f"{path.parent.name}/{path.name.removesuffix('_comparison_result.json')}"
    tally.check(f"{name}: a pair a tensor", [pair["name"] for pair in pairs] == list(theirs))
    for metric, member, best_first in (("mse", "mse", False), ("snr", "sqnr_db", True), ("cosine_similarity", "cosine", True)):
        # A ratio of 0 has no decibels.
        wanted = ranked({key: value[metric] for key, value in theirs.items() if metric != "snr" or value[metric] > 0}, best_first)
        found = ranked({pair["name"]: pair["cumulative"][member] for pair in pairs}, best_first)
        tally.check(f"{name}: its ranking by {metric}", len(wanted) > 3 and found == wanted, (found, wanted))


def main() -> int:
    tally = Tally()
    if not DEBUG.is_dir():
        tally.skip("rankings of other debuggers", "no folder ../shared of extra models")
        return tally.finish()
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(DEBUG.glob("*/quantization_debugger.csv")):
            debugger(tally, path, folder)
        for path in sorted(DEBUG.glob("*/*_comparison_result.json")):
            validator(tally, path, folder)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
