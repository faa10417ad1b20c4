"""Small models as data: a case is one operator with its tensors (or a few graphs), and becomes a .tflite file.

    Case("ADD", "i8_relu", [x([1, 4], "int8", 0.1, 3), x([1, 4], "int8", 0.2)], [out([1, 4], "int8", 0.3, -1)],
         dict(fusedActivationFunction="RELU"), version=2)

x is an input that is fed, w a constant of random values, k a constant with the values given, out an output, state a
variable; None leaves an optional input out. Random values depend on the case's name only, so that a new case changes
no other. Options are the schema's fields; enumerations by their names.
"""
import dataclasses
import zlib
from typing import Any, Sequence

import flatbuffers
import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

NUMPY = {"float32": np.float32, "float16": np.float16, "float64": np.float64, "int8": np.int8, "uint8": np.uint8,
         "int16": np.int16, "uint16": np.uint16, "int32": np.int32, "uint32": np.uint32, "int64": np.int64,
         "uint64": np.uint64, "bool": np.bool_, "int4": np.int8, "int2": np.int8, "complex64": np.complex64, "resource": np.int32}
STORED_RANGE = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767), "int4": (-7, 7), "int2": (-2, 1)}
# Options tables whose name does not follow from the operator's.
TABLES = {"AVERAGE_POOL_2D": "Pool2D", "MAX_POOL_2D": "Pool2D", "L2_POOL_2D": "Pool2D", "L2_NORMALIZATION": "L2Norm",
          "MEAN": "Reducer", "SUM": "Reducer", "REDUCE_MAX": "Reducer", "REDUCE_MIN": "Reducer", "REDUCE_PROD": "Reducer",
          "REDUCE_ANY": "Reducer", "REDUCE_ALL": "Reducer", "MAXIMUM": "MaximumMinimum", "MINIMUM": "MaximumMinimum",
          "UNIDIRECTIONAL_SEQUENCE_RNN": "SequenceRNN", "CONV_3D_TRANSPOSE": "Conv3D", "RANDOM_UNIFORM": "Random",
          "RANDOM_STANDARD_NORMAL": "Random", "MULTINOMIAL": "Random", "STABLEHLO_COMPOSITE": "StableHLOComposite"}
ENUMS = {"padding": "Padding", "fusedActivationFunction": "ActivationFunctionType", "mode": "MirrorPadMode",
         "kernelType": "LSTMKernelType", "weightsFormat": "FullyConnectedOptionsWeightsFormat", "inDataType": "TensorType",
         "outDataType": "TensorType", "outType": "TensorType", "idxOutType": "TensorType", "type": "TensorType",
         "quantizedBiasType": "TensorType"}


@dataclasses.dataclass
class Tensor:
    shape: Sequence[int]
    type: str = "float32"
    scale: Any = None  # a number, or one for each index of `axis`
    zero: Any = 0
    axis: int = 0
    low: float | None = None  # of random values; the stored ones of quantized types
    high: float | None = None
    data: Any = None  # a constant's values; "random": drawn
    fed: bool = False
    variable: bool = False
    name: str = ""
    sparse: int | None = None  # of a matrix: stored by rows as blocks of 1 x that many that are not 0; 0: single values
    blocks: tuple[int, str] | None = None  # block size, and the tensor that has the blocks' scales


def x(shape: Sequence[int], type: str = "float32", scale: Any = None, zero: Any = 0, low: Any = None, high: Any = None,
      **more: Any) -> Tensor:
    return Tensor(shape, type, scale, zero, low=low, high=high, fed=True, **more)


def w(shape: Sequence[int], type: str = "float32", scale: Any = None, zero: Any = 0, low: Any = None, high: Any = None,
      axis: int = 0, **more: Any) -> Tensor:
    return Tensor(shape, type, scale, zero, axis, low, high, data="random", **more)


def k(data: Any, type: str = "int32", scale: Any = None, zero: Any = 0, axis: int = 0) -> Tensor:
    values = np.asarray(data, NUMPY[type])
    return Tensor(values.shape, type, scale, zero, axis, data=values)


