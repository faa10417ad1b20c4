#!/usr/bin/env python3
"""qloupe for ai-edge-quantizer: quantizes FLOAT.tflite to static int8, lets qloupe suggest which layers to leave in float
or 16x8, quantizes it again by that recipe, and compares the outcome with the prediction.

A model without a signature, or of the older schema, which the library cannot take, is mended first (--prepare does
only that). In --out are then int8.tflite, plan0.json, recipe0.json, mixed0.tflite and bridge.json. The exit status is 0
when the outcome is within 0.5 dB and 0.2 points of the prediction, 1 when not, else qloupe's. From a notebook:

    from qloupe_aeq import compare
    compare("float.tflite", "int8.tflite", {"x": x})["whole"]["sqnr_db"]

Needs: pip install -r scripts/requirements/aeq.txt
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
    parser.add_argument("model", metavar="FLOAT.tflite")
    parser.add_argument("--modes", default="float", metavar="MODES", help="what layers may become: float (default), int16x8, or both with a comma")
    parser.add_argument("--ranges", metavar="METHOD", default="candidate",
                        help="of the model with a plan: candidate (default: as without it), library (its own calibration), or qloupe's minmax, percentile:99.99 ...")
    parser.add_argument("--repairs", action="store_true", help="apply the better ranges that suggest finds, instead of layers")
    parser.add_argument("--prepare", metavar="OUT.tflite", help="only write the model as the library needs it")
    arguments = parser.parse_args(words)

    def work() -> int:
        try:
            from bridge import aeq
        except ImportError as missing:
            raise common.QloupeError(3, f"{missing}: pip install -r scripts/requirements/aeq.txt") from missing
        if arguments.prepare:
            pathlib.Path(arguments.prepare).write_bytes(aeq.prepared(pathlib.Path(arguments.model).read_bytes()))
            return 0
        folder = pathlib.Path(arguments.out)
        folder.mkdir(parents=True, exist_ok=True)
        tool = aeq.AeqTool(arguments.model, common.calibration_data(arguments), folder, arguments.ranges)
        answer = common.bridge(tool, arguments.data, arguments.labels, arguments.samples, arguments.repairs, **common.goal_of(arguments))
        (folder / "bridge.json").write_text(json.dumps(answer, indent=1), encoding="utf-8")
        return common.tell(answer)

    return common.finish(work)


if __name__ == "__main__":
    sys.exit(main())
