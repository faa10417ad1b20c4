#!/usr/bin/env python3
"""The bridges: qloupe from Python, with its own quantizer and, where an interpreter has them, with TensorFlow and
ai-edge-quantizer, whose models must come out as predicted.

usage: test_bridges.py [--all]      --all: also mobilenet_like of the shared zoo, by both tools
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]
from bridge import common
from tests.support import tools
from tests.support.tally import Tally
import qloupe_tune

HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS, SAMPLES, ZOO = ROOT / "scripts", ROOT / "samples", ROOT / "../shared/zoo"
FLOAT, INT8, DATA = SAMPLES / "digits_float32.tflite", SAMPLES / "digits_int8.tflite", SAMPLES / "digits.npz"
os.environ.setdefault("QLOUPE", str(ROOT / "build/release/qloupe"))
MOBILENET = """
import pathlib, tf_keras as keras
L, zoo = keras.layers, pathlib.Path({zoo!r})
def model():
    text = (zoo / "scripts/20_mobilenet_like.py").read_text()
    scope = dict(keras=keras, L=L)
    for name in ("def block(", "def net("):
        exec(text[text.index(name):text.index("\\n\\n\\n", text.index(name))], scope)
    made = scope["net"]()
    made.load_weights(zoo / "models/mobilenet_like/weights.h5")
    return made
"""


def script(interpreter: str, name: str, *words, folder: pathlib.Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([interpreter, str(SCRIPTS / name), *map(str, words)], cwd=folder, stdin=subprocess.DEVNULL, check=False,
                          capture_output=True, text=True, timeout=800, env={**os.environ, **tools.ENVIRONMENT})


def functions(tally: Tally, folder: pathlib.Path) -> None:
    with np.load(DATA) as file:
        x, y = file["x"][:20], file["y"][:20]
    by_path = common.compare(FLOAT, INT8, DATA, labels="y", samples=20)
    by_array = common.compare(FLOAT.read_bytes(), INT8.read_bytes(), {"x": x, "y": y}, labels="y")
    tally.check("compare: arrays and bytes are as good as files", by_path["pairs"] == by_array["pairs"] and by_path["agreement"] == by_array["agreement"])
    tally.check("compare: a result", by_path["schema"] == "qloupe.comparison/1" and by_path["whole"]["sqnr_db"] > 20)
    tally.check("compare: one input's array", common.compare(FLOAT, INT8, x)["whole"] == by_path["whole"])
    plan = common.suggest(FLOAT, INT8, {"x": x}, max_layers=1)
    written = common.config(plan, "nodes", folder / "nodes.txt", reference=FLOAT, candidate=INT8)
    tally.check("config: a line a layer", len(written.read_text(encoding="utf-8").splitlines()) == len(plan["layers"]) == 1)
    for name, call, status in (("no model", lambda: common.compare("nowhere.tflite", INT8, x), 3),
                               ("no such metric", lambda: common.compare(FLOAT, INT8, x, sort="nope"), 2),
                               ("no data of that shape", lambda: common.compare(FLOAT, INT8, np.zeros((2, 3))), 5),
                               ("no such target", lambda: common.config(plan, "nope", folder / "a", reference=FLOAT, candidate=INT8), 2)):
        try:
            call()
            tally.check(f"error: {name}", False)
        except common.QloupeError as error:
            tally.check(f"error: {name}", error.status == status and str(error), (error.status, str(error)))
    same, other = common.Figures(30.0, 0.99, None), common.Figures(30.5, 0.988, 0.5)
    tally.check("figures: near", same.near(other) and not same.near(common.Figures(30.51, 0.99, None)) and not same.near(common.Figures(30.0, 0.98, None)))


def tuning(tally: Tally, folder: pathlib.Path) -> None:
    """The loop with qloupe's own quantizer, and with one that does less than it was asked for."""
    words = (FLOAT, "--data", DATA, "--samples", 40, "--out", folder / "tune")
    for name, goal, status, sentence in (("reached", ("--target-sqnr", 40), 0, "goal met"),
                                         ("out of reach", ("--target-sqnr", 400, "--max-layers", 1), 1, "no plan within the limits reaches the goal"),
                                         ("already there", ("--target-agreement", 50), 0, "goal met"),
                                         ("no goal", (), 2, "a goal is required"),
                                         ("no labels", ("--target-accuracy", 99), 2, "needs --labels")):
        done = script("/usr/bin/python3", "qloupe_tune.py", *words, *goal, folder=folder)
        tally.check(f"tune: {name}", done.returncode == status and sentence in done.stdout + done.stderr, (done.returncode, done.stdout, done.stderr))

    class Lazy(common.QloupeTool):
        """Does nothing in the first round."""

        def apply(self, plan: dict, number: int = 0) -> pathlib.Path:
            return super().apply({**plan, "layers": []} if number < 2 else plan, number)

    (folder / "lazy").mkdir()
    said: list = []
    goal = {"target_sqnr": 38.0}
    best, why = qloupe_tune.tune(Lazy(FLOAT, DATA, folder / "lazy"), DATA, goal, samples=40, say=said.append)
    tally.check("tune: the outcome counts, not the prediction", not why and best.figures.sqnr_db >= 38 and any("round 2" in line for line in said), (why, said))


