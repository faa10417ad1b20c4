"""ai-edge-quantizer told by qloupe. Needs scripts/requirements/aeq.txt."""
from __future__ import annotations

import json
import os
import pathlib
import sys
from typing import Any, Mapping, Union

import numpy
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from ai_edge_quantizer import quantizer, recipe
from ai_edge_quantizer.utils import calibration_utils

from . import common


def _named(tensors: Any, prefix: str) -> list:
    maps = []
    for number, tensor in enumerate(tensors):
        entry = schema.TensorMapT()
        entry.name, entry.tensorIndex = f"{prefix}{number}".encode(), int(tensor)
        maps.append(entry)
    return maps


def prepared(content: bytes) -> bytes:
    """The float model as the library needs it: with a signature, without which it fails, and with operator codes in the
    field that it reads, or else it takes every operator for an ADD. The same bytes when nothing is missing."""
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    old = any(code.builtinCode < code.deprecatedBuiltinCode for code in model.operatorCodes)
    if model.signatureDefs and not old:
        return content
    import flatbuffers

    for code in model.operatorCodes:
        code.builtinCode = max(code.builtinCode, code.deprecatedBuiltinCode)
    if not model.signatureDefs:
        signature, graph = schema.SignatureDefT(), model.subgraphs[0]
        signature.signatureKey, signature.subgraphIndex = b"serving_default", 0
        signature.inputs, signature.outputs = _named(graph.inputs, "in"), _named(graph.outputs, "out")
        model.signatureDefs = [signature]
    builder = flatbuffers.Builder(len(content) + 1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


class AeqTool:
    """Static int8 by ai-edge-quantizer; layers of a plan in float or 16x8."""

    name = "ai-edge-quantizer"

    def __init__(self, reference: Union[str, os.PathLike], calib: Mapping[str, Any], folder: pathlib.Path, ranges: str = "candidate") -> None:
        """`ranges` of a model with a plan: "candidate", those of the model without it, as the prediction has them (where they
        cannot be had, the library's); "library": the library's own calibration again; or a METHOD of quantize --calibration,
        then also for the model without a plan."""
        content = pathlib.Path(reference).read_bytes()
        self.folder, self.calib, self.ranges = folder, calib, ranges
        self.reference, fixed = pathlib.Path(reference), prepared(content)
        if fixed != content:
            self.reference = folder / "float.tflite"
            self.reference.write_bytes(fixed)

    def _samples(self) -> dict[str, list[dict[str, Any]]]:
        key, runner = next(iter(Interpreter(model_path=str(self.reference)).get_signature_list().items()))
        details = Interpreter(model_path=str(self.reference)).get_signature_runner(key).get_input_details()
        arrays = list(self.calib.values())
        by_input = {}
        for place, name in enumerate(runner["inputs"]):
            array = self.calib.get(name, self.calib.get(details[name]["name"], arrays[place] if len(arrays) > place else arrays[0]))
            shape = [max(1, int(n)) for n in details[name]["shape"]]
            by_input[name] = numpy.asarray(array, details[name]["dtype"]).reshape([-1, *shape])
        count = min(len(array) for array in by_input.values())
        return {key: [{name: array[i] for name, array in by_input.items()} for i in range(count)]}

    def _ours(self, plan: common.Json, **more: object) -> Any:
        file = common.config(plan, "calibration", self.folder / "calibration.json", reference=self.reference, **more)
        return calibration_utils.load_calibration_results(str(file))[0]

    def _calibrated(self, tool: Any, plan: "common.Json | None") -> Any:
        if not tool.need_calibration:
            return None
        if self.ranges not in ("candidate", "library"):
            empty = {"schema": "qloupe.plan/1", "layers": []}
            return self._ours(plan or empty, data=common.save_data(self.calib, self.folder / "calib.npz"), calibration=self.ranges)
        if plan and self.ranges == "candidate":
            try:
                return self._ours(plan, candidate=self.folder / "int8.tflite")
            except common.QloupeError as error:
                print(f"note: {error}: calibrated by the library instead", file=sys.stderr)
        return tool.calibrate(self._samples())

    def _quantize(self, rules: Any, name: str, plan: "common.Json | None") -> pathlib.Path:
        tool = quantizer.Quantizer(str(self.reference), rules)
        path = self.folder / f"{name}.tflite"
        path.write_bytes(bytes(tool.quantize(self._calibrated(tool, plan)).quantized_model))
        return path

    def base(self) -> pathlib.Path:
        return self._quantize(recipe.static_wi8_ai8(), "int8", None)

    def apply(self, plan: common.Json, number: int = 0) -> pathlib.Path:
        (self.folder / f"plan{number}.json").write_text(json.dumps(plan), encoding="utf-8")
        file = common.config(plan, self.name, self.folder / f"recipe{number}.json", reference=self.reference, candidate=self.folder / "int8.tflite")
        return self._quantize(str(file), f"mixed{number}", plan)
