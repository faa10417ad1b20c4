"""Asked by tests, in an interpreter with TensorFlow: reads a request (JSON), prints the answer.

{"quantize": {"model", "modules": [file], "denylists": [[name]], "fully_quantize"}}  what each written module, then each
                                                                  plain denylist, makes of the model
{"annotate": {"module": file, "model": FILE.py with model()}}     [name, how quantized] of layers; null: no TFMOT
"""
import importlib.util
import json
import sys

import numpy as np
from tensorflow.lite.python import convert
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.python.optimize.calibrator import Calibrator

import graphs


def calibrated(content: bytes) -> bytes:
    graph = schema.ModelT.InitFromPackedBuf(content, 0).subgraphs[0]
    shapes = [[max(1, int(n)) for n in graph.tensors[t].shape] for t in graph.inputs]
    chance = np.random.default_rng(0)

    def data():
        for _ in range(2):
            yield [chance.uniform(-1, 1, shape).astype(np.float32) for shape in shapes]

    return Calibrator(content).calibrate(data)


def load(path: str):
    spec = importlib.util.spec_from_file_location("plan", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def quantize(request: dict) -> dict:
    with open(request["model"], "rb") as file:
        content = file.read()
    answer = {"model": graphs.core(schema, content), "made": [], "denied": []}
    content = calibrated(content)
    for path in request["modules"]:
        options = load(path).debug_options()
        made = convert.mlir_quantize(content, denylisted_ops=options.denylisted_ops, denylisted_nodes=options.denylisted_nodes,
                                     fully_quantize=options.fully_quantize)
        load(path).check(made)
        answer["made"].append(graphs.core(schema, made))
    for names in request["denylists"]:
        made = convert.mlir_quantize(content, denylisted_nodes=names, fully_quantize=request["fully_quantize"])
        answer["denied"].append(graphs.core(schema, made))
    return answer


def annotate(request: dict) -> dict:
    try:
        module = load(request["module"])
    except ImportError:
        return {"layers": None}
    layers = module.quantize_aware(load(request["model"]).model()).layers
    return {"layers": [[layer.name, type(layer.quantize_config).__name__ if hasattr(layer, "quantize_config") else ""] for layer in layers]}


def main() -> None:
    request = json.load(sys.stdin)
    print("\n" + json.dumps(annotate(request["annotate"]) if "annotate" in request else quantize(request["quantize"])))


if __name__ == "__main__":
    main()
