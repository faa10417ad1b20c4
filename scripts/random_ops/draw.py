"""What random one-operator models are drawn with."""
from typing import Any, Callable

import numpy as np
from onop import Case, Tensor, out, w, x

RANGE = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767)}
ACTS = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")
Generator = Callable[[np.random.Generator, str, str], Case]


class Draw:
    """Draws with the type in mind."""

    def __init__(self, rng: np.random.Generator, kind: str) -> None:
        self.rng = rng
        self.kind = kind
        self.real: bool = kind in ("float", "hybrid")
        self.type = "float32" if self.real else kind

    def int(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high, endpoint=True))

    def flag(self, chance: float = 0.5) -> bool:
        return bool(self.rng.random() < chance)

    def of(self, *choices: Any) -> Any:
        return choices[self.int(0, len(choices) - 1)]

    def log(self, low: float, high: float) -> float:
        return float(np.float32(np.exp(self.rng.uniform(np.log(low), np.log(high)))))

    def act(self) -> str:
        return self.of("NONE", "NONE", *ACTS)

    def shape(self, rank: int, most: int = 5) -> list[int]:
        return [self.int(1, most) for _ in range(rank)]

    def zero(self, kind: str | None = None) -> int:
        kind = kind or self.kind
        low, high = RANGE[kind]
        return 0 if kind == "int16" else self.of(low, high, 0 if kind == "int8" else 128, self.int(low, high))

    def scale(self) -> float:
        wide = self.flag(0.1)
        small = 1e-2 if self.kind == "int16" else 1.0
        return self.log(1e-5, 100.0) if wide else self.log(1e-3 * small, 0.5 * small)

    def fed(self, shape: list[int], **more: Any) -> Tensor:
        if self.real:
            peak = self.log(0.01, 100.0)
            return x(shape, low=-peak, high=peak, **more)
        if self.kind not in RANGE:
            return x(shape, self.kind, **more)
        return x(shape, self.kind, self.scale(), self.zero(), **more)

    def made(self, shape: list[int], natural: float = 0.0) -> Tensor:
        """An output; `natural` is the scale that its values would about fill."""
        if self.real:
            return out(shape)
        if not natural:
            return out(shape, self.kind, self.scale(), self.zero())
        off = self.log(1e-5, 1e5) if self.flag(0.1) else self.log(0.2, 20.0)
        return out(shape, self.kind, float(np.float32(natural * off)), self.zero())

    def weights(self, shape: list[int], axis: int, per_axis: bool = False) -> Tensor:
        """Per tensor or per axis; int8 but for uint8 operators."""
        if self.kind == "float":
            return w(shape)
        if self.kind == "uint8":
            return w(shape, "uint8", self.log(1e-4, 0.1), self.zero())
        each = per_axis or self.flag(0.6)
        scale = [self.log(1e-4, 0.1) for _ in range(shape[axis])] if each else self.log(1e-4, 0.1)
        return w(shape, "int8", scale, axis=axis, low=-127)

    def bias(self, count: int, inp: Tensor, weights: Tensor, options: dict[str, Any]) -> Tensor:
        if self.real:
            return w([count])
        scale = np.float32(inp.scale) * np.asarray(weights.scale, np.float32)
        kind = "int32" if self.kind != "int16" or self.flag(0.3) else "int64"
        if self.kind == "int16" and kind == "int32":
            options["quantizedBiasType"] = "INT32"
        most = 10 ** self.int(1, 5)
        return w([count], kind, scale.tolist(), low=-most, high=most)

    def natural(self, inp: Tensor, weights: Tensor, terms: int) -> float:
        """The output scale of a sum of products."""
        if self.real:
            return 0.0
        steps = RANGE[self.kind][1] - RANGE[self.kind][0]
        typical = steps / 4 * inp.scale * 60 * float(np.max(weights.scale)) * np.sqrt(terms)
        return float(typical) * 4 / steps

    def window(self, size: int, kernel: int, stride: int, dilation: int, padding: str) -> int:
        reach = (kernel - 1) * dilation + 1
        return -(-size // stride) if padding == "SAME" else (size - reach) // stride + 1

    def broadcast(self, rank: int = 5) -> tuple[list[int], list[int], tuple[int, ...]]:
        """Two shapes and the one that they broadcast to; rank 0: all the same."""
        result = self.shape(self.int(1, rank or 4), 4)
        if rank == 0:
            return result, result, tuple(result)
        a = [size if self.flag(0.75) else 1 for size in result]
        b = [size if self.flag(0.75) or have != size else 1 for size, have in zip(result, a)]
        if self.flag(0.4):
            b = b[self.int(0, len(b) - 1):]
        return a, b, np.broadcast_shapes(tuple(a), tuple(b))

    def axes(self, rank: int) -> list[int]:
        """One and more of them, in order."""
        return sorted(self.rng.choice(rank, self.int(1, rank), replace=False).tolist())