def outcome(tally: Tally, name: str, done, folder: pathlib.Path, layers: int) -> None:
    tally.check(f"{name}: as predicted", done.returncode == 0, (done.returncode, done.stdout[-1500:], done.stderr[-1500:]))
    if (folder / "bridge.json").exists():
        answer = json.loads((folder / "bridge.json").read_text(encoding="utf-8"))
        tally.check(f"{name}: {layers} layers", len(answer["plan"]["layers"]) == layers, answer["plan"]["layers"])
        if "outcome" in answer:
            print(f"# {name}: base {answer['plan']['base']['sqnr_db']:.2f} dB, predicted {answer['predicted']}, outcome {answer['outcome']}")


def aeq_bridge(tally: Tally, folder: pathlib.Path) -> None:
    python = tools.interpreter("aeq")
    for modes in ("float", "int16x8"):
        out = folder / f"aeq_{modes}"
        done = script(python, "qloupe_aeq.py", FLOAT, "--data", DATA, "--labels", "y", "--max-layers", 2, "--modes", modes, "--out", out, folder=folder)
        outcome(tally, f"ai-edge-quantizer, {modes}", done, out, 2)
    with np.load(DATA) as file:
        x = file["x"][:40].copy()
    x[3] *= 100  # one sample far too bright stretches the ranges
    np.savez(folder / "bright.npz", x=x)
    out = folder / "aeq_repairs"
    done = script(python, "qloupe_aeq.py", FLOAT, "--data", DATA, "--calib", folder / "bright.npz", "--repairs", "--ranges", "minmax", "--out", out, folder=folder)
    outcome(tally, "ai-edge-quantizer, repairs", done, out, 0)
    answer = json.loads((out / "bridge.json").read_text(encoding="utf-8"))
    tally.check("ai-edge-quantizer, repairs: they are worth something", answer["outcome"]["sqnr_db"] > answer["plan"]["base"]["sqnr_db"] + 1, answer.get("outcome"))
    done = script(python, "qloupe_tune.py", FLOAT, "--tool", "aeq", "--data", DATA, "--samples", 40, "--target-sqnr", 38, "--out", folder / "aeq_tune", folder=folder)
    tally.check("ai-edge-quantizer, tune", done.returncode == 0 and "goal met" in done.stdout, (done.stdout, done.stderr[-1000:]))


def calibration(tally: Tally, folder: pathlib.Path) -> None:
    """A sample 100 times too bright stretches the ranges; the plan's repairs put them right, as predicted."""
    with np.load(DATA) as file:
        x = file["x"][:40].copy()
    np.savez(folder / "clean.npz", x=x)
    x[3] *= 100
    np.savez(folder / "stretched.npz", x=x)
    common.run("quantize", FLOAT, "--mode=int8", f"--data={folder / 'clean.npz'}", f"--save-ranges={folder / 'clean.json'}", f"--output={folder / 'q.tflite'}")

    def number(value):
        while isinstance(value, list):
            value = value[0]
        return value

    ranges = json.loads((folder / "clean.json").read_text(encoding="utf-8"))["model_qsvs"]
    plan = {"schema": "qloupe.plan/1", "reference": str(FLOAT), "layers": [],
            "repairs": [{"kind": "range", "tensor": name, "range": [number(r["min"]), number(r["max"])]} for name, r in ranges.items()]}
    figures = {}
    for name, repairs in (("stretched", []), ("repaired", plan["repairs"])):
        file = folder / f"{name}.json"
        file.write_text(json.dumps({**plan, "repairs": repairs}), encoding="utf-8")
        common.run("quantize", FLOAT, "--mode=int8", "--io=int8", f"--data={folder / 'stretched.npz'}", f"--plan={file}", "--repairs", f"--output={folder / name}.tflite")
        common.run("config", file, "--for=calibration", f"--data={folder / 'stretched.npz'}", f"--output={folder / name}.qsv")
        tools.ask("aeq", HERE / "aeq_worker.py", {"calibrate": {"model": str(FLOAT), "recipe": "static_wi8_ai8", "calibration": f"{folder / name}.qsv",
                                                                "to": f"{folder / name}.aeq.tflite"}})
        figures[name] = [common.Figures.measured(FLOAT, folder / (name + ending), DATA).sqnr_db for ending in (".tflite", ".aeq.tflite")]
    print(f"# calibration: [predicted, outcome] {figures}")
    tally.check("calibration: the repair is worth something", figures["repaired"][1] > figures["stretched"][1] + 3, figures)
    for name, (predicted, measured) in figures.items():
        tally.check(f"calibration: {name}, as predicted", abs(predicted - measured) <= 0.5, figures)


