#!/usr/bin/env python3
"""The house's rules for scripts, and what the samples must be."""
import pathlib
import re
import subprocess
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import Tally

SCRIPTS = sorted(path for path in (ROOT / "scripts").iterdir() if path.is_file()) + [ROOT / ".ci/run"]
TAKES_NO_OPTIONS = ("check-includes", "run")
SAMPLES_LIMIT = 300_000
FOREIGN_PATH = re.compile(rb"/(?:home|root|opt|usr|tmp|work|Users)/")


def run(path: pathlib.Path, option: str) -> "subprocess.CompletedProcess[str]":
    interpreter = path.read_text(encoding="utf-8").split("\n", maxsplit=1)[0].removeprefix("#!")
    command = ["/usr/bin/python3"] if "python3" in interpreter else [interpreter]
    return subprocess.run([*command, str(path), option], cwd=ROOT, text=True, check=False, capture_output=True,
                          stdin=subprocess.DEVNULL)


def scripts(tally: Tally) -> None:
    for path in SCRIPTS:
        name, text = path.name, path.read_text(encoding="utf-8")
        tally.check(f"{name} can be run", path.stat().st_mode & 0o111)
        if text.startswith("#!/bin/sh\n"):
            tally.check(f"{name} stops at errors", "\nset -eu\n" in text)
            tally.check(f"{name} has a usage line", text.split("\n")[1].startswith("# usage: "))
        if name in TAKES_NO_OPTIONS:
            continue
        told = run(path, "--help")
        tally.check(f"{name} --help", told.returncode == 0 and "usage: " in told.stdout, told)
        refused = run(path, "--no-such-option")
        tally.check(f"{name} --no-such-option", refused.returncode == 2 and "usage: " in refused.stderr, refused)


def samples(tally: Tally) -> None:
    folder = ROOT / "samples"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    total = sum(path.stat().st_size for path in files)
    tally.check("samples are small", total < SAMPLES_LIMIT, total)
    for path in files:
        found = FOREIGN_PATH.search(path.read_bytes())
        tally.check(f"{path.name} names no folder of the machine it was made on", not found, found)
    with np.load(folder / "digits.npz") as digits:
        x, y = digits["x"], digits["y"]
        tally.check("digits are samples of a 28x28 grey image", x.shape == (150, 28, 28, 1) and x.dtype == np.float32, x.shape)
        tally.check("digits are in 0..1", x.min() == 0 and x.max() == 1)
        tally.check("every digit occurs", y.dtype == np.int64 and set(y.tolist()) == set(range(10)), y)


def main() -> int:
    tally = Tally()
    scripts(tally)
    samples(tally)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
