"""Reading ``.tflite`` files: bytes become checked records, and nothing else happens.

Whatever one record says of another (tensors of operators, buffers of tensors, subgraphs of signatures) is known to be
there. No buffer is looked at: a weight is a place in the file.
"""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interlingua.errors import InterlinguaError, InvalidModel, UsageError
from interlingua.formats.litert import IDENTIFIER
from interlingua.frontends.litert.flatbuffer import File, Table
from interlingua.frontends.litert.schema import fields, names

VERSION = 3
ABSENT = -1
"""What an operator names in the place of a tensor that it leaves out."""
_GREATER = 127
"""The old field of an op's code, a byte, says that the new one is to be read."""
_ADVICE = "fetch or export the model again"


@dataclass(frozen=True, slots=True)
class Quantization:
    """``real = scale * (level - zero_point)``: one pair, or one a slice of ``axis``. ``exotic`` is any other kind."""

    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    axis: int
    exotic: str = ""


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """A tensor as the file declares it; ``shape`` has -1 where a dim is open. ``data`` is where its contents lie: from
    where, and how many bytes; ``None`` where it is computed."""

    index: int
    name: str
    code: int
    shape: tuple[int, ...]
    data: tuple[int, int] | None
    variable: bool
    quantization: Quantization | None
    sparse: bool
    ranked: bool
    """Whether a shape of no dims is one."""

    @property
    def rank(self) -> int | None:
        """How many dims are declared; ``None`` where that is left open."""
        return len(self.shape) if self.shape or self.ranked else None

    def __str__(self) -> str:
        return repr(self.name) if self.name else f"tensor {self.index}"


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator; ``op`` is the name of its builtin code, ``custom`` that of a custom op."""

    index: int
    op: str
    custom: str
    version: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options_type: str
    options: Table | None
    custom_options: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Subgraph:
    """One graph of a model; its operators are in the order in which they run."""

    name: str
    tensors: tuple[TensorInfo, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    operators: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """A door into a subgraph: names of tensors, in the order of the subgraph."""

    key: str
    subgraph: int
    inputs: tuple[tuple[str, int], ...]
    outputs: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A checked model, its file, its bytes, and what to call it in messages."""

    subgraphs: tuple[Subgraph, ...]
    signatures: tuple[Signature, ...]
    description: str
    path: Path | None
    file: File

    @property
    def label(self) -> str:
        return self.file.label


def read(source: Any) -> Source:
    """A path, or the bytes of a model.

    Raises:
        InvalidModel: it is no valid LiteRT model.
        UsageError: it is neither, or no such file exists.
    """
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        return _Reader(File(_mapped(path), str(path)), path.absolute()).model()
    if isinstance(source, bytes | bytearray | memoryview):
        return _Reader(File(memoryview(bytes(source)), "bytes"), None).model()
    raise UsageError(f"{type(source).__name__} is no LiteRT source", hint="give a path or bytes")


def _mapped(path: Path) -> memoryview:
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "is no file"
            raise UsageError(f"{path} {what}", hint="give the path of a .tflite file")
        with path.open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                return memoryview(b"")
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{str(path)!r} cannot be read: {error}", hint="give the path of a readable .tflite file"
        ) from error


