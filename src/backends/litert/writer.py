"""Subgraphs into a file.

The FlatBuffer proper, with everything but the weights, is built in memory; the weights follow it in the file, from
handle to file. As long as a FlatBuffer can be so large, they are vectors of it (an offset to a vector leads forward, to
anywhere in 2 GiB); beyond that they are found by position, as the schema has it for large models.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interlingua.backends.litert.graph import Edge, Operator, Subgraph, dims_of
from interlingua.backends.litert.options import packed
from interlingua.formats.litert import BY_DTYPE, IDENTIFIER, schema
from interlingua.ir.weights import Weight

ALIGN = 16
"""Where kernels expect weights to begin."""
VECTOR_LIMIT = (1 << 31) - (1 << 24)
"""Bytes of weights that a FlatBuffer holds, with room for all else: it has to end within 2 GiB."""
SIGNATURE = "serving_default"
VERSION = 3
"""Of the schema."""


@dataclass(slots=True)
class Model:
    """What a file holds: the main subgraph first, names of its inputs and outputs, and metadata."""

    main: Subgraph
    input_names: Sequence[str] = ()
    output_names: Sequence[str] = ()
    description: str = ""
    metadata: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


class Buffers:
    """Numbers of the buffers: each large weight once by its handle, each small one once by its contents. The first
    buffer is empty."""

    SMALL = 1024
    """Bytes that are worth a look."""

    def __init__(self) -> None:
        self.weights: list[Weight] = []
        self._numbers: dict[Any, int] = {}

    def number(self, weight: Weight | None) -> int:
        """The buffer of a weight; what has no bytes has none."""
        if weight is None or weight.nbytes == 0:
            return 0
        key: Any = weight.view().tobytes() if weight.nbytes <= self.SMALL else weight
        if key not in self._numbers:
            self.weights.append(weight)
            self._numbers[key] = len(self.weights)
        return self._numbers[key]


class _Placed:
    """A buffer whose bytes come after the FlatBuffer: what is written of it is room for where they are."""

    def __init__(self, size: int, by_position: bool) -> None:
        self.size = size
        self.by_position = by_position
        self.table = 0

    def Pack(self, builder: Any) -> int:  # noqa: N802 - the schema's name
        """As the schema's objects do; notes where the table is, from the end."""
        builder.StartObject(3)
        if self.by_position:
            builder.PrependUint64Slot(1, 1, 0)
            builder.PrependUint64Slot(2, self.size, 0)
        else:
            builder.PrependUint32Slot(0, 1, 0)
        self.table = int(builder.EndObject())
        return self.table

    def patch(self, head: bytearray, position: int) -> None:
        """Write that the bytes begin at ``position`` of the file."""
        slot, width = (1, "<Q") if self.by_position else (0, "<I")
        table = len(head) - self.table
        (back,) = struct.unpack_from("<i", head, table)
        (offset,) = struct.unpack_from("<H", head, table - back + 4 + 2 * slot)
        at = table + offset
        struct.pack_into(width, head, at, position if self.by_position else position - 4 - at)


def write(model: Model, path: Path, *, limit: int = VECTOR_LIMIT) -> None:
    """Write the file; ``limit`` is how many bytes of weights are vectors of the FlatBuffer."""
    import flatbuffers

    tables = _Tables()
    made = tables.model(model)
    weights = tables.buffers.weights
    by_position = sum(w.nbytes + 2 * ALIGN for w in weights) > limit
    placed = [_Placed(w.nbytes, by_position) for w in weights]
    made.buffers = [schema().BufferT(), *placed]
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(made.Pack(builder), IDENTIFIER)
    head = bytearray(builder.Output())
    positions = _positions(len(head), weights)
    for each, position in zip(placed, positions, strict=True):
        each.patch(head, position)
    with path.open("wb") as file:
        file.write(head)
        for weight, position in zip(weights, positions, strict=True):
            file.write(b"\0" * (position - 4 - file.tell()))
            file.write(struct.pack("<I", weight.nbytes & 0xFFFFFFFF))
            weight.write_to(file)


