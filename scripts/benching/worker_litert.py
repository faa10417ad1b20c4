"""Runs models in LiteRT: a line "kind runs model" on standard input gives "result MS", the best run's processor time."""
import sys
import time

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

KINDS = {"ref": OpResolverType.BUILTIN_REF, "opt": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES, "xnn": OpResolverType.AUTO}


def opened(kind: str, path: str) -> Interpreter:
    interpreter = Interpreter(path, num_threads=1, experimental_op_resolver_type=KINDS[kind])
    interpreter.allocate_tensors()
    noise = np.random.default_rng(1)
    for d in interpreter.get_input_details():
        x = noise.uniform(-1, 1, d["shape"])
        interpreter.set_tensor(d["index"], x.astype(np.float32) if d["dtype"] == np.float32 else (x * 100).astype(d["dtype"]))
    interpreter.invoke()
    return interpreter


def main() -> None:
    kept: dict[tuple[str, str], Interpreter] = {}
    for line in sys.stdin:
        kind, runs, path = line.rstrip("\n").split(" ", 2)
        if (kind, path) not in kept:
            kept[kind, path] = opened(kind, path)
        times = []
        for _ in range(int(runs)):
            start = time.process_time()
            kept[kind, path].invoke()
            times.append(1e3 * (time.process_time() - start))
        print("result", min(times), flush=True)


main()