class _Reader:
    def __init__(self, file: File, path: Path | None) -> None:
        self.file = file
        self.path = path

    def model(self) -> Source:
        data = self.file.data
        if not data:
            raise InvalidModel("not a LiteRT file: it is empty", where=self.file.label, hint=_ADVICE)
        if bytes(data[4:8]) != IDENTIFIER:
            raise InvalidModel("not a LiteRT file: no TFL3 at byte 4", where=self.file.label, hint=_ADVICE)
        try:
            return self._model()
        except InterlinguaError as error:
            error.where = error.where or self.file.label
            raise

    def _model(self) -> Source:
        root = self.file.table(self.file.number(0, "u32"), fields("Model"))
        version = root.scalar("version")
        if version != VERSION:
            raise self.file.damaged(f"schema version {version}; this reader knows {VERSION}")
        codes = [self._code(t) for t in root.children("operator_codes", fields("OperatorCode"))]
        buffers = [self._contents(t, "data", "offset", "size") for t in root.children("buffers", fields("Buffer"))]
        graphs = root.children("subgraphs", fields("SubGraph"))
        subgraphs = tuple(self._subgraph(t, codes, buffers) for t in graphs)
        if not subgraphs:
            raise self.file.damaged("there is no subgraph")
        doors = root.children("signature_defs", fields("SignatureDef"))
        signatures = tuple(self._signature(t, subgraphs) for t in doors)
        keys = [s.key for s in signatures]
        if len(set(keys)) < len(keys):
            raise self.file.damaged(f"two signatures are called the same: {keys}")
        return Source(subgraphs, signatures, root.text("description"), self.path, self.file)

    def _code(self, table: Table) -> tuple[str, str, int]:
        old, new = table.scalar("deprecated_builtin_code"), table.scalar("builtin_code")
        code = new if old == _GREATER else max(old, new)
        op = names("BuiltinOperator").get(code, f"builtin op {code}")
        return op, table.text("custom_code"), table.scalar("version")

    def _contents(self, table: Table, inside: str, offset: str, size: str) -> tuple[int, int] | None:
        """Bytes that stand in the FlatBuffer, or behind it from an offset on, where it is too large for that."""
        found = table.span(inside)
        if found is not None or table.scalar(offset) <= 1:
            return found
        start, count = table.scalar(offset), table.scalar(size)
        if start + count > len(self.file.data):
            raise self.file.damaged(f"{count} bytes at {start} are beyond its end at {len(self.file.data)}")
        return start, count

    def _subgraph(self, table: Table, codes: list[Any], buffers: list[Any]) -> Subgraph:
        name = table.text("name")
        found = table.children("tensors", fields("Tensor"))
        tensors = tuple(self._tensor(i, t, buffers) for i, t in enumerate(found))
        inputs, outputs = (self._places(table, which, len(tensors)) for which in ("inputs", "outputs"))
        if ABSENT in (*inputs, *outputs):
            raise self.file.damaged(f"subgraph {name!r} leaves out a tensor of its interface")
        nodes = table.children("operators", fields("Operator"))
        operators = tuple(self._operator(i, t, codes, len(tensors)) for i, t in enumerate(nodes))
        return Subgraph(name, tensors, inputs, outputs, operators)

    def _places(self, table: Table, name: str, count: int) -> tuple[int, ...]:
        places = table.vector(name, "i32")
        bad = next((p for p in places if not ABSENT <= p < count), None)
        if bad is not None:
            raise self.file.damaged(f"tensor {bad} is named, of {count}")
        return places

    def _tensor(self, index: int, table: Table, buffers: list[Any]) -> TensorInfo:
        name, buffer = table.text("name"), table.scalar("buffer")
        if buffer >= len(buffers):
            raise self.file.damaged(f"tensor {name!r} has buffer {buffer}, of {len(buffers)}")
        if table.scalar("external_buffer"):
            raise self.file.damaged(f"tensor {name!r} has a buffer outside of the file, which is not read")
        shape, signature = table.vector("shape", "i32"), table.vector("shape_signature", "i32")
        if signature and len(signature) != len(shape):
            raise self.file.damaged(f"tensor {name!r} has the shape {list(shape)} and {list(signature)}")
        dims = signature or shape
        if any(d < -1 for d in dims):
            raise self.file.damaged(f"tensor {name!r} has a negative dim: {list(dims)}")
        quantized = table.child("quantization", fields("QuantizationParameters"))
        return TensorInfo(
            index,
            name,
            table.scalar("type"),
            dims,
            buffers[buffer] if buffer else None,
            bool(table.scalar("is_variable")),
            None if quantized is None else self._quantization(name, quantized),
            table.child("sparsity", fields("SparsityParameters")) is not None,
            bool(table.scalar("has_rank")),
        )

    def _quantization(self, name: str, table: Table) -> Quantization | None:
        scales, zeros = table.vector("scale", "f32"), table.vector("zero_point", "i64")
        kind = names("QuantizationDetails").get(table.scalar("details_type"), "an unknown kind")
        exotic = "" if kind == "NONE" else kind
        if not scales and not exotic:
            return None
        if len(zeros) == 1 < len(scales):
            zeros = zeros * len(scales)
        if zeros and len(zeros) != len(scales):
            raise self.file.damaged(f"tensor {name!r} has {len(scales)} scales and {len(zeros)} zero points")
        return Quantization(scales, zeros or (0,) * len(scales), table.scalar("quantized_dimension"), exotic)

    def _operator(self, index: int, table: Table, codes: list[Any], count: int) -> Operator:
        which = table.scalar("opcode_index")
        if which >= len(codes):
            raise self.file.damaged(f"operator {index} has code {which}, of {len(codes)}")
        op, custom, version = codes[which]
        kind, options = self._options(table, "builtin_options", "BuiltinOptions")
        if options is None:
            kind, options = self._options(table, "builtin_options2", "BuiltinOptions2")
        inputs, outputs = (self._places(table, side, count) for side in ("inputs", "outputs"))
        own = self._contents(table, "custom_options", "large_custom_options_offset", "large_custom_options_size")
        return Operator(index, op, custom, version, inputs, outputs, kind, options, own)

    def _options(self, table: Table, name: str, union: str) -> tuple[str, Table | None]:
        code = table.scalar(f"{name}_type")
        kind = names(union).get(code)
        if kind is None:
            raise self.file.damaged(f"{code} is no {union} that is known here")
        return kind, None if kind == "NONE" else table.child(name, fields(kind))

    def _signature(self, table: Table, subgraphs: tuple[Subgraph, ...]) -> Signature:
        key, index = table.text("signature_key"), table.scalar("subgraph_index")
        if index >= len(subgraphs):
            raise self.file.damaged(f"signature {key!r} is of subgraph {index}, of {len(subgraphs)}")
        graph = subgraphs[index]
        inputs, outputs = (self._named(table, side, key, getattr(graph, side)) for side in ("inputs", "outputs"))
        return Signature(key, index, inputs, outputs)

    def _named(self, table: Table, side: str, key: str, places: tuple[int, ...]) -> tuple[tuple[str, int], ...]:
        found = [(t.text("name"), t.scalar("tensor_index")) for t in table.children(side, fields("TensorMap"))]
        called = [name for name, _ in found]
        if len(set(called)) < len(called) or any(index not in places for _, index in found):
            raise self.file.damaged(f"the {side} of signature {key!r} are not those of its subgraph")
        return tuple(sorted(found, key=lambda item: places.index(item[1])))
