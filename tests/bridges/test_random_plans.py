#!/usr/bin/env python3
"""Random plans, written for ai-edge-quantizer and TensorFlow and carried out by them, change exactly the operators they
are about: read back from the models that come out.

usage: test_random_plans.py [--all]      --all: 30 plans a model instead of 4

What config refuses (exit 6) is carried out all the same, with a plain denylist, and must turn out otherwise than meant.
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support import tools
from tests.support.tally import Tally

PROGRAM = pathlib.Path(os.environ.get("QLOUPE", ROOT / "build/release/qloupe")).resolve()
ZOO = ROOT / "../shared/zoo/models"
MODELS = ("mnist_cnn/float32", "mobilenet_like/float32", "real_mlperf_tiny/vww_96_float", "real_mlperf_tiny/kws_ref_model_float32")
HERE = pathlib.Path(__file__).resolve().parent
TYPES = {"float": "FLOAT32", "int8": "INT8", "int16x8": "INT16"}
HOSTILE = ("net/foo", "net/foo2", "x/net/foo", "net/foo;net/foo2", "a.b", "axb", "c*(d)[e]{f}|^g$+?\\", "(?i)NET/FOO", "^net",
           "net$", "\\d+", "\u5c64 \u00e9\t\"q\"", "n" * 300 + "1", "n" * 300 + "2", "a;b;c", "b;c", "c")


def qloupe(*words) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(PROGRAM), *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          timeout=300)


def operators(model: pathlib.Path, folder: pathlib.Path) -> list:
    """[index, type, name] of the operators that write float."""
    qloupe("inspect", model, "--json", folder / "model.json")
    graph = json.loads((folder / "model.json").read_text(encoding="utf-8"))["subgraphs"][0]
    found = []
    for index, op in enumerate(graph["operators"]):
        made = graph["tensors"][op["outputs"][0]]
        if made.get("type", made.get("dtype")) == "float32":
            found.append((index, made["name"]))
    return found


def whole_types(model: pathlib.Path, ops: list, folder: pathlib.Path) -> list:
    """For each type with several operators a plan with all of them in float: the denylist names the type."""
    qloupe("inspect", model, "--json", folder / "model.json")
    graph = json.loads((folder / "model.json").read_text(encoding="utf-8"))["subgraphs"][0]
    by_type: dict = {}
    for index, name in ops:
        by_type.setdefault(graph["operators"][index]["op"], {})[(index, name)] = "float"
    return [plan for plan in by_type.values() if len(plan) > 1]


def plans(ops: list, modes: tuple, count: int, chance: random.Random) -> list:
    return [{op: chance.choice(modes) for op in chance.sample(ops, chance.randint(1, min(len(ops), 8)))} for _ in range(count)]


def write(plan: dict, model: pathlib.Path, path: pathlib.Path) -> None:
    layers = [{"op_index": index, "name": name, "mode": mode} for (index, name), mode in plan.items()]
    path.write_text(json.dumps({"schema": "qloupe.plan/1", "reference": str(model), "layers": layers}), encoding="utf-8")


def wrong(plan: dict, before: dict, after: dict) -> list:
    """Operators of the model made whose type is not the one meant: misses and extras."""
    meant = {index: TYPES[mode] for (index, _), mode in plan.items()}
    if [op[0] for op in before["ops"]] != [op[0] for op in after["ops"]]:
        return ["other operators", [op[0] for op in after["ops"]]]
    return [(index, op[0], made[2]) for index, (op, made) in enumerate(zip(before["ops"], after["ops"]))
            if made[2] != meant.get(index, "INT8" if op[2] == "FLOAT32" else op[2])]


def configured(target: str, chosen: list, model: pathlib.Path, folder: pathlib.Path, ending: str) -> list:
    """For each plan the file that config wrote, None where it refused, and what it said."""
    made = []
    for number, plan in enumerate(chosen):
        write(plan, model, folder / "plan.json")
        path = folder / f"{target}{number}{ending}"
        done = qloupe("config", folder / "plan.json", "--for", target, "-o", path)
        made.append((path if done.returncode == 0 else None, done))
    return made


def by_aeq(tally: Tally, name: str, model: pathlib.Path, chosen: list, folder: pathlib.Path) -> None:
    calibration = folder / "ranges.json"
    qloupe("quantize", model, "--mode", "int8", "--data", "random:2", "--save-ranges", calibration, "-o", folder / "q.tflite")
    made = configured("ai-edge-quantizer", chosen, model, folder, ".json")
    for plan, (path, done) in zip(chosen, made):
        tally.check(f"{name}: a recipe for {len(plan)} layers", path, (plan, done.stderr))
    kept = [(plan, path) for plan, (path, _) in zip(chosen, made) if path]
    answer = tools.ask("aeq", HERE / "aeq_worker.py", {"quantize": {
        "model": str(model), "calibration": str(calibration), "recipes": [str(path) for _, path in kept]}})
    for (plan, _), after in zip(kept, answer["made"]):
        faults = wrong(plan, answer["model"], after)
        tally.check(f"{name}: ai-edge-quantizer changes {len(plan)} layers and no others", not faults, (plan, faults))


def by_tf(tally: Tally, name: str, model: pathlib.Path, chosen: list, folder: pathlib.Path) -> None:
    made = configured("tf-debugger", chosen, model, folder, ".py")
    kept = [(plan, path) for plan, (path, _) in zip(chosen, made) if path]
    refused = [(plan, done) for plan, (path, done) in zip(chosen, made) if not path]
    answer = tools.ask("tf", HERE / "tf_worker.py", {"quantize": {
        "model": str(model), "modules": [str(path) for _, path in kept], "fully_quantize": False,
        "denylists": [[name for _, name in plan] for plan, _ in refused]}})
    for (plan, _), after in zip(kept, answer["made"]):
        faults = wrong(plan, answer["model"], after)
        tally.check(f"{name}: TensorFlow leaves {len(plan)} layers in float and no others", not faults, (plan, faults))
    for (plan, done), after in zip(refused, answer["denied"]):
        tally.check(f"{name}: refused with layer and reason", done.returncode == 6 and ": op #" in done.stderr, done.stderr)
        tally.check(f"{name}: refused, and TensorFlow cannot do it", wrong(plan, answer["model"], after), (plan, done.stderr))


def hostile_names(tally: Tally, folder: pathlib.Path, chance: random.Random, count: int) -> None:
    """The sample with names made to be mistaken for each other."""
    model, renamed = ROOT / "samples/digits_float32.tflite", folder / "hostile.tflite"
    qloupe("inspect", model, "--json", folder / "model.json")
    tensors = len(json.loads((folder / "model.json").read_text(encoding="utf-8"))["subgraphs"][0]["tensors"])
    names = [HOSTILE[i] if i < len(HOSTILE) else f"constant{i}" for i in range(tensors)]
    chance.shuffle(names)
    tools.ask("aeq", HERE / "aeq_worker.py", {"prepare": {"model": str(model), "names": names, "to": str(renamed)}})
    by_aeq(tally, "hostile names", renamed, plans(operators(renamed, folder), ("float", "int16x8"), count, chance), folder)


def main() -> int:
    tally, chance = Tally(), random.Random(8)
    count = 30 if "--all" in sys.argv[1:] else 4
    for tool in ("aeq", "tf"):
        if not tools.interpreter(tool):
            tally.skip(f"random plans by {tools.TOOLS[tool][0]}", f"no interpreter has it: see {tools.TOOLS[tool][1]} and scripts/setup --bridges")
    for name in MODELS:
        model = (ZOO / f"{name}.tflite").resolve()
        if not model.exists():
            tally.skip(f"random plans of {name}", "no shared zoo")
            continue
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            ops = operators(model, folder)
            if tools.interpreter("aeq"):
                signed = folder / "signed.tflite"
                tools.ask("aeq", HERE / "aeq_worker.py", {"prepare": {"model": str(model), "to": str(signed)}})
                by_aeq(tally, name, signed, plans(ops, ("float", "int16x8"), count, chance), folder)
            if tools.interpreter("tf"):
                by_tf(tally, name, model, plans(ops, ("float",), count, chance) + whole_types(model, ops, folder), folder)
    if tools.interpreter("aeq"):
        with tempfile.TemporaryDirectory() as place:
            hostile_names(tally, pathlib.Path(place), chance, count)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
