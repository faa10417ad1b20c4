#!/usr/bin/env python3
"""From two models to a plan and a report in a dozen keys, in a real terminal of several sizes: find the culprit, open its tensor,
set both operators to float, read the new accuracy, write plan and report, quit. Needs tmux."""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import SLOW, Tally
from tests.support.tmux import Screen, is_sane

QLOUPE = str(pathlib.Path(os.environ.get("QLOUPE", ROOT / "build/release/qloupe")).resolve())
ZOO = ROOT.parent / "shared/zoo"
SAMPLES = "40" if SLOW else "200"
PAIR = [str(ZOO / "models/mobilenet_like/float32.tflite"), str(ZOO / "models/mobilenet_like/int8_floatio.tflite"),
        "--data", str(ZOO / "data/mobilenet_like_test2000.npz"), "--labels", "y", "--samples", SAMPLES]
MOST_KEYS = 14
SIZES = ((80, 24), (200, 60))

# Each journey: keys, and what the screen then shows (a regular expression). ENTER types nothing but the key.
FIND = [("!", r"^▶! +7 +CONV_2D +b3_expand"), ("Enter", r"^ #7 CONV_2D b3_expand_act/Relu .*1x8x8x64 int8$")]
OUT = [("p", r"^:write plan {folder}/int8_floatio\.plan\.json$|^:write plan int8_floatio\.plan\.json *$"), ("Enter", r"int8_floatio\.plan\.json written"),
       ("w", r"^:write int8_floatio\.html *$"), ("Enter", r"int8_floatio\.html written")]
JOURNEYS = {
    "the tensor's operators at once": FIND + [("T", r"A: 2 layers 3\d\.\d dB 9\d\.\d\s%")] + OUT,
    "one operator, then the next": FIND + [("t", r"A: 1 layer \d+\.\d dB"), ("l", r"^ #8 DEPTHWISE_CONV_2D b3_dw"), ("t", r"A: 2 layers 3\d\.\d dB 9\d\.\d\s%"),
                                           ("4", r"accuracy +\S+ % +9\d\.\d\d % +\+[2-6]\d\.\d\d")] + OUT,
    "by the finding": [("3", r"^ *error .*b3_expand"), ("Enter", r"^ #7 CONV_2D b3_expand"), ("T", r"A: 2 layers 3\d\.\d dB")] + OUT,
}