def out(shape: Sequence[int], type: str = "float32", scale: Any = None, zero: Any = 0) -> Tensor:
    return Tensor(shape, type, scale, zero)


def state(shape: Sequence[int], type: str = "float32", scale: Any = None, zero: Any = 0) -> Tensor:
    return Tensor(shape, type, scale, zero, variable=True)


def scales(count: int, low: float, high: float) -> list[float]:
    """Per-axis scales, spread evenly on a logarithmic scale but not in order."""
    spread = np.geomspace(low, high, count)
    return [float(np.float32(spread[(7 * i + 3) % count])) for i in range(count)] if count % 7 else list(map(float, spread))


@dataclasses.dataclass
class Node:
    op: str  # the schema's name, or "custom:<name>"
    inputs: Sequence[str | None]
    outputs: Sequence[str]
    options: dict[str, Any] | None = dataclasses.field(default_factory=dict)  # None: no table at all
    version: int = 1
    intermediates: Sequence[str] = ()
    custom: bytes = b""


@dataclasses.dataclass
class Graph:
    tensors: dict[str, Tensor]
    nodes: list[Node]
    inputs: Sequence[str]
    outputs: Sequence[str]


@dataclasses.dataclass
class Case:
    op: str
    name: str
    inputs: Sequence[Tensor | None] = ()
    outputs: Sequence[Tensor] = ()
    options: dict[str, Any] | None = dataclasses.field(default_factory=dict)
    version: int = 1
    samples: int = 2
    twin: "Case | None" = None  # the official interpreter lacks the operator and is asked this instead
    optimized: bool = False  # BUILTIN_REF lacks the operator, or this version of it
    numerics: str = ""  # "xnnpack": the answers of the default delegate
    ulps: float = 0  # of the output's peak that floats may differ: 0 for add and multiply, 2 for libm's functions
    intermediates: Sequence[Tensor] = ()
    custom: bytes = b""
    graphs: Sequence[Graph] = ()  # instead of inputs, outputs and options: the first is the main one

    @property
    def full_name(self) -> str:
        return f"{self.op.removeprefix('custom:').lower()}.{self.name}"


def graph_of(case: Case) -> Graph:
    """The single operator as a graph."""
    tensors: dict[str, Tensor] = {}

    def names(prefix: str, some: Sequence[Tensor | None]) -> list[str | None]:
        listed: list[str | None] = []
        for i, tensor in enumerate(some):
            listed.append(None if tensor is None else tensor.name or f"{prefix}{i}")
            if tensor is not None:
                tensors[str(listed[-1])] = tensor
        return listed

    inputs, outputs = names("in", case.inputs), names("out", case.outputs)
    node = Node(case.op, inputs, [str(name) for name in outputs], case.options, case.version,
                [str(name) for name in names("inner", case.intermediates)], case.custom)
    fed = [name for name in inputs if name is not None and tensors[name].fed]
    return Graph(tensors, [node], fed, node.outputs)


def random_values(tensor: Tensor, rng: np.random.Generator, sample: int = 0) -> np.ndarray:
    """Sample 0 covers the range evenly and has its ends; later ones are bells around its middle."""
    shape, kind = tuple(tensor.shape), NUMPY[tensor.type]
    if tensor.type == "bool":
        return rng.random(shape) < 0.5
    if tensor.type == "complex64":
        return (rng.uniform(-1, 1, shape) + 1j * rng.uniform(-1, 1, shape)).astype(kind)
    whole = np.issubdtype(kind, np.integer)
    fallback = STORED_RANGE.get(tensor.type, (-100, 100)) if whole else (-1.0, 1.0)
    low = fallback[0] if tensor.low is None else tensor.low
    high = fallback[1] if tensor.high is None else tensor.high
    if sample == 0:
        values = rng.integers(int(low), int(high), shape, endpoint=True) if whole else rng.uniform(low, high, shape)
        values = np.asarray(values).reshape(-1)
        ends = [low, high] if whole else [low, high] + ([0.0] if low <= 0 <= high else [])
        values[:min(len(ends), values.size)] = ends[:values.size]
        rng.shuffle(values)
        return values.reshape(shape).astype(kind)
    values = np.clip(rng.normal((low + high) / 2, (high - low) / 8, shape), low, high)
    return np.asarray(np.round(values) if whole else values).astype(kind)


