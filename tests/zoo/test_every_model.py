#!/usr/bin/env python3
"""Every model of the shared zoo through inspect, check, run and compare with itself: it works, or one sentence says which
operator or tensor is at fault and why (exit status 4, 5 or 6). Under the asan build nothing may be found besides.

A fixed subset in the suite; --all takes every model (scripts/build asan; QLOUPE=build/asan/qloupe ... --all)."""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.support.tally import Tally  # noqa: E402

ZOO = ROOT / "../shared/zoo/models"
QLOUPE = pathlib.Path(os.environ.get("QLOUPE", ROOT / "build/release/qloupe"))
SUBSET, TIMEOUT = 60, 300
DATA = ["--data", "random:2", "--seed", "7"]
COMMANDS = {
    "inspect": ["inspect", "MODEL", "--json", "OUT"],
    "check": ["check", "MODEL"],
    "run": ["run", "MODEL", *DATA, "--all-tensors", "-o", "OUT"],
    "compare": ["compare", "MODEL", "MODEL", *DATA, "--split", "--threads", "1", "--json", "OUT"],
}
# "qloupe: FILE: op #3 ADD 'sum': what was found: what is required", of whole models without the operator.
PLACE = re.compile(r"op #\d+ \S+ '|input '|tensor|subgraph|sample|data|model|array")


def fault(command: str, done: subprocess.CompletedProcess[str]) -> str | None:
    """Why this is neither success nor a clear refusal."""
    if found := re.search(r"^.*(?:Sanitizer|runtime error).*$", done.stderr, re.M):
        return found[0]
    if done.returncode == 0 or (command == "check" and done.returncode == 1):
        return None
    if done.returncode not in (4, 5, 6):
        return f"exit status {done.returncode}: {done.stderr[-300:]}"
    lines = done.stderr.strip().splitlines()
    if len(lines) != 1 or not lines[0].startswith("qloupe: ") or not PLACE.search(lines[0]) or len(lines[0].split(": ")) < 3:
        return f"an unclear refusal: {done.stderr[-300:]}"
    return None


def put_through(model: pathlib.Path) -> list[tuple[str, subprocess.CompletedProcess[str], str | None]]:
    results = []
    for command, words in COMMANDS.items():
        with tempfile.TemporaryDirectory() as folder:
            places = {"MODEL": str(model), "OUT": f"{folder}/out" + (".npz" if command == "run" else ".json")}
            try:
                done = subprocess.run([str(QLOUPE), *(places.get(word, word) for word in words)], capture_output=True, text=True,
                                      timeout=TIMEOUT, check=False)
                results.append((command, done, fault(command, done)))
            except subprocess.TimeoutExpired:
                results.append((command, subprocess.CompletedProcess([], -1, "", ""), f"still running after {TIMEOUT} s"))
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--all", action="store_true", help="every model, not a fixed subset")
    parser.add_argument("-v", "--verbose", action="store_true", help="the sentences of refusal")
    args = parser.parse_args()
    tally, totals = Tally(), collections.Counter()
    if not ZOO.is_dir():
        tally.skip("every model of the shared zoo", "no shared zoo")
        return tally.finish()
    models = sorted(ZOO.rglob("*.tflite"))
    if not args.all:
        models = sorted(random.Random(11).sample(models, SUBSET))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for model, results in zip(models, pool.map(put_through, models), strict=True):
            for command, done, why in results:
                tally.check(f"{command} {model.parent.name}/{model.stem}", why is None, why)
                totals[command, done.returncode] += 1
                if args.verbose and done.returncode in (4, 5, 6):
                    print(f"{command} {done.returncode}: {done.stderr.strip()[:300]}")
    for (command, status), count in sorted(totals.items()):
        print(f"{command}: exit status {status}: {count} models")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
