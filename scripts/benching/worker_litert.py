"""Runs models in LiteRT with the kernels that `kind` names: the best run's processor time, or with "-mean" after it the
mean run's."""
import time

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from answers import Measure, answer

KINDS = {"ref": OpResolverType.BUILTIN_REF, "opt": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES, "xnn": OpResolverType.AUTO}


def opened(kind: str, path: str) -> Measure:
    kernels, _, mean = kind.partition("-")
    interpreter = Interpreter(path, num_threads=1, experimental_op_resolver_type=KINDS[kernels])
    interpreter.allocate_tensors()
    noise = np.random.default_rng(1)
    for d in interpreter.get_input_details():
        x = noise.uniform(-1, 1, d["shape"])
        interpreter.set_tensor(d["index"], x.astype(np.float32) if d["dtype"] == np.float32 else (x * 100).astype(d["dtype"]))
    interpreter.invoke()

    def measure(runs: int) -> float:
        times = []
        for _ in range(runs):
            start = time.process_time()
            interpreter.invoke()
            times.append(1e3 * (time.process_time() - start))
        return sum(times) / runs if mean else min(times)
    return measure


answer(opened)