def measured(folder: str) -> dict:
    """What the plan is worth as another command measures it."""
    words = [QLOUPE, "whatif", *PAIR, "--plan", str(pathlib.Path(folder, "int8_floatio.plan.json")), "--json", "-"]
    return json.loads(subprocess.run(words, cwd=folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)


def check_files(tally: Tally, name: str, folder: str) -> None:
    plan = json.loads(pathlib.Path(folder, "int8_floatio.plan.json").read_text(encoding="utf-8"))
    modes = {(layer["op_index"], layer["op"], layer["mode"]) for layer in plan["layers"]}
    tally.check(f"{name}: the plan's layers", modes == {(6, "CONV_2D", "float"), (7, "DEPTHWISE_CONV_2D", "float")}, modes)
    again = measured(folder)
    same = all(plan["predicted"][key] == again["predicted"][key] for key in ("sqnr_db", "accuracy", "agreement"))
    tally.check(f"{name}: its figures are those of whatif", same, (plan["predicted"], again["predicted"]))
    if not SLOW:
        tally.check(f"{name}: the accuracy is back", plan["predicted"]["accuracy"] > 0.93 > 0.7 > plan["base"]["accuracy"], plan["predicted"])
    report = pathlib.Path(folder, "int8_floatio.html").read_text(encoding="utf-8")
    tally.check(f"{name}: the report", report.startswith("<!") and "b3_expand" in report)


def clipped(screen: Screen, cols: int, rows: int) -> str:
    """"" when the screen is whole: title, tabs and bottom line in their places, nothing wider than it is."""
    lines = screen.text().split("\n")
    whole = lines[0].startswith(" qloupe") and re.search(r"1 ?(layers)? ?2", lines[1]) and len(lines) >= rows
    return "" if whole and max(map(len, lines)) <= cols else screen.text()


def travel(tally: Tally, name: str, steps: list[tuple[str, str]], cols: int, rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        screen = Screen(folder, cols, rows)
        screen.line(f"cd {folder}; clear")
        screen.start(shlex.join([QLOUPE, "tui", *PAIR]))
        tally.check(f"{name}: layers", screen.wait(r"b3_expand"), screen.text())
        tally.check(f"{name}: all samples", screen.wait(rf"{SAMPLES} samples .*broken"), screen.text())
        for key, shown in steps:
            screen.keys(key)
            tally.check(f"{name}: {key}", screen.wait(shown), screen.text())
            tally.check(f"{name}: {key}: a whole screen", not clipped(screen, cols, rows), clipped(screen, cols, rows))
        screen.keys("q")
        tally.check(f"{name}: q", screen.ended(), screen.text())
        tally.check(f"{name}: under 15 keys", len(steps) + 1 <= MOST_KEYS, len(steps) + 1)
        tally.check(f"{name}: the terminal is sane", not is_sane(screen))
        check_files(tally, name, folder)
        screen.close()


def reproduce(tally: Tally, folder: str) -> None:
    """y puts a command into the clipboard that gives the figures on the screen."""
    screen = Screen(folder, 100, 30)
    screen.tmux("set-option", "-g", "set-clipboard", "on")
    screen.line(f"cd {folder}; clear")
    screen.start(shlex.join([QLOUPE, "tui", *PAIR]))
    screen.wait(rf"{SAMPLES} samples .*broken")
    screen.keys("!", "T")
    tally.check("y: the plan is measured", screen.wait(r"A: 2 layers 3\d\.\d dB"), screen.text())
    screen.keys("p", "Enter")
    tally.check("y: the plan is written", screen.wait("plan.json written"), screen.text())
    screen.keys("y")
    tally.check("y: a command", screen.wait("qloupe whatif") and screen.wait("without the plan"), screen.text())
    words = shlex.split(screen.tmux("show-buffer"))
    screen.keys("q", "q")
    screen.ended()
    screen.close()
    tally.check("y: is in the clipboard", words[:2] == ["qloupe", "whatif"], words)
    done = subprocess.run([QLOUPE, *words[1:], "--json", "-"], check=False, cwd=folder, capture_output=True, text=True)
    got = json.loads(done.stdout)["predicted"] if done.returncode == 0 else done.stderr
    want = json.loads(pathlib.Path(folder, "int8_floatio.plan.json").read_text(encoding="utf-8"))["predicted"]
    tally.check("y: gives the same figures", isinstance(got, dict) and all(got[key] == want[key] for key in ("sqnr_db", "accuracy")), (got, want))


def quick_at_the_end(tally: Tally, folder: str) -> None:
    """The first layer of the network's last third, which has the most behind it, is measured in under a third of the time that
    both models take to run. Wall clock on a busy machine: the best of three sessions."""
    ratios = []
    for _ in range(3):
        screen = Screen(folder, 100, 30)
        screen.start(shlex.join([QLOUPE, "tui", *PAIR[:-1], "1000" if not SLOW else SAMPLES]))
        tally.check("last third: both models have run", screen.wait("broken") and (screen.keys("4") or screen.wait(r"samples in +\d")), screen.text())
        screen.keys(":")
        screen.line("op 15")
        screen.keys("t", "4")
        tally.check("last third: measured", screen.wait(r"samples in +\S+ s +\d\S* s"), screen.text())
        found = re.search(r"samples in +(\S+) s +(\S+) s", screen.text())
        whole, part = (float(found[1]), float(found[2])) if found else (0.0, 1e9)
        ratios.append(part / max(whole, 0.01))
        print(f"both models in {whole:.2f} s, what if operator 15 of 22 in {part:.2f} s")
        screen.keys("q")
        screen.ended()
        screen.close()
    tally.check("last third: under a third of a run", min(ratios) < 1 / 3, ratios)


def main() -> int:
    tally = Tally()
    if not shutil.which("tmux"):
        tally.skip("a journey through qloupe tui", "tmux is not installed")
    elif not pathlib.Path(PAIR[0]).exists():
        tally.skip("a journey through qloupe tui", "no folder ../shared of extra models")
    else:
        for i, (name, steps) in enumerate(JOURNEYS.items()):
            for cols, rows in SIZES if i == 0 or "--all" in sys.argv else SIZES[:1]:
                travel(tally, f"{cols}x{rows}, {name}", steps, cols, rows)
        with tempfile.TemporaryDirectory() as folder:
            quick_at_the_end(tally, folder)
            reproduce(tally, folder)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