def _positions(end: int, weights: Sequence[Weight]) -> list[int]:
    """Where the bytes of each weight begin, the length of the vector before them."""
    found = []
    for weight in weights:
        position = -(-(end + 4) // ALIGN) * ALIGN
        found.append(position)
        end = position + weight.nbytes
    return found


class _Tables:
    """The schema's objects for a model."""

    def __init__(self) -> None:
        self.buffers = Buffers()
        self.subgraphs: dict[Subgraph, int] = {}
        self.codes: dict[tuple[str, int], int] = {}

    def model(self, model: Model) -> Any:
        """The whole, but for the buffers."""
        _number(model.main, self.subgraphs)
        made = schema().ModelT()
        made.version, made.description = VERSION, model.description
        made.subgraphs = [self.subgraph(s) for s in self.subgraphs]
        made.operatorCodes = [self._code(op, version) for op, version in self.codes]
        made.signatureDefs = [self._signature(model)]
        made.metadata = [self._metadata(name, data) for name, data in model.metadata.items()]
        return made

    def subgraph(self, graph: Subgraph) -> Any:
        made = schema().SubGraphT()
        numbers = {edge: i for i, edge in enumerate(graph.edges())}
        made.name = graph.name
        made.tensors = [self._tensor(edge) for edge in numbers]
        made.inputs, made.outputs = [numbers[e] for e in graph.inputs], [numbers[e] for e in graph.outputs]
        made.operators = [self._operator(o, numbers) for o in graph.operators]
        return made

    def _tensor(self, edge: Edge) -> Any:
        made = schema().TensorT()
        made.name, made.type, made.hasRank = edge.name, BY_DTYPE[edge.dtype], True
        made.shape, made.shapeSignature = dims_of(edge.shape)
        made.buffer = self.buffers.number(edge.weight)
        if edge.levels is not None:
            found = made.quantization = schema().QuantizationParametersT()
            found.scale, found.quantizedDimension = list(edge.levels.scales), edge.levels.axis
            found.zeroPoint = [0] * len(edge.levels.scales)
        return made

    def _operator(self, operator: Operator, numbers: Mapping[Edge, int]) -> Any:
        made = schema().OperatorT()
        made.opcodeIndex = self.codes.setdefault((operator.op, operator.version), len(self.codes))
        made.inputs = [-1 if e is None else numbers[e] for e in operator.inputs]
        made.outputs = [numbers[e] for e in operator.outputs]
        options = {k: self.subgraphs[v] if isinstance(v, Subgraph) else v for k, v in operator.options.items()}
        found = packed(operator.op, options)
        if found is not None:
            value, number, second = found
            if second:
                made.builtinOptions2, made.builtinOptions2Type = value, number
            else:
                made.builtinOptions, made.builtinOptionsType = value, number
        return made

    def _code(self, op: str, version: int) -> Any:
        made = schema().OperatorCodeT()
        made.builtinCode, made.version = getattr(schema().BuiltinOperator, op), version
        made.deprecatedBuiltinCode = min(made.builtinCode, 127)
        return made

    def _signature(self, model: Model) -> Any:
        made = schema().SignatureDefT()
        made.signatureKey, made.subgraphIndex = SIGNATURE, 0
        numbers = {edge: i for i, edge in enumerate(model.main.edges())}
        for field_, names, edges in (
            ("inputs", model.input_names, model.main.inputs),
            ("outputs", model.output_names, model.main.outputs),
        ):
            setattr(made, field_, [_named(n, numbers[e]) for n, e in zip(names, edges, strict=True)])
        return made

    def _metadata(self, name: str, data: bytes) -> Any:
        import numpy as np

        from interlingua.ir.weights import ArrayWeight

        made = schema().MetadataT()
        made.name, made.buffer = name, self.buffers.number(ArrayWeight(np.frombuffer(data, np.uint8)))
        return made


def _number(graph: Subgraph, numbers: dict[Subgraph, int]) -> None:
    """Number a subgraph and those that it runs."""
    if graph in numbers:
        return
    numbers[graph] = len(numbers)
    for operator in graph.operators:
        for inner in operator.inner:
            _number(inner, numbers)


def _named(name: str, index: int) -> Any:
    made = schema().TensorMapT()
    made.name, made.tensorIndex = name, index
    return made
