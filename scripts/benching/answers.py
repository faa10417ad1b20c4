"""How a worker talks: it is asked by lines "kind count model" on standard input, and answers "result MS"."""
import sys
from collections.abc import Callable

Measure = Callable[[int], float]


def answer(opened: Callable[[str, str], Measure]) -> None:
    """`opened(kind, model)` makes what is measured, once; that is then called with each count."""
    kept: dict[tuple[str, str], Measure] = {}
    for line in sys.stdin:
        kind, count, path = line.rstrip("\n").split(" ", 2)
        if (kind, path) not in kept:
            kept[kind, path] = opened(kind, path)
        print("result", kept[kind, path](int(count)), flush=True)
