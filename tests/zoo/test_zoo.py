#!/usr/bin/python3
"""Runs the models of the shared zoo and compares every tensor with the official interpreter's values.

Integer tensors must have the very bits. So must float tensors made by additions and multiplications in a fixed
order; the others stay within 2 ulp of the tensor's peak, recurrent networks within 1e-5 of it (their values pass
through an exponential hundreds of times). A difference that an operator inherits from its inputs is held to the
same bounds.

All of that holds under each instruction set that the machine has.

While kernels are being written, --hold-out skip keeps the cases away that are to be seen only when they are done:
those of op_zoo whose name (up to the first dot) has a CRC-32 divisible by 5.
"""
import argparse
import collections
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

from tally import Tally  # noqa: E402

ZOO = ROOT / "../shared/zoo/models"
BUILD = pathlib.Path(os.environ.get("QL_BUILD", ROOT / "build/release"))
TIMEOUT = 600

# Their arithmetic has a libm function in it.
INEXACT = {"LOGISTIC", "TANH", "SOFTMAX", "LOG_SOFTMAX", "EXP", "LOG", "SIN", "COS", "POW", "RSQRT", "ELU", "GELU", "ATAN2",
           "L2_NORMALIZATION", "LOCAL_RESPONSE_NORMALIZATION", "RFFT2D"}
RECURRENT = {"LSTM", "UNIDIRECTIONAL_SEQUENCE_LSTM", "BIDIRECTIONAL_SEQUENCE_LSTM", "RNN", "UNIDIRECTIONAL_SEQUENCE_RNN",
             "BIDIRECTIONAL_SEQUENCE_RNN", "SVDF", "WHILE"}
ULPS = 2
RELATIVE = 1e-5

# What has no golden value to compare with, and why.
NOT_COMPARED = {
    "mnist_cnn/aeq_dynamic_wi2c_afp32": "int2 weights: garbage in both official interpreters",
    "mobilenet_like/aeq_dynamic_wi2c_afp32": "int2 weights: garbage in both official interpreters",
    "real_tflm/keyword_scrambled_8bit": "no golden: the official interpreter corrupts its heap",
    "mobilenet_like/aeq_dynamic_wi4b32_afp32": "blockwise int4: BUILTIN_REF of TF 2.21 takes the scales for 0 and gives the bias "
    "alone; qloupe gives the product, as the optimized kernel does",
    "real_tflm/transpose_conv1": "its golden was fed an output shape of 0 channels: refused with a sentence",
    "real_tflm/transpose_conv2": "its golden was fed an output shape of 0 channels: refused with a sentence",
    "real_tflm/transpose_conv4": "its golden was fed an output shape of 0 channels: refused with a sentence",
    "real_aeq_tests/insert_dequant_test": "its golden keeps only a checksum of the inputs",
}
WITHOUT_REFERENCE = "no reference kernel: golden of the optimized one, compared to within 1 step"


@dataclasses.dataclass
class Case:
    name: str
    model: pathlib.Path
    golden: pathlib.Path
    meta: dict

    @property
    def optimized(self) -> bool:
        return self.meta.get("resolver") != "BUILTIN_REF"

    @property
    def recurrent(self) -> bool:
        return any(op["op"] in RECURRENT for op in self.meta["subgraphs"][0]["operators"])


def held_out(name: str) -> bool:
    family, _, case = name.partition("/")
    return family == "op_zoo" and zlib.crc32(case.split(".")[0].encode()) % 5 == 0


def cases(args: argparse.Namespace) -> list[Case]:
    found = []
    for meta in sorted(ZOO.glob("*/*.meta.json")):
        stem = meta.name.removesuffix(".meta.json")
        name = f"{meta.parent.name}/{stem}"
        if args.family not in (None, meta.parent.name) or (args.case and not re.search(args.case, name)):
            continue
        if args.hold_out != "all" and held_out(name) != (args.hold_out == "only"):
            continue
        found.append(Case(name, meta.with_name(stem + ".tflite"), meta.with_name(stem + ".golden.npz"),
                          json.loads(meta.read_text(encoding="utf-8"))))
    return found


def without_golden(case: Case) -> str | None:
    if case.name in NOT_COMPARED:
        return NOT_COMPARED[case.name]
    if case.meta.get("golden_error") or not case.golden.exists():
        said = " ".join(str(case.meta.get("golden_error", "")).split())
        return "no golden: the official interpreter refuses it" + (f" ({said[:100]})" if said else "")
    return None


