"""TensorFlow Lite files of any number of ops and subgraphs, packed by the schema's own writers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from interlingua.formats.litert import BY_DTYPE
from interlingua.ir.dtypes import DType


@dataclass(frozen=True)
class Scale:
    """How a tensor is quantized: scalars, or sequences along ``axis``."""

    scale: float | Sequence[float]
    zero: int | Sequence[int] = 0
    axis: int = 0


@dataclass
class Subgraph:
    """A subgraph under construction: its methods give indices of tensors."""

    model: Model
    tensors: list[Any] = field(default_factory=list)
    operators: list[Any] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)

    def tensor(
        self,
        name: str,
        shape: Sequence[int],
        dtype: DType = DType.F32,
        *,
        signature: Sequence[int] | None = None,
        scale: Scale | None = None,
        variable: bool = False,
        buffer: int = 0,
    ) -> int:
        made = self.model.schema.TensorT()
        made.name, made.shape, made.buffer, made.type = name, list(shape), buffer, BY_DTYPE[dtype]
        made.isVariable = variable
        if signature is not None:
            made.shapeSignature = list(signature)
        if scale is not None:
            made.quantization = self.model.schema.QuantizationParametersT()
            made.quantization.scale = np.atleast_1d(np.asarray(scale.scale, np.float32)).tolist()
            made.quantization.zeroPoint = np.atleast_1d(np.asarray(scale.zero, np.int64)).tolist()
            made.quantization.quantizedDimension = scale.axis
        self.tensors.append(made)
        return len(self.tensors) - 1

    def input(self, name: str, shape: Sequence[int], dtype: DType = DType.F32, **more: Any) -> int:
        self.inputs.append(self.tensor(name, shape, dtype, **more))
        return self.inputs[-1]

    def constant(self, name: str, array: Any, *, dtype: DType | None = None, scale: Scale | None = None) -> int:
        array = np.asarray(array)
        dtype = dtype or DType.of(array)
        buffer = self.model.buffer(_contents(array, dtype))
        return self.tensor(name, array.shape, dtype, scale=scale, buffer=buffer)

    def op(
        self,
        op: str,
        inputs: Sequence[int],
        outputs: Sequence[int],
        options: tuple[str, Mapping[str, Any]] | None = None,
        *,
        custom: tuple[str, bytes] | None = None,
        version: int = 1,
    ) -> None:
        schema = self.model.schema
        made = schema.OperatorT()
        made.opcodeIndex = self.model.code(op, "" if custom is None else custom[0], version)
        made.inputs, made.outputs = list(inputs), list(outputs)
        if custom is not None:
            made.customOptions = list(custom[1])
        if options is not None:
            kind, values = options
            made_options = getattr(schema, f"{kind}T")()
            for name, value in values.items():
                attribute = re.sub(r"_(\w)", lambda m: m[1].upper(), name)
                assert hasattr(made_options, attribute), (kind, attribute)
                setattr(made_options, attribute, value)
            second = hasattr(schema.BuiltinOptions2, kind)
            union = schema.BuiltinOptions2 if second else schema.BuiltinOptions
            place = "builtinOptions2" if second else "builtinOptions"
            setattr(made, f"{place}Type", getattr(union, kind))
            setattr(made, place, made_options)
        self.operators.append(made)


def _contents(array: np.ndarray[Any, Any], dtype: DType) -> bytes:
    """The bytes of a buffer: elements narrower than a byte lie side by side, the first in the low bits."""
    if dtype.bits >= 8:
        return array.tobytes()
    levels = array.astype(np.int8).view(np.uint8).ravel() & np.uint8((1 << dtype.bits) - 1)
    per_byte = 8 // dtype.bits
    rows = np.pad(levels, (0, -levels.size % per_byte)).reshape(-1, per_byte)
    shifts = np.arange(per_byte, dtype=np.uint8) * np.uint8(dtype.bits)
    return np.bitwise_or.reduce(rows << shifts, axis=1).astype(np.uint8).tobytes()


class Model:
    """A model under construction."""

    def __init__(self) -> None:
        from ai_edge_litert import schema_py_generated

        self.schema = schema_py_generated
        self.subgraphs: list[Subgraph] = []
        self.signatures: list[Any] = []
        self._codes: list[tuple[str, str, int]] = []
        self._buffers: list[bytes] = [b""]

    def subgraph(self) -> Subgraph:
        self.subgraphs.append(Subgraph(self))
        return self.subgraphs[-1]

    def code(self, op: str, custom: str = "", version: int = 1) -> int:
        key = op, custom, version
        if key not in self._codes:
            self._codes.append(key)
        return self._codes.index(key)

    def buffer(self, data: bytes) -> int:
        self._buffers.append(data)
        return len(self._buffers) - 1

    def signature(self, key: str, inputs: Mapping[str, int], outputs: Mapping[str, int], subgraph: int = 0) -> None:
        made = self.schema.SignatureDefT()
        made.signatureKey, made.subgraphIndex = key, subgraph
        made.inputs, made.outputs = [self._map(inputs), self._map(outputs)]
        self.signatures.append(made)

    def _map(self, names: Mapping[str, int]) -> list[Any]:
        found = []
        for name, index in names.items():
            made = self.schema.TensorMapT()
            made.name, made.tensorIndex = name, index
            found.append(made)
        return found

    def pack(self, *, behind: bool = False) -> bytes:
        """The file; with ``behind``, contents stand behind the FlatBuffer and are found by position."""
        if not behind:
            return self._packed(None)
        places = [2 for _ in self._buffers]
        end = len(self._packed(places))
        for i, data in enumerate(self._buffers):
            places[i] = -(-end // 16) * 16
            end = places[i] + len(data)
        file = bytearray(self._packed(places))
        for place, data in zip(places, self._buffers, strict=True):
            file += bytes(place - len(file)) + data
        return bytes(file)

    def _packed(self, places: Sequence[int] | None) -> bytes:
        import flatbuffers

        model = self.schema.ModelT()
        model.version, model.description = 3, "made by a test"
        model.operatorCodes = [self._code(*key) for key in self._codes]
        model.subgraphs = [self._graph(g) for g in self.subgraphs]
        model.buffers = [self._buffer(*each) for each in self._placed(places)]
        model.signatureDefs = self.signatures or None
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def _code(self, op: str, custom: str, version: int) -> Any:
        made = self.schema.OperatorCodeT()
        made.builtinCode = getattr(self.schema.BuiltinOperator, op)
        made.deprecatedBuiltinCode = min(made.builtinCode, 127)
        made.version = version
        made.customCode = custom or None
        return made

    def _graph(self, graph: Subgraph) -> Any:
        made = self.schema.SubGraphT()
        made.tensors, made.operators = graph.tensors, graph.operators
        made.inputs, made.outputs = graph.inputs, graph.outputs
        return made

    def _placed(self, places: Sequence[int] | None) -> zip[tuple[bytes, int]]:
        return zip(self._buffers, places or [0 for _ in self._buffers], strict=True)

    def _buffer(self, data: bytes, place: int) -> Any:
        made = self.schema.BufferT()
        if data and place:
            made.offset, made.size = place, len(data)
        elif data:
            made.data = np.frombuffer(data, np.uint8)
        return made


def registered(op: str, version: int = 1) -> bool:
    """Whether LiteRT has a kernel of a builtin op in a version."""
    from ai_edge_litert.interpreter import Interpreter

    model = Model()
    graph = model.subgraph()
    graph.outputs = [graph.input("x", (2,))]
    model.code(op, version=version)
    try:
        Interpreter(model_content=model.pack())
    except ValueError as error:
        assert "Didn't find op" in str(error), error
        return False
    return True
