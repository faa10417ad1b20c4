#!/usr/bin/env python3
"""usage: test_model_explorer.py [--all]

Node data matches the nodes that Model Explorer itself makes of both models: at least 98 % of the keys. Its code runs where
`pip install ai-edge-model-explorer` put it: in this Python, that of `scripts/setup --bridges`, or that of
QL_MODEL_EXPLORER_PYTHON; skipped without.
--all: every pair of models in the shared zoo, not a few.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import Tally

PROGRAM = pathlib.Path(os.environ.get("QLOUPE", ROOT / "build/release/qloupe")).resolve()
OWN = ROOT / "build/venv/explorer/bin/python"  # of scripts/setup --bridges
PYTHON = os.environ.get("QL_MODEL_EXPLORER_PYTHON", str(OWN) if OWN.exists() else sys.executable)
ZOO = ROOT / "../shared/zoo/models"
SAMPLES = ROOT / "samples"
FEW = [("mobilenet_like", "float32", "int8_floatio"), ("real_mlperf_tiny", "vww_96_float", "vww_96_int8")]
METRICS = ["sqnr_db", "local.rmse_over_scale", "mean_error", "max_abs"]

# What Model Explorer does with a key: first the nodes whose outputs have a tensor of that name, then the node ids.
NODES = """
import json, sys
from model_explorer.builtin_tflite_flatbuffer_adapter import BuiltinTfliteFlatbufferAdapter
graphs = {}
for collection in BuiltinTfliteFlatbufferAdapter().convert(sys.argv[1], {})["graphCollections"]:
    for graph in collection.graphs:
        names = [pair["value"] for node in graph["nodes"] for output in node.get("outputsMetadata") or []
                 for pair in output.get("attrs") or [] if pair["key"] == "tensor_name"]
        graphs[graph["id"]] = names + [node["id"] for node in graph["nodes"]]
print("@@" + json.dumps(graphs))
"""


def nodes_of(model: pathlib.Path) -> dict[str, list[str]]:
    done = subprocess.run([PYTHON, "-c", NODES, str(model)], capture_output=True, text=True, timeout=300, check=False)
    lines = [line[2:] for line in done.stdout.splitlines() if line.startswith("@@")]
    return json.loads(lines[0]) if lines else {}


def names_of(model: pathlib.Path) -> set[str]:
    """The tensors of the first subgraph, as our own reader names them."""
    done = subprocess.run([PROGRAM, "inspect", model, "--json", "-"], capture_output=True, check=True)
    return {tensor["name"] for tensor in json.loads(done.stdout)["subgraphs"][0]["tensors"]}


def is_strict(text: str) -> bool:
    def refuse(constant):
        raise ValueError(constant)
    try:
        json.loads(text, parse_constant=refuse)
        return True
    except ValueError:
        return False


def check_bands(tally: Tally, name: str, graph: dict) -> None:
    """Each value has a colour, and the worst value the worst one."""
    values = [node["value"] for node in graph["results"].values()]
    if "thresholds" in graph:
        bounds = [band["value"] for band in graph["thresholds"]]
        tally.check(f"{name}: the bands rise and hold all values", bounds == sorted(bounds) and bounds[-1] >= max(values), bounds)
    else:
        tally.check(f"{name}: each node has its colour", all(len(node["bgColor"]) == 7 for node in graph["results"].values()))
    tally.check(f"{name}: not all nodes look alike", len(set(values)) < 2 or colours(graph) > 1, graph)


def colours(graph: dict) -> int:
    def colour(node):
        return node.get("bgColor") or next(band["bgColor"] for band in graph["thresholds"] if node["value"] <= band["value"])
    return len({colour(node) for node in graph["results"].values()})


def check_pair(tally: Tally, folder: pathlib.Path, models: tuple[pathlib.Path, pathlib.Path], explorer: bool) -> None:
    result = folder / "r.json"
    done = subprocess.run([PROGRAM, "compare", *models, "--data", "random:2", "--json", result], capture_output=True, check=False)
    if done.returncode:
        tally.skip(models[1].stem, done.stderr.decode(errors="replace").strip()[:100])
        return
    for option, model in (("model-explorer-reference", models[0]), ("model-explorer", models[1])):
        name = f"{model.parent.name}/{model.stem}"
        for metric in METRICS:
            subprocess.run([PROGRAM, "report", result, f"--{option}", folder / f"{metric}.json", "--sort", metric], capture_output=True, check=True)
        text = (folder / "sqnr_db.json").read_text(encoding="utf-8")
        keys = list(json.loads(text)["main"]["results"])
        some = len(keys) > 0 or models[0].parent != SAMPLES  # a model without any error has no figures
        tally.check(f"{name}: JSON without NaN, some keys", is_strict(text) and some, len(keys))
        own = names_of(model)
        tally.check(f"{name}: keys are tensors or operators", all(key in own or key.isdigit() for key in keys))
        if explorer:
            nodes = set(nodes_of(model).get("main", []))
            missing = [key for key in keys if key not in nodes]
            tally.check(f"{name}: Model Explorer has the nodes of 98 % of {len(keys)} keys", len(missing) <= 0.02 * len(keys), (len(missing), missing[:4]))
    for metric in METRICS:
        graph = json.loads((folder / f"{metric}.json").read_text(encoding="utf-8"))["main"]
        if len(graph["results"]) > 3 and models[0].parent == SAMPLES:
            check_bands(tally, metric, graph)


def pairs(everything: bool) -> list[tuple[pathlib.Path, pathlib.Path]]:
    found = [(SAMPLES / "digits_float32.tflite", SAMPLES / "digits_int8.tflite")]
    found += [(ZOO / family / f"{a}.tflite", ZOO / family / f"{b}.tflite") for family, a, b in FEW if (ZOO / family).is_dir()]
    for family in sorted(ZOO.iterdir()) if everything else []:
        for model in sorted(family.glob("*.tflite")):
            floats = [twin for twin in (family / "float32.tflite", family / f"{model.stem.split('.')[0]}.float32.tflite") if twin.exists()]
            found += [(twin, model) for twin in floats[:1] if twin != model and (twin, model) not in found]
    return found


def main() -> int:
    tally = Tally()
    explorer = subprocess.run([PYTHON, "-c", "import model_explorer"], capture_output=True, check=False).returncode == 0
    if not explorer:
        tally.skip("keys against Model Explorer's nodes", "ai-edge-model-explorer is not installed")
    with tempfile.TemporaryDirectory(prefix="qloupe-nodes-") as name:
        for models in pairs("--all" in sys.argv[1:]):
            check_pair(tally, pathlib.Path(name), models, explorer)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