def fault(case: Case, row: dict) -> str | None:
    """Why a tensor that differs is not equal enough; None when it is."""
    if "misfit" in row:
        return f"{row['misfit']}: {row['got']} instead of {row['want']}"
    off = row["max_abs"] if row["max_abs"] is not None else float("inf")
    if not row["type"].startswith("float"):
        return None if case.optimized and off <= 1 else f"off by {off:g} steps"
    if case.recurrent and off <= RELATIVE * row["peak"]:
        return None
    loose = row["op"] in INEXACT or not row["inputs_exact"] or case.optimized
    if loose and row["ulps"] is not None and row["ulps"] <= ULPS:
        return None
    return f"off by {off:g} of {row['peak']:g} ({row['ulps'] or 0:.3g} ulp)"


def describe(row: dict, why: str) -> str:
    elements = f", {row['elements'] - row['equal']} of {row['elements']}" if "elements" in row else ""
    inherited = "" if row["inputs_exact"] else ", inputs differ already"
    return f"s{row['sample']} op #{row['op_index']} {row['op']} t{row['tensor']} '{row['name'][:60]}' {row['type']}: {why}{elements}{inherited}"


def instruction_sets(case: Case) -> list[str]:
    """Those that this machine has, asked of the program: it names all of them when it is given a wrong name."""
    said = run(case, None, "?")["error"]
    names = said.partition("must be one of ")[2].split(", ")
    return [name for name in names if "cannot run it" not in run(case, None, name).get("error", "")]


def run(case: Case, numerics: str | None, isa: str) -> dict:
    command = [str(BUILD / "tests/tool_golden"), str(case.model), str(case.golden), "--json"]
    profile = numerics or ("litert-opt" if case.optimized else None)
    command += ["--numerics", profile] if profile else []
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False, env=os.environ | {"QLOUPE_ISA": isa})
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"status": -1, "error": f"still running after {TIMEOUT} s"}
    except json.JSONDecodeError:
        return {"status": -1, "error": f"status {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-300:]}"}


class Totals:
    def __init__(self) -> None:
        self.models = self.tensors = self.exact = self.close = 0
        self.refused: dict[str, list[str]] = collections.defaultdict(list)

    def print(self) -> None:
        for sentence, names in sorted(self.refused.items(), key=lambda item: (-len(item[1]), item[0])):
            print(f"refused ({len(names)}): {sentence}: {', '.join(names[:4])}{' ...' if len(names) > 4 else ''}")
        print(f"{self.models} models run, {self.tensors} tensors compared, {self.exact} exact, {self.close} within tolerance, "
              f"{sum(map(len, self.refused.values()))} models refused")


def judge(case: Case, isa: str, result: dict, tally: Tally, totals: Totals, verbose: bool) -> None:
    name = f"{isa}: {case.name}"
    if result["status"] != 0:
        totals.refused[re.sub(r"^.*?op #\d+ ", "", result["error"]) or "?"].append(name)
        tally.check(name, False, result["error"])
        return
    faults = [(row, why) for row in result["differ"] if (why := fault(case, row))]
    totals.models += 1
    totals.tensors += result["tensors"]
    totals.exact += result["exact"]
    totals.close += len(result["differ"]) - len(faults)
    shown = faults if verbose else faults[:3]
    text = "".join("\n    " + describe(row, why) for row, why in shown)
    lacking = f", {result['lacking']} tensors never made" if result["lacking"] else ""
    holds = not faults and not lacking and result["tensors"] > 0
    tally.check(name, holds, f"{len(faults)} of {result['tensors']} tensors{lacking}{text}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--family", help="only this folder of the zoo")
    parser.add_argument("--case", metavar="REGEX", help="only models whose family/name matches")
    parser.add_argument("--hold-out", choices=("skip", "only", "all"), default="all", help="what to do with held-out cases")
    parser.add_argument("--isa", help="only this instruction set (default: each that the machine has)")
    parser.add_argument("--numerics", help="another profile for all models")
    parser.add_argument("-v", "--verbose", action="store_true", help="every tensor that differs too much")
    args = parser.parse_args()
    tally, totals = Tally(), Totals()
    if not ZOO.is_dir():
        tally.skip("zoo", "../shared/zoo is not there")
        return tally.finish()
    chosen = []
    for case in cases(args):
        if reason := without_golden(case):
            print(f"not compared: {case.name}: {reason}")
        else:
            chosen.append(case)
            if case.optimized:
                print(f"{case.name}: {WITHOUT_REFERENCE}")
    sets = [args.isa] if args.isa else instruction_sets(chosen[0]) if chosen else []
    work = [(case, isa) for isa in sets for case in chosen]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for (case, isa), result in zip(work, pool.map(lambda item: run(item[0], args.numerics, item[1]), work)):
            judge(case, isa, result, tally, totals, args.verbose)
    print(f"instruction sets: {', '.join(sets)}")
    totals.print()
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
