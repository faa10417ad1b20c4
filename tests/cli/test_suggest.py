#!/usr/bin/env python3
"""qloupe suggest on the sample pair: every goal holds in the plan, an interrupted search goes on to the same plan, and
--prove measures what was promised."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from tally import Tally  # noqa: E402

QLOUPE = os.environ.get("QLOUPE", str(ROOT / "build" / "release" / "qloupe"))
SAMPLES = ROOT / "samples"
PAIR = [str(SAMPLES / name) for name in ("digits_float32.tflite", "digits_int8.tflite")]
COMMON = [QLOUPE, "suggest", *PAIR, "--data", str(SAMPLES / "digits.npz"), "--labels", "y", "--samples", "12", "-j", "2"]


def run(folder: str, *words: str, status: int = 0) -> dict:
    plan = pathlib.Path(folder) / "plan.json"
    plan.unlink(missing_ok=True)
    done = subprocess.run([*COMMON, *words, "-o", str(plan)], capture_output=True, text=True, check=False)
    assert done.returncode == status, (words, done.returncode, done.stderr)
    return json.loads(plan.read_text())


def outside_run(plan: dict) -> dict:
    return {key: value for key, value in plan.items() if key != "run"}


def goals(tally: Tally, folder: str) -> None:
    base = run(folder, "--max-layers", "1")
    for k in (1, 2, 3):
        plan = run(folder, "--max-layers", str(k))
        tally.check(f"--max-layers {k}", 1 <= len(plan["layers"]) <= k, plan["layers"])
        low, high = plan["predicted"]["sqnr_interval"]
        tally.check(f"--max-layers {k}: an interval", low < plan["predicted"]["sqnr_db"] < high, (low, high))
    target = base["base"]["sqnr_db"] + 1.5
    plan = run(folder, "--target-sqnr", str(target))
    tally.check("--target-sqnr is met", plan["goal_met"] and plan["predicted"]["sqnr_db"] >= target, plan["predicted"])
    fewer = run(folder, "--max-layers", str(len(plan["layers"]) - 1)) if len(plan["layers"]) > 1 else None
    tally.check("--target-sqnr takes no layer too many", not fewer or fewer["predicted"]["sqnr_db"] < target, plan["layers"])
    plan = run(folder, "--target-sqnr", "300", "--max-layers", "1")
    tally.check("a goal out of reach is said so", not plan["goal_met"] and plan["layers"])
    for flag, key in (("--target-agreement", "agreement"), ("--target-accuracy", "accuracy")):
        plan = run(folder, flag, "95")
        tally.check(f"{flag} is met", plan["goal_met"] and plan["predicted"][key] >= 0.95, plan["predicted"])
    for pct in (5.0, 20.0):
        plan = run(folder, "--max-float-macs", str(pct))
        tally.check(f"--max-float-macs {pct}", plan["predicted"]["float_macs_pct"] <= pct and plan["layers"], plan["predicted"])
    bound = base["base"]["size_bytes"] + 2500
    plan = run(folder, "--max-size", str(bound))
    tally.check("--max-size", plan["predicted"]["size_bytes"] <= bound and plan["layers"], plan["predicted"])
    written = os.path.join(folder, "mixed.tflite")
    plan = run(folder, "--max-layers", "2", "--write-model", written, "--prove")
    tally.check("the size is that of the file", os.path.getsize(written) == plan["predicted"]["size_bytes"], plan["predicted"])
    tally.check("--prove measures what was promised", all(plan["predicted"][key] == value for key, value in plan["proof"].items()),
                plan["proof"])
    plan = run(folder, "--target-sqnr", "1", "--write-model", written)
    tally.check("no layer is needed: the model as it was", not plan["layers"] and os.path.getsize(written) == plan["predicted"]["size_bytes"],
                plan["predicted"])
    plan = run(folder, "--max-layers", "1", "--calib", str(SAMPLES / "digits.npz"), "--prove")
    mended = plan["repairs"]
    tally.check("repairs are measured and proved", mended and all(m["predicted"] == m["proof"] and m["predicted"]["sqnr_db"] >
                plan["base"]["sqnr_db"] and m["range"][0] < m["range"][1] for m in mended), mended)
    tally.check("and all of them together", plan["repaired"]["predicted"] == plan["repaired"]["proof"], plan.get("repaired"))
    tally.check("--no-repairs", not run(folder, "--max-layers", "1", "--no-repairs")["repairs"])
    plan = run(folder, "--modes", "int16x8", "--max-layers", "2")
    tally.check("--modes int16x8", plan["layers"] and all(layer["mode"] == "int16x8" for layer in plan["layers"]), plan["layers"])
    pareto = [(p["sqnr_db"], -p["float_macs_pct"], -p["size_bytes"], -p["layer_count"]) for p in run(folder, "--max-layers", "3")["pareto"]]
    beaten = [a for a in pareto for b in pareto if a is not b and all(x <= y for x, y in zip(a, b))]
    tally.check("no plan of the front is beaten", pareto and not beaten, beaten)
    names = {s["name"] for s in base["sensitivities"]}
    tally.check("every layer by itself, both ways", len(names) == 10 and all(s["only"] and s["without"] for s in base["sensitivities"]), names)


def interrupted(tally: Tally, folder: str) -> None:
    """Stopped by Ctrl-C after so many seconds, again and again, until it gets through."""
    longer = ["--max-layers", "3", "--samples", "100"]
    whole = run(folder, *longer)
    checkpoint = os.path.join(folder, "state.json")
    stops = 0
    for delay in (0.05, 0.1, 0.2, 0.15, 0.3, 0.4):
        plan = os.path.join(folder, "part.json")
        process = subprocess.Popen([*COMMON, *longer, "--checkpoint", checkpoint, "-o", plan],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        status = process.wait()
        stops += status == 130
        tally.check(f"interrupted after {delay} s: status", status in (0, 130, -signal.SIGINT), status)
        if status == 130 and os.path.exists(plan):
            part = json.loads(pathlib.Path(plan).read_text())
            tally.check("the best so far says that it is that", part["search"]["interrupted"])
            os.remove(plan)
    tally.check("some were interrupted", stops > 0, stops)
    again = run(folder, *longer, "--checkpoint", checkpoint)
    tally.check("the same plan as without interruption", outside_run(again) == outside_run(whole))
    other = run(folder, *longer, "--checkpoint", checkpoint, "-j", "1")
    tally.check("and from a complete checkpoint", outside_run(other) == outside_run(whole))
    shorter = ["--max-layers", "2", "--modes", "int16x8", "--samples", "100"]
    other = run(folder, *shorter, "--checkpoint", checkpoint)
    fresh = run(folder, *shorter)
    tally.check("another goal may share the checkpoint", outside_run(other) == outside_run(fresh))
    done = subprocess.run([*COMMON[:-4], "--samples", "9", "--checkpoint", checkpoint], capture_output=True, text=True, check=False)
    tally.check("other samples may not", done.returncode == 5 and "remove it first" in done.stderr, done.stderr)
    pathlib.Path(checkpoint).write_text('{"schema": "qloupe.checkpoint/1"')
    done = subprocess.run([*COMMON, "--checkpoint", checkpoint], capture_output=True, text=True, check=False)
    tally.check("a damaged checkpoint is refused", done.returncode == 4 and "state.json" in done.stderr, done.stderr)


def lost(checkpoint: str) -> int:
    """Plans that were given up: no figures, no samples."""
    return sum(" nan 0 " in line for line in json.loads(pathlib.Path(checkpoint).read_text())["measured"])


def given_up(tally: Tally, folder: str) -> None:
    """What cannot win is not measured to the end, and nothing else comes out."""
    words = ["--max-layers", "4", "--samples", "40"]
    checkpoint = os.path.join(folder, "lost.json")
    every = run(folder, *words, "--exhaust")
    for threads in ("1", "3"):
        pathlib.Path(checkpoint).unlink(missing_ok=True)
        some = run(folder, *words, "-j", threads, "--checkpoint", checkpoint)
        tally.check(f"the plan of --exhaust, {threads} threads", outside_run(some) == outside_run(every))
        tally.check(f"some are given up, {threads} threads", lost(checkpoint) > 10, lost(checkpoint))
    again = run(folder, *words, "--exhaust", "--checkpoint", checkpoint)
    tally.check("--exhaust measures those of a checkpoint, too", outside_run(again) == outside_run(every) and not lost(checkpoint))


def main() -> int:
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        goals(tally, folder)
        interrupted(tally, folder)
        given_up(tally, folder)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