def pack(values: np.ndarray, kind: str) -> bytes:
    if kind not in ("int4", "int2"):
        return np.ascontiguousarray(values, NUMPY[kind]).tobytes()
    bits = int(kind[3:])
    per_byte = 8 // bits
    flat = np.append(values.reshape(-1), [0] * (-values.size % per_byte)).astype(np.uint8) & ((1 << bits) - 1)
    shifted = flat.reshape(-1, per_byte) << (bits * np.arange(per_byte, dtype=np.uint8))
    return np.bitwise_or.reduce(shifted, axis=1).astype(np.uint8).tobytes()


def int32s(values: list[int]) -> Any:
    made = schema.Int32VectorT()
    made.values = values
    return made


def compress(values: np.ndarray, block: int) -> tuple[np.ndarray, Any]:
    """Rows whose blocks of 1 x `block` (0: single values) are kept where they are not all 0, and the schema's description."""
    rows, columns = values.shape
    cut = values.reshape(rows, columns // max(block, 1), max(block, 1))
    kept = cut.any(axis=2)
    levels = [schema.DimensionMetadataT() for _ in range(3 if block else 2)]
    levels[0].format, levels[0].denseSize = schema.DimensionType.DENSE, rows
    levels[1].format = schema.DimensionType.SPARSE_CSR
    levels[1].arraySegments = int32s([0, *np.cumsum(kept.sum(axis=1)).tolist()])
    levels[1].arrayIndices = int32s(np.nonzero(kept)[1].tolist())
    levels[1].arraySegmentsType = levels[1].arrayIndicesType = schema.SparseIndexVector.Int32Vector
    sparsity = schema.SparsityParametersT()
    sparsity.traversalOrder, sparsity.dimMetadata = list(range(len(levels))), levels
    if block:
        levels[2].format, levels[2].denseSize = schema.DimensionType.DENSE, block
        sparsity.blockMap = [1]
    return cut[kept].reshape(-1), sparsity


def options_of(node: Node) -> tuple[Any, int, bool]:
    """(options object, its number in the union, whether the union is BuiltinOptions2)."""
    if node.options is None or node.op.startswith("custom:"):
        return None, 0, False
    wanted = (TABLES.get(node.op) or node.op.replace("_", "")).lower() + "options"
    for union, second in ((schema.BuiltinOptions, False), (schema.BuiltinOptions2, True)):
        for name in dir(union):
            if name.lower() == wanted:
                options = getattr(schema, name + "T")()
                for field, value in node.options.items():
                    set_option(options, field, value)
                return options, getattr(union, name), second
    if node.options:
        raise ValueError(f"{node.op}: no options table for {node.options}")
    return None, 0, False


def set_option(options: Any, field: str, value: Any) -> None:
    if not hasattr(options, field):
        raise ValueError(f"{type(options).__name__} has no field {field}: {sorted(vars(options))}")
    if isinstance(value, str) and field in ENUMS:
        value = getattr(getattr(schema, ENUMS[field]), value)
    setattr(options, field, value)


class Builder:
    """Puts a case's graphs into one model."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.model = schema.ModelT()
        self.model.version = 3
        self.model.description = "one operator"
        self.model.buffers = [schema.BufferT()]
        self.model.operatorCodes = []
        self.model.subgraphs = []

    def values(self, tensor: Tensor) -> np.ndarray:
        values = random_values(tensor, self.rng) if isinstance(tensor.data, str) else np.asarray(tensor.data)
        if tensor.sparse is not None:
            width = max(tensor.sparse, 1)
            kept = self.rng.random((values.shape[0], values.shape[1] // width)) < 0.5
            values = values * np.repeat(kept, width, axis=1).astype(values.dtype)
        return values

    def buffer(self, values: np.ndarray, kind: str) -> int:
        raw = schema.BufferT()
        raw.data = np.frombuffer(pack(values, kind), np.uint8)
        self.model.buffers.append(raw)
        return len(self.model.buffers) - 1

    def tensor(self, name: str, tensor: Tensor, index: dict[str, int]) -> Any:
        made = schema.TensorT()
        made.name, made.shape, made.hasRank = name, [int(size) for size in tensor.shape], True
        made.type = getattr(schema.TensorType, tensor.type.upper())
        made.isVariable = tensor.variable
        made.buffer = 0
        if tensor.data is not None:
            values = self.values(tensor)
            if tensor.sparse is not None:
                values, made.sparsity = compress(values, tensor.sparse)
            made.buffer = self.buffer(values, tensor.type)
        if tensor.blocks is not None:
            details = schema.BlockwiseQuantizationT()
            details.blockSize, details.scales, details.zeroPoints = tensor.blocks[0], index[tensor.blocks[1]], -1
            made.quantization = schema.QuantizationParametersT()
            made.quantization.details = details
            made.quantization.detailsType = schema.QuantizationDetails.BlockwiseQuantization
        if tensor.scale is not None:
            quantization = schema.QuantizationParametersT()
            quantization.scale = [float(value) for value in np.atleast_1d(tensor.scale)]
            zeros = [int(value) for value in np.atleast_1d(tensor.zero)]
            quantization.zeroPoint = zeros * (len(quantization.scale) if len(zeros) == 1 else 1)
            quantization.quantizedDimension = tensor.axis
            made.quantization = quantization
        return made

    def opcode(self, node: Node) -> int:
        code = schema.OperatorCodeT()
        custom = node.op.startswith("custom:")
        code.builtinCode = schema.BuiltinOperator.CUSTOM if custom else getattr(schema.BuiltinOperator, node.op)
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)
        code.customCode = node.op.removeprefix("custom:") if custom else None
        code.version = node.version
        self.model.operatorCodes.append(code)
        return len(self.model.operatorCodes) - 1

    def graph(self, graph: Graph) -> None:
        made = schema.SubGraphT()
        made.name = "main" if not self.model.subgraphs else f"graph{len(self.model.subgraphs)}"
        index = {name: i for i, name in enumerate(graph.tensors)}
        made.tensors = [self.tensor(name, tensor, index) for name, tensor in graph.tensors.items()]
        made.inputs, made.outputs = [index[name] for name in graph.inputs], [index[name] for name in graph.outputs]
        made.operators = []
        for node in graph.nodes:
            op = schema.OperatorT()
            op.opcodeIndex = self.opcode(node)
            op.inputs = [-1 if name is None else index[name] for name in node.inputs]
            op.outputs = [index[name] for name in node.outputs]
            op.intermediates = [index[name] for name in node.intermediates] or None
            options, number, second = options_of(node)
            if second:
                op.builtinOptions2, op.builtinOptions2Type = options, number
            else:
                op.builtinOptions, op.builtinOptionsType = options, number
            op.customOptions = list(node.custom) or None
            made.operators.append(op)
        self.model.subgraphs.append(made)

    def bytes(self) -> bytes:
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def build(case: Case, name: str = "") -> tuple[bytes, list[list[np.ndarray]]]:
    """The case's model, and what to feed for each sample; random values are those of the case called `name`."""
    rng = np.random.default_rng(zlib.crc32((name or case.full_name).encode()))
    graphs = list(case.graphs) or [graph_of(case)]
    builder = Builder(rng)
    for graph in graphs:
        builder.graph(graph)
    fed = [graphs[0].tensors[name] for name in graphs[0].inputs]
    samples = [[random_values(tensor, rng, sample) for tensor in fed] for sample in range(case.samples)]
    return builder.bytes(), samples