def tf_bridge(tally: Tally, folder: pathlib.Path) -> None:
    python = tools.interpreter("tf")
    model = f"{HERE / 'keras_model.py'}:model"
    words = (model, "--data", DATA, "--labels", "y", "--calib-samples", 50)
    out = folder / "tf"
    outcome(tally, "TensorFlow", script(python, "qloupe_tf.py", *words, "--max-layers", 2, "--out", out, folder=folder), out, 2)
    found = json.loads(common.run("inspect", out / "float.tflite", "--json", "-"))
    tally.check("TensorFlow: the float model has debug metadata", any(entry["name"] == "debug_metadata" for entry in found["metadata"]))
    plan = {"schema": "qloupe.plan/1", "reference": str(out / "float.tflite"), "layers": [{"op_index": 0, "mode": "float"}]}
    module = common.config(plan, "tfmot", folder / "annotate.py")
    answer = tools.ask("tf", HERE / "tf_worker.py", {"annotate": {"module": str(module), "model": str(HERE / "keras_model.py")}})
    if answer["layers"] is None:
        tally.skip("TensorFlow Model Optimization leaves a layer in float", "tensorflow_model_optimization is not installed")
    else:
        # Before a quantized layer the output of a float one is still rounded.
        made = {name.removeprefix("quant_"): how for name, how in answer["layers"]}
        kept = [name for name, how in made.items() if how in ("", "OutputOnlyConfig")]
        tally.check("TensorFlow Model Optimization leaves a layer in float", kept == ["image", "first"] and len(made) == 6, made)


def mobilenet(tally: Tally, folder: pathlib.Path) -> None:
    """The net of the shared zoo in which a pair of layers was made hard to quantize."""
    data = ("--data", ZOO / "data/mobilenet_like_test2000.npz", "--labels", "y", "--calib", ZOO / "data/mobilenet_like_calib.npz", "--calib-samples", 100, "--max-layers", 2)
    if tools.interpreter("tf"):
        (folder / "net.py").write_text(MOBILENET.format(zoo=str(ZOO.resolve())), encoding="utf-8")
        done = script(tools.interpreter("tf"), "qloupe_tf.py", "net.py:model", *data, "--out", folder / "m_tf", folder=folder)
        outcome(tally, "mobilenet_like, TensorFlow", done, folder / "m_tf", 2)
    for modes in ("float", "int16x8") if tools.interpreter("aeq") else ():
        out = folder / f"m_{modes}"
        done = script(tools.interpreter("aeq"), "qloupe_aeq.py", (ZOO / "models/mobilenet_like/float32.tflite").resolve(), *data, "--modes", modes, "--ranges", "library", "--out", out, folder=folder)
        outcome(tally, f"mobilenet_like, ai-edge-quantizer, {modes}", done, out, 2)


def main() -> int:
    tally = Tally()
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        functions(tally, folder)
        tuning(tally, folder)
        for tool, parts in (("aeq", (aeq_bridge, calibration)), ("tf", (tf_bridge,))):
            for part in parts:
                if tools.interpreter(tool):
                    part(tally, folder)
                else:
                    tally.skip(part.__name__, f"no interpreter has {tools.TOOLS[tool][0]}: see {tools.TOOLS[tool][1]} and scripts/setup --bridges")
        if "--all" in sys.argv[1:] and ZOO.exists():
            mobilenet(tally, folder)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
