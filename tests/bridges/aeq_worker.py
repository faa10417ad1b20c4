"""Asked by tests, in an interpreter with ai-edge-quantizer: reads a request (JSON), prints the answer.

{"prepare": {"model", "names": [of the tensors], "to"}}    the model as the library needs it, with other names
                                                          where there are any
{"quantize": {"model", "calibration", "recipes": [file]}}  what each recipe makes of the model
{"calibrate": {"model", "recipe", "data", "samples", "calibration", "to"}}  a model by its own, or a given, calibration
"""
import json
import pathlib
import sys

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_quantizer import quantizer, recipe
from ai_edge_quantizer.utils import calibration_utils

import graphs

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "scripts"))
from bridge import aeq  # noqa: E402


def prepare(request: dict) -> dict:
    with open(request["model"], "rb") as file:
        content = file.read()
    if "names" in request:
        model = schema.ModelT.InitFromPackedBuf(content, 0)
        for tensor, name in zip(model.subgraphs[0].tensors, request["names"]):
            tensor.name = name.encode()
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), b"TFL3")
        content = bytes(builder.Output())
    with open(request["to"], "wb") as file:
        file.write(aeq.prepared(content))
    return {}


def quantize(request: dict) -> dict:
    with open(request["model"], "rb") as file:
        answer = {"model": graphs.core(schema, file.read()), "made": []}
    for path in request["recipes"]:
        calibration, _ = calibration_utils.load_calibration_results(request["calibration"])  # quantize() changes it
        made = quantizer.Quantizer(request["model"], path).quantize(calibration)
        answer["made"].append(graphs.core(schema, bytes(made.quantized_model)))
    return answer


def calibrate(request: dict) -> dict:
    from ai_edge_litert.interpreter import Interpreter

    named = getattr(recipe, request["recipe"], None)
    tool = quantizer.Quantizer(request["model"], named() if named else request["recipe"])
    if request.get("calibration"):
        calibration, _ = calibration_utils.load_calibration_results(request["calibration"])
    else:
        key, signature = next(iter(Interpreter(model_path=request["model"]).get_signature_list().items()))
        with np.load(request["data"]) as data:
            x = data["x"][: request["samples"]].astype(np.float32)
        calibration = tool.calibrate({key: [{signature["inputs"][0]: x[i : i + 1]} for i in range(len(x))]})
    with open(request["to"], "wb") as file:
        file.write(bytes(tool.quantize(calibration).quantized_model))
    return {}


def main() -> None:
    request = json.load(sys.stdin)
    for name, function in (("prepare", prepare), ("quantize", quantize), ("calibrate", calibrate)):
        if name in request:
            print("\n" + json.dumps(function(request[name])))


if __name__ == "__main__":
    main()
