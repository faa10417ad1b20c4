"""TensorFlow's converter told by qloupe. Needs scripts/requirements/tf.txt."""
from __future__ import annotations

import importlib.util
import json
import os
import pathlib
import sys
from typing import Any, Callable, Mapping

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy  # noqa: E402
import tensorflow as tf  # noqa: E402

from . import common  # noqa: E402


def load(path: str) -> Callable[[], Any]:
    """A function that makes a new converter each time: of a SavedModel's folder, of a .keras or .h5 file, or of what
    FILE.py:FUNCTION returns (a Keras model)."""
    file, _, function = path.rpartition(":")
    if file.endswith(".py"):
        spec = importlib.util.spec_from_file_location("qloupe_model", file)
        if spec is None or spec.loader is None:
            raise common.QloupeError(3, f"{file}: cannot be read")
        module = importlib.util.module_from_spec(spec)
        sys.modules["qloupe_model"] = module
        spec.loader.exec_module(module)
        model = getattr(module, function)()
    elif os.path.isdir(path):
        return lambda: tf.lite.TFLiteConverter.from_saved_model(path)
    else:
        model = _keras(path)
    return lambda: tf.lite.TFLiteConverter.from_keras_model(model)


def _keras(path: str) -> Any:
    """A .keras file is Keras 3's; a .h5 file may be either's."""
    if not os.path.exists(path):
        raise common.QloupeError(3, f"{path}: no such model")
    try:
        return tf.keras.models.load_model(path, compile=False)
    except Exception:
        import tf_keras

        return tf_keras.models.load_model(path, compile=False)


class TfTool:
    """Int8 by TensorFlow's converter; layers of a plan in float."""

    name = "tf-debugger"

    def __init__(self, make_converter: Callable[[], Any], calib: Mapping[str, Any], folder: pathlib.Path) -> None:
        """Converts the float model, with debug metadata, so that figures have the names of nodes and lines of Python."""
        self.make, self.calib, self.folder = make_converter, calib, folder
        self.reference = folder / "float.tflite"
        converter = make_converter()
        converter.serialize_debug_metadata = True
        self.reference.write_bytes(converter.convert())
        self.details = tf.lite.Interpreter(str(self.reference)).get_input_details()

    def _samples(self) -> Any:
        arrays, values = list(self.calib.values()), []
        for place, detail in enumerate(self.details):
            name = detail["name"].removeprefix("serving_default_").split(":")[0]
            array = self.calib.get(detail["name"], self.calib.get(name, arrays[place] if len(arrays) > place else arrays[0]))
            values.append(numpy.asarray(array, detail["dtype"]).reshape([-1, *(max(1, int(n)) for n in detail["shape"])]))
        for sample in zip(*values):
            yield list(sample)

    def _converter(self) -> Any:
        converter = self.make()
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = self._samples
        return converter

    def base(self) -> pathlib.Path:
        path = self.folder / "int8.tflite"
        path.write_bytes(self._converter().convert())
        return path

    def apply(self, plan: common.Json, number: int = 0) -> pathlib.Path:
        if plan.get("repairs"):
            print("note: TensorFlow's converter takes no ranges: the plan's repairs are left out", file=sys.stderr)
        (self.folder / f"plan{number}.json").write_text(json.dumps(plan), encoding="utf-8")
        file = common.config(plan, self.name, self.folder / f"denylist{number}.py", reference=self.reference)
        spec = importlib.util.spec_from_file_location(f"denylist{number}", file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        path = self.folder / f"mixed{number}.tflite"
        path.write_bytes(module.convert(self._converter()))
        return path
