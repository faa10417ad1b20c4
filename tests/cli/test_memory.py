#!/usr/bin/env python3
"""--max-memory: the same results under every limit that is enough, fewer threads under small ones, and a sentence that
names the least below that.

    QLOUPE   the program (default: build/release/qloupe)
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import SLOW, Tally

QLOUPE = str(pathlib.Path(os.environ.get("QLOUPE", ROOT / "build/release/qloupe")).resolve())
MODELS = ROOT / "samples"
PAIR = [str(MODELS / "digits_float32.tflite"), str(MODELS / "digits_int8.tflite")]
LARGE = ROOT.parent / "shared/zoo/models/real_mlperf_tiny/vww_96_float.tflite"  # optional: constants of 128 kB
LEAST = re.compile(r"at least (\d+) bytes of memory are needed: at most (\d+) are allowed")

# What is run, and the file whose bytes are looked at ("": standard output).
COMMANDS = {
    "compare": (["compare", *PAIR, "--data", "random:9", "--json", "out"], "out"),
    "compare --split": (["compare", *PAIR, "--data", "random:5", "--split", "--json", "out"], "out"),
    "compare --local-inputs": (["compare", *PAIR, "--data", "random:5", "--local-inputs", "reference", "--json", "out"],
                               "out"),
    "run": (["run", PAIR[0], "--data", "random:5", "--all-tensors", "-o", "out"], "out"),
    "run int8": (["run", PAIR[1], "--data", "random:5", "-o", "out"], "out"),
    "quantize": (["quantize", PAIR[0], "--mode", "int8", "--data", "random:5", "-o", "out"], "out"),
    "quantize dynamic": (["quantize", PAIR[0], "--mode", "dynamic", "-o", "out"], "out"),
    "whatif": (["whatif", *PAIR, "--data", "random:5", "--set", "conv=float", "--json", "out"], "out"),
    "suggest": (["suggest", *PAIR, "--data", "random:5", "--max-layers", "1", "-o", "out"], "out"),
    "modes": (["modes", PAIR[0], "--data", "random:5", "--json", "out"], "out"),
}
if LARGE.exists():
    COMMANDS["quantize float16"] = (["quantize", str(LARGE), "--mode", "float16", "-o", "out"], "out")
THREADED = ("compare", "whatif", "suggest", "modes")
PARTS = (0.0, 0.02, 0.3, 1.0) if SLOW else (0.0, 0.001, 0.02, 0.1, 0.4, 0.7, 1.0)  # of the way from the least to what is plenty
PLENTY = 64 << 20
STEPS = 8


def run(command: list[str], limit: int | None, threads: int, folder: str) -> subprocess.CompletedProcess:
    options = [] if limit is None else ["--max-memory", str(limit)]
    options += ["-j", str(threads)] if command[0].startswith(THREADED) else []
    return subprocess.run([QLOUPE, *command, *options], capture_output=True, text=True, cwd=folder, timeout=120)


def result(folder: str, name: str) -> tuple[bytes, int]:
    """What does not tell how it was run, and the threads it took."""
    path = pathlib.Path(folder, name)
    data = path.read_bytes()
    path.unlink()
    if not data.startswith(b"{"):
        return data, 0
    document = json.loads(data)
    facts = document.pop("run", {})
    return json.dumps(document).encode(), facts.get("threads", 0)


def same(got: bytes, want: bytes) -> bool:
    """Modes that do not fit are refused, which the document says; the others are the same."""
    if b"bytes of memory allowed" not in got:
        return got == want
    rows = zip(json.loads(got)["modes"], json.loads(want)["modes"], strict=True)
    return all(a == b or "of memory allowed" in (a["refused"] or "") for a, b in rows)


def check(name: str, command: list[str], out: str, tests: Tally, folder: str) -> None:
    least = 1024
    for step in range(STEPS):  # each may need more than those before it
        refused = run(command, least, 4, folder)
        if refused.returncode == 0 and step:
            break
        found = LEAST.search(refused.stderr)
        named = refused.returncode == 7 and found and int(found[1]) > int(found[2]) == least
        tests.check(f"{name}: {least} bytes are refused", named, refused.stderr)
        if not named:
            return
        least = int(found[1])
    below = run(command, least - 1, 4, folder)
    tests.check(f"{name}: a byte less than the least is refused", below.returncode == 7, below.stderr)
    free = run(command, None, 4, folder)
    tests.check(f"{name}: without a bound", free.returncode == 0, free.stderr)
    want, most = result(folder, out)
    used = []
    for part in PARTS:
        limit = least + int(part * (PLENTY - least))
        bound = run(command, limit, 4, folder)
        done = bound.returncode == 0
        tests.check(f"{name}: {limit} bytes do", done, bound.stderr)
        if done:
            got, threads = result(folder, out)
            tests.check(f"{name}: {limit} bytes give the same", same(got, want))
            used.append(threads)
    if name == "compare":
        tests.check("compare: the least is for one thread", used[0] == 1, str(used))
        tests.check("compare: more threads with more memory", used == sorted(used) and used[-1] == most, str(used))


def main() -> int:
    tests = Tally()
    for name, (command, out) in COMMANDS.items():
        with tempfile.TemporaryDirectory() as folder:
            check(name, command, out, tests, folder)
    return tests.finish()


sys.exit(main())
