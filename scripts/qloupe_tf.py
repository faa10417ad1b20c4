#!/usr/bin/env python3
"""qloupe for a model in TensorFlow: converts it to float and to int8, lets qloupe suggest which layers to leave in float,
converts it again with that denylist, and compares the outcome with the prediction.

MODEL is a SavedModel's folder, a .keras or .h5 file, or FILE.py:FUNCTION, a function that returns a Keras model. In
--out are then float.tflite (with debug metadata), int8.tflite, plan0.json, denylist0.py, mixed0.tflite and
bridge.json. The exit status is 0 when the outcome is within 0.5 dB and 0.2 points of the prediction, 1 when not, else
qloupe's. From a notebook:

    from qloupe_tf import compare
    compare("float.tflite", "int8.tflite", {"x": x})["whole"]["sqnr_db"]

Needs: pip install -r scripts/requirements/tf.txt
"""
from __future__ import annotations

import json
import pathlib
import sys
from typing import Optional, Sequence

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from bridge import common  # noqa: E402
from bridge.common import compare, config, suggest  # noqa: E402, F401  for notebooks


def main(words: Optional[Sequence[str]] = None) -> int:
    parser = common.parser(*__doc__.split("\n\n", 1))
    parser.add_argument("model", metavar="MODEL")
    arguments = parser.parse_args(words)

    def work() -> int:
        try:
            from bridge import tf
        except ImportError as missing:
            raise common.QloupeError(3, f"{missing}: pip install -r scripts/requirements/tf.txt") from missing
        folder = pathlib.Path(arguments.out)
        folder.mkdir(parents=True, exist_ok=True)
        tool = tf.TfTool(tf.load(arguments.model), common.calibration_data(arguments), folder)
        answer = common.bridge(tool, arguments.data, arguments.labels, arguments.samples, **common.goal_of(arguments))
        (folder / "bridge.json").write_text(json.dumps(answer, indent=1), encoding="utf-8")
        return common.tell(answer)

    return common.finish(work)


if __name__ == "__main__":
    sys.exit(main())
