#!/usr/bin/env python3
"""Journeys through qloupe tui in a real terminal, and that the terminal is sane after every way out. Needs tmux."""
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import Tally
from tests.support.tmux import Screen, is_sane

QLOUPE = str(pathlib.Path(os.environ.get("QLOUPE", ROOT / "build/release/qloupe")).resolve())
PAIR = [QLOUPE, "tui", "samples/digits_float32.tflite", "samples/digits_int8.tflite", "--data", "samples/digits.npz"]


def save_result(folder: str) -> str:
    path = str(pathlib.Path(folder, "result.json"))
    words = [QLOUPE, "compare", *PAIR[2:], "--json", path]
    subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return path


def check_sane(tally: Tally, name: str, screen: Screen) -> None:
    fault = is_sane(screen)
    tally.check(name, not fault, fault)


def journey(tally: Tally, folder: str, result: str) -> None:
    """The worst layer, its tensor, back, findings, help, search, quit."""
    screen = Screen(folder)
    screen.start(shlex.join([QLOUPE, "tui", result]))
    tally.check("the layers are shown", screen.wait(r"9 SOFTMAX +probabilities"), screen.text())
    screen.keys("s")
    tally.check("sorted: the worst is first", screen.wait(r"SQNR▼[^\n]*\n▼ +6 CONV_2D +block2/expand_relu6"), screen.text())
    screen.keys("Enter")
    tally.check("its tensor", screen.wait(r"#6 CONV_2D block2/expand_relu6") and screen.wait(r"from #5 DEPTHWISE"), screen.text())
    screen.keys("Enter")
    tally.check("the tensor it is made from", screen.wait(r"^ #5 DEPTHWISE_CONV_2D"), screen.text())
    screen.keys("Escape")
    tally.check("back", screen.wait(r"^ #6 CONV_2D"), screen.text())
    screen.keys("3")
    tally.check("findings", screen.wait(r"remedy +Calibrate"), screen.text())
    screen.keys("?")
    tally.check("help", screen.wait(r"k, Up +one row up"), screen.text())
    screen.keys("1", "/")
    screen.line("soft")
    tally.check("search", screen.wait(r"^/soft"), screen.text())
    screen.tmux("resize-window", "-x", "60", "-y", "12")
    tally.check("a smaller window", screen.wait(r"^ qloupe") and screen.wait(r"SOFTMAX"), screen.text())
    screen.keys("q")
    tally.check("q ends it", screen.ended(), screen.text())
    check_sane(tally, "sane after q", screen)
    screen.close()


def live(tally: Tally, folder: str, result: str) -> None:
    """A comparison that runs while it is looked at comes to what compare comes to."""
    screen, path = Screen(folder), pathlib.Path(folder, "live.json")
    screen.start(shlex.join([*PAIR, "-j", "1"]))
    tally.check("live: layers", screen.wait(r"probabilities"), screen.text())
    tally.check("live: all samples", screen.wait(r"150 samples +33\.3 dB"), screen.text())
    screen.keys("0")
    tally.check("live: done", screen.wait(r"done after 150 of 150"), screen.text())
    screen.keys(":")
    screen.line(f"write {path}")
    tally.check("live: written", screen.wait(r"written"), screen.text())
    screen.keys("q")
    tally.check("live: ended", screen.ended(), screen.text())
    want, got = (json.loads(pathlib.Path(name).read_text(encoding="utf-8")) for name in (result, path))
    for document in (want, got):
        del document["run"]
    tally.check("live: the same document as compare's", want == got)
    screen.line("clear")
    screen.start(shlex.join([*PAIR, "-j", "1"]))
    tally.check("live: again", screen.wait(r"^ qloupe"))
    screen.keys("q")
    tally.check("live: ended early", screen.ended(), screen.text())
    check_sane(tally, "live: sane after quitting", screen)
    screen.close()


def endings(tally: Tally, folder: str, result: str) -> None:
    """Whatever ends the program, the terminal comes back."""
    at_rest = [QLOUPE, "tui", result]
    for name, words in [(name, at_rest) for name in ("TERM", "HUP", "INT", "SEGV", "ABRT", "QUIT")] + [("TERM", PAIR), ("SEGV", PAIR)]:
        screen, pid = Screen(folder), pathlib.Path(folder, "pid")
        screen.start(f"ulimit -c 0; sh -c 'echo $$ >{pid}; exec {shlex.join(words)}'")
        tally.check(f"{name}: runs", screen.wait(r"probabilities"), screen.text())
        os.kill(int(pid.read_text(encoding="utf-8")), signal.Signals["SIG" + name])
        back = screen.wait(r"^ready\$ ?$") if name == "INT" else screen.ended()  # SIGINT ends the shell's list, too
        tally.check(f"{name}: the shell is back", back, screen.text())
        check_sane(tally, f"{name}: sane", screen)
        screen.close()
    screen = Screen(folder)
    screen.line("set -m; " + shlex.join([QLOUPE, "tui", result]))
    screen.wait(r"probabilities")
    screen.keys("C-z")
    tally.check("Ctrl-Z: the shell is back", screen.wait(r"ready\$ ?$"), screen.text())
    check_sane(tally, "Ctrl-Z: sane", screen)
    screen.line("fg")
    tally.check("fg: on again", screen.wait(r"probabilities"), screen.text())
    screen.keys("C-c")
    tally.check("Ctrl-C: the shell is back", screen.wait(r"ready\$ ?$"), screen.text())
    check_sane(tally, "Ctrl-C: sane", screen)
    screen.close()


def terminals(tally: Tally, folder: str, result: str) -> None:
    """Few colours, none, no UTF-8, and what is no terminal at all."""
    for term, locale, before in (("vt100", "C", ""), ("tmux", "C.UTF-8", ""), ("tmux-256color", "C.UTF-8", "NO_COLOR=1 "), ("linux", "C", "")):
        name = f"TERM={term} {locale} {before}"
        screen = Screen(folder, term=term, locale=locale)
        screen.start(before + shlex.join([QLOUPE, "tui", result]))
        tally.check(f"{name}: layers", screen.wait(r"SOFTMAX +probabilities"), screen.text())
        shown = screen.text(colours=True)
        if locale == "C":
            tally.check(f"{name}: ASCII", screen.text().isascii(), screen.text())
        if before or term == "vt100":
            tally.check(f"{name}: no colours", not re.search("\x1b\\[[0-9;]*(3[0-7]|38|4[0-7]|48)[;m]", shown), repr(shown[:400]))
        screen.keys("q")
        tally.check(f"{name}: ended", screen.ended(), screen.text())
        screen.close()
    for words, env in (([QLOUPE, "tui", result], {}), ([QLOUPE, "tui", result], {"TERM": "nothing-known"})):
        done = subprocess.run(words, cwd=ROOT, env={**os.environ, **env}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        tally.check(f"no terminal {env}: refused", done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1, done)
    screen = Screen(folder)
    screen.line(f"TERM=dumb {QLOUPE} tui {result}; echo status $?")
    tally.check("TERM=dumb: refused", screen.wait(r"^status 2$"), screen.text())
    screen.close()


def main() -> int:
    tally = Tally()
    if not shutil.which("tmux"):
        tally.skip("qloupe tui in a terminal", "tmux is not installed")
        return tally.finish()
    with tempfile.TemporaryDirectory() as folder:
        result = save_result(folder)
        for test in (journey, live, endings, terminals):
            test(tally, folder, result)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
