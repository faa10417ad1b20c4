"""The contenders of scripts/bench: each is a function that takes its turn and returns one figure."""
import array
import json
import math
import os
import pathlib
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

Turn = Callable[[], float]
HERE = pathlib.Path(__file__).resolve().parent
BLOCK_MS, BLOCK = 150, 12  # a turn: that long or that many runs; its figure is the best of them


def best_of_runs(once: Callable[[int], float]) -> Turn:
    """A turn of as many runs as its time allows."""
    runs = 1

    def measure() -> float:
        nonlocal runs
        best = once(runs)
        runs = max(1, min(BLOCK, int(BLOCK_MS / best)))
        return best
    return measure


def write_noise(path: pathlib.Path, shape: list[int]) -> None:
    """A .npy file of float32 within -1..1."""
    noise = random.Random(1)
    values = array.array("f", (noise.uniform(-1, 1) for _ in range(math.prod(shape))))
    if sys.byteorder == "big":
        values.byteswap()
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({', '.join(map(str, shape))},), }}"
    head += " " * (-(len(head) + 11) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode() + values.tobytes())


class Worker:
    """A program of this folder under another Python, which answers "result MS"; started when first asked."""

    def __init__(self, name: str, python: str | None) -> None:
        self.name, self.python = name, python
        self.process: subprocess.Popen | None = None

    def ask(self, kind: str, count: int, model: pathlib.Path) -> float:
        if not self.process:
            self.process = subprocess.Popen([self.python, HERE / f"worker_{self.name}.py"], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL)
        print(kind, count, model, file=self.process.stdin, flush=True)
        for line in self.process.stdout:
            if line.startswith("result "):
                return float(line.split()[1])
        raise SystemExit(f"bench: {self.python} worker_{self.name}.py ended: are its packages installed there?")

    def runs(self, kind: str, model: pathlib.Path) -> Turn:
        return best_of_runs(lambda runs: self.ask(kind, runs, model))

    def samples(self, count: int, model: pathlib.Path, kind: str = "samples") -> Turn:
        """The mean of as many samples."""
        return lambda: self.ask(kind, count, model)


class Qloupe:
    def __init__(self, program: pathlib.Path, isa: str | None) -> None:
        self.program = program
        self.environment = os.environ | ({"QLOUPE_ISA": isa} if isa else {})

    def call(self, *words: object, before: list[str] | None = None) -> str:
        command = [*(before or []), str(self.program), *map(str, words)]
        done = subprocess.run(command, env=self.environment, text=True, check=False, capture_output=True)
        if done.returncode:
            raise SystemExit(f"bench: {' '.join(command)}: {done.stderr}")
        return done.stdout

    def runs(self, model: pathlib.Path) -> Turn:
        def once(runs: int) -> float:
            told = self.call("run", model, "--data", "random:1", "--profile", "--repeat", runs + 1)
            return float(re.search(r"best ([0-9.]+)", told).group(1))
        return best_of_runs(once)

    def processor_ms(self, *words: object) -> float:
        def spent() -> float:
            usage = resource.getrusage(resource.RUSAGE_CHILDREN)
            return usage.ru_utime + usage.ru_stime
        start = spent()
        self.call(*words)
        return 1e3 * (spent() - start)

    def wall_ms(self, *words: object, before: list[str] | None = None) -> float:
        start = time.perf_counter()
        self.call(*words, before=before)
        return 1e3 * (time.perf_counter() - start)

    def peak_mb(self, *words: object) -> float:
        """The most memory that was resident, of a process of its own."""
        with tempfile.NamedTemporaryFile() as told:
            self.call(*words, before=["/usr/bin/time", "-f", "%M", "-o", told.name])
            return int(told.read().split()[-1]) / 1024

    def compare_sample(self, pair: tuple[pathlib.Path, pathlib.Path], samples: int, data: pathlib.Path) -> Turn:
        """Processor time that one more sample takes, every statistic written out. The data file is made when first
        needed: of noise, which the others have ready in memory too."""
        def words(count: int) -> list[object]:
            return ["compare", *pair, "--data", data, "--samples", count, "-j", 1, "--json", "/dev/null"]

        def measure() -> float:
            if not data.exists():
                write_noise(data, [samples + 1, *self.input_shape(pair[0])[1:]])
            return (self.processor_ms(*words(samples + 1)) - self.processor_ms(*words(1))) / samples
        return measure

    def input_shape(self, model: pathlib.Path) -> list[int]:
        graph = json.loads(self.call("inspect", model, "--json", "-"))["subgraphs"][0]
        return graph["tensors"][graph["inputs"][0]]["shape"]

    def sensitivities(self, tool: pathlib.Path, pair: tuple[pathlib.Path, pathlib.Path], data: pathlib.Path) -> tuple[float, float]:
        """Milliseconds of the sensitivities of all layers, and of both models whole once a layer; 4 samples."""
        done = subprocess.run([tool, *pair, data, "4", "1"], env=self.environment, text=True, check=True, capture_output=True)
        found = re.search(r"sensitivities ([0-9.]+) s, both models once a layer ([0-9.]+) s", done.stdout)
        return 1e3 * float(found.group(1)), 1e3 * float(found.group(2))
