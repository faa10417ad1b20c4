#!/usr/bin/env python3
"""Repeats suggest -> reconvert -> compare until the goal is met, with the quantizer you use.

The goal (--target-sqnr, --target-agreement, --target-accuracy) is held to the model that the quantizer makes, not to the
prediction. Where the outcome falls short of it, the next round asks suggest for that much more. It stops, with the best
model made, when the goal is met (exit 0) or when it cannot be (exit 1, with the reason): no plan within the limits
reaches it, a round repeats an earlier plan, or the rounds are used up; 6 when the quantizer cannot express a plan.

--tool qloupe (the default) and aeq take FLOAT.tflite as MODEL, tf what qloupe_tf.py takes. The last line names the model.
"""
from __future__ import annotations

import dataclasses
import json
import pathlib
import sys
from typing import Any, Optional, Sequence

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from bridge import common  # noqa: E402
from bridge.common import Figures  # noqa: E402

GOALS = {"target_sqnr": ("sqnr_db", 1.0), "target_agreement": ("agreement", 100.0), "target_accuracy": ("accuracy", 100.0)}


def shortfall(goal: dict, figures: Figures) -> dict:
    """How far each figure is below its target, in the target's unit; nothing where the goal is met."""
    missing = {}
    for name, (figure, unit) in GOALS.items():
        value = getattr(figures, figure)
        if name in goal and value is not None and value * unit < goal[name] - 1e-9:
            missing[name] = goal[name] - value * unit
        elif name in goal and value is None and name == "target_accuracy":
            missing[name] = goal[name]
    return missing


@dataclasses.dataclass
class Best:
    path: pathlib.Path
    figures: Figures
    missing: dict


def key_of(plan: dict) -> str:
    return json.dumps([[layer["op_index"], layer["mode"]] for layer in plan["layers"]] + plan.get("repairs", []))


def tune(tool: common.Tool, data: common.Data, goal: dict, labels: Optional[str] = None, samples: Optional[int] = None,
         rounds: int = 5, say: Any = print) -> tuple[Best, str]:
    """The best model made, and why it stopped: "" when the goal is met."""
    base = tool.base()
    figures = Figures.measured(tool.reference, base, data, labels, samples=samples)
    best, seen, asked = Best(base, figures, shortfall(goal, figures)), set(), dict(goal)
    say(f"base     {figures}")
    for number in range(1, rounds + 1):
        if not best.missing:
            return best, ""
        plan = common.suggest(tool.reference, base, data, labels=labels, samples=samples, no_repairs=True, **asked)
        if not plan["layers"]:
            return best, "no layer helps within the limits"
        if key_of(plan) in seen:
            return best, "the plan is one that was tried before"
        seen.add(key_of(plan))
        predicted = Figures.of_plan(plan["predicted"])
        say("\n".join(f"round {number}  {layer}" for layer in common.layers(plan)))
        mixed = tool.apply(plan, number)
        figures = Figures.measured(tool.reference, mixed, data, labels, samples=samples)
        missing = shortfall(goal, figures)
        say(f"         predicted {predicted}\n         outcome   {figures}")
        if not missing or (figures.sqnr_db or 0) > (best.figures.sqnr_db or 0):
            best = Best(mixed, figures, missing)
        if missing and not plan.get("goal_met", True):
            return best, "no plan within the limits reaches the goal: suggest predicts no more than that"
        for name, gap in missing.items():  # what is short now is asked for on top; shares cannot pass 100 %
            limit = 100.0 if name != "target_sqnr" else float("inf")
            asked[name] = min(limit, asked[name] + gap * 1.1 + (0.1 if name == "target_sqnr" else 0.01))
    return best, "" if not best.missing else f"not met after {rounds} rounds"


def make_tool(arguments: Any, folder: pathlib.Path) -> common.Tool:
    try:
        if arguments.tool == "tf":
            from bridge import tf

            return tf.TfTool(tf.load(arguments.model), common.calibration_data(arguments), folder)
        if arguments.tool == "aeq":
            from bridge import aeq

            return aeq.AeqTool(arguments.model, common.calibration_data(arguments), folder, arguments.ranges)
    except ImportError as missing:
        raise common.QloupeError(3, f"{missing}: pip install -r scripts/requirements/{arguments.tool}.txt") from missing
    return common.QloupeTool(arguments.model, common.calibration_data(arguments), folder)


def main(words: Optional[Sequence[str]] = None) -> int:
    parser = common.parser(*__doc__.split("\n\n", 1))
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("--tool", choices=("qloupe", "tf", "aeq"), default="qloupe", help="the quantizer")
    parser.add_argument("--modes", metavar="MODES", help="what layers may become: float (default), int16x8, or both with a comma")
    parser.add_argument("--ranges", metavar="METHOD", default="candidate", help="aeq: as qloupe_aeq.py has it")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="at most N rounds (default: 5)")
    arguments = parser.parse_args(words)
    goal = common.goal_of(arguments)
    if not any(name in goal for name in GOALS):
        parser.error("a goal is required: --target-sqnr, --target-agreement or --target-accuracy")
    if "target_accuracy" in goal and not arguments.labels:
        parser.error("--target-accuracy needs --labels")

    def work() -> int:
        folder = pathlib.Path(arguments.out)
        folder.mkdir(parents=True, exist_ok=True)
        best, why = tune(make_tool(arguments, folder), arguments.data, goal, arguments.labels, arguments.samples, arguments.rounds)
        print(f"goal {'met' if not why else 'NOT met: ' + why}\nbest     {best.figures}\n{best.path}")
        return 1 if why else 0

    return common.finish(work)


if __name__ == "__main__":
    sys.exit(main())
