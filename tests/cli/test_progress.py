#!/usr/bin/env python3
"""Progress and how long it will take: on a terminal only, once something takes more than a second, and gone at the end."""
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import Tally

PROGRAM = pathlib.Path(os.environ.get("QLOUPE", ROOT / "build/release/qloupe")).resolve()
SAMPLES = ROOT / "samples"
TWINS = [SAMPLES / "digits_float32.tflite", SAMPLES / "digits_int8.tflite"]
LONG = [
    ["compare", *TWINS, "--data", "random:400000", "-j", "1"],
    ["suggest", *TWINS, "--data", "random:40000", "-j", "1"],
    ["quantize", TWINS[0], "--mode", "int8", "--data", "random:400000", "-o", "out.tflite"],
]


def watch(folder: str, words: list, enough: str) -> tuple[str, int]:
    """What the command says on a terminal until `enough` was seen, then after Ctrl-C; and how it ended."""
    master, slave = pty.openpty()
    process = subprocess.Popen([PROGRAM, *words], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    said, asked, end = "", False, time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([master], [], [], 0.2)[0]:
            try:
                piece = os.read(master, 4096)
            except OSError:
                break
            said += piece.decode(errors="replace")
        if not asked and re.search(enough, said):
            process.send_signal(signal.SIGINT)
            asked = True
    process.kill() if process.poll() is None and time.monotonic() >= end else None
    os.close(master)
    return said, process.wait()


def main() -> int:
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="qloupe-progress-") as folder:
        for words in LONG:
            said, status = watch(folder, words, r"\d+ of \d+ [a-z]+, \d+ s left|\d+ plans? tried")
            tally.check(f"{words[0]}: progress on a terminal", re.search(r"\d+ of \d+ [a-z]+, \d+ s left|\d+ plans? tried", said), said[-300:])
            tally.check(f"{words[0]}: Ctrl-C ends it with 130, its line cleared", status == 130 and "\r\x1b[K" in said[-200:], (status, said[-200:]))
        done = subprocess.run([PROGRAM, "compare", *TWINS, "--data", "random:2000"], cwd=folder, capture_output=True, check=False)
        tally.check("no progress into a pipe", b"left" not in done.stderr and b"\x1b" not in done.stderr + done.stdout, done.stderr)
        said, status = watch(folder, ["compare", *TWINS, "--data", "random:3"], "never")
        tally.check("nothing short says anything", status == 0 and not said, (status, said))
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
