"""ONNX models as files. What protobuf would hold several times over, the weights, goes from its handle to the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import onnx

from interlingua.formats.onnx import BY_DTYPE
from interlingua.ir.dtypes import DType
from interlingua.ir.weights import Weight

EMBED_LIMIT = 1 << 30
"""Weights of more bytes than this go to a file beside the model: readers hold 2 GiB at most, twice in memory."""
STREAM_LEAST = 1024
"""A weight of fewer bytes stays in the protobuf message: shapes and scalars are read by every tool."""
ALIGN = 4096
"""External weights start on a page, so that runtimes can map them."""

_GRAPH, _INITIALIZER, _RAW_DATA = 7, 5, 9
"""Numbers of ``ModelProto.graph``, ``GraphProto.initializer`` and ``TensorProto.raw_data`` in onnx.proto."""
_BYTES = 2
"""The wire type of what has a length."""


def write_model(proto: Any, weights: Mapping[str, Weight], path: Path) -> None:
    """Write the model and its weights; bytes of mapped weights go from file to file."""
    external = sum(w.nbytes for w in weights.values()) > EMBED_LIMIT
    beside = path.with_name(path.name + ".data")
    outside: list[tuple[int, Weight]] = []
    inside: list[tuple[Any, Weight]] = []
    end = 0
    for name, weight in weights.items():
        tensor = onnx.TensorProto(name=name, data_type=BY_DTYPE[weight.dtype], dims=weight.shape)
        if weight.nbytes < STREAM_LEAST or weight.dtype.bits < 8 or weight.dtype is DType.STRING:
            _embed(tensor, weight)
            proto.graph.initializer.append(tensor)
        elif not external:
            inside.append((tensor, weight))
        else:
            offset = -(-end // ALIGN) * ALIGN
            end = offset + weight.nbytes
            outside.append((offset, weight))
            tensor.data_location = onnx.TensorProto.EXTERNAL
            for key, value in (("location", beside.name), ("offset", str(offset)), ("length", str(weight.nbytes))):
                tensor.external_data.add(key=key, value=value)
            proto.graph.initializer.append(tensor)
    with path.open("wb") as file:
        _stream(proto, inside, file)
    if outside:
        with beside.open("wb") as file:
            for offset, weight in outside:
                file.write(b"\0" * (offset - file.tell()))
                weight.write_to(file)


def _stream(proto: Any, weights: Sequence[tuple[Any, Weight]], file: BinaryIO) -> None:
    """The model as protobuf encodes it, the graph last, and in it the initializers with the bytes of ``weights``."""
    rest = type(proto)()
    rest.CopyFrom(proto)
    rest.ClearField("graph")
    graph = proto.graph.SerializeToString(deterministic=True)
    heads = []
    for tensor, weight in weights:
        head = tensor.SerializeToString(deterministic=True) + _tag(_RAW_DATA) + _varint(weight.nbytes)
        heads.append(_tag(_INITIALIZER) + _varint(len(head) + weight.nbytes) + head)
    size = len(graph) + sum(len(head) + weight.nbytes for head, (_, weight) in zip(heads, weights, strict=True))
    file.write(rest.SerializeToString(deterministic=True) + _tag(_GRAPH) + _varint(size) + graph)
    for head, (_, weight) in zip(heads, weights, strict=True):
        file.write(head)
        weight.write_to(file)


def _tag(number: int) -> bytes:
    return _varint(number << 3 | _BYTES)


def _varint(value: int) -> bytes:
    """An unsigned integer, seven bits a byte, the lowest first."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _embed(tensor: Any, weight: Weight) -> None:
    view = weight.view()
    if weight.dtype is DType.STRING:
        tensor.string_data.extend(s.encode() if isinstance(s, str) else bytes(s) for s in view.ravel().tolist())
    elif weight.dtype.bits < 8:
        tensor.raw_data = _pack(view, weight.dtype.bits)
    else:
        tensor.raw_data = np.ascontiguousarray(view).tobytes()


def _pack(view: np.ndarray[Any, Any], bits: int) -> bytes:
    """Elements of less than a byte, the first in the lowest bits, as ONNX packs them."""
    per_byte = 8 // bits
    codes = view.ravel().view(np.uint8) & ((1 << bits) - 1)
    codes = np.concatenate([codes, np.zeros(-codes.size % per_byte, np.uint8)]).reshape(-1, per_byte)
    shifts = np.arange(per_byte, dtype=np.uint8) * np.uint8(bits)
    return bytes((codes << shifts).sum(axis=1).astype(np.uint8))
