"""Reading ONNX files: bytes become a checked ``ModelProto``, and nothing else happens.

No code of the model runs, no path leaves its folder, and no more is allocated than the file justifies.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from interlingua.errors import InvalidExternalData, InvalidModel, UsageError

_ADVICE = "fetch or export the model again"


@dataclass(frozen=True, slots=True)
class Source:
    """A checked model, where its weights lie, and what to call it in messages."""

    proto: Any
    folder: Path | None
    label: str


def read(source: Any) -> Source:
    """A path, the bytes of a model, or a ``ModelProto``.

    Raises:
        InvalidModel: it is no valid ONNX model.
        UsageError: it is none of the three, or no such file exists.
    """
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        if not path.is_file():
            raise UsageError(f"no file {path}", hint="give the path of an .onnx file")
        found = Source(_decode(path.read_bytes(), str(path)), path.resolve().parent, str(path))
    elif isinstance(source, bytes | bytearray | memoryview):
        found = Source(_decode(bytes(source), "bytes"), None, "bytes")
    elif isinstance(source, onnx.ModelProto):
        found = Source(source, None, "ModelProto")
    else:
        raise UsageError(f"{type(source).__name__} is no ONNX source", hint="give a path, bytes or a ModelProto")
    _check(found)
    return found


def _decode(data: bytes, label: str) -> Any:
    proto = onnx.ModelProto()
    try:
        proto.ParseFromString(data)
    except DecodeError as error:
        raise InvalidModel(f"not an ONNX file: {error}", where=label, hint=_ADVICE) from error
    if not proto.ir_version or not proto.HasField("graph"):
        raise InvalidModel("not an ONNX file: no IR version or no graph in it", where=label, hint=_ADVICE)
    return proto


def _check(source: Source) -> None:
    proto = source.proto
    newest = onnx.defs.onnx_opset_version()
    for opset in proto.opset_import:
        if opset.domain in ("", "ai.onnx") and not 1 <= opset.version <= newest:
            raise InvalidModel(
                f"the model asks for opset {opset.version}; this reader knows 1 to {newest}",
                where=source.label,
                hint="upgrade the onnx package" if opset.version > newest else _ADVICE,
            )
    try:
        _check_graphs(proto)
        onnx.checker.check_model(_without_data(proto))
    except (onnx.checker.ValidationError, ValueError, UnicodeDecodeError) as error:
        first = str(error).strip().splitlines()
        raise InvalidModel(f"not a valid model: {first[0] if first else error!r}", where=source.label, hint=_ADVICE) from error


def _without_data(proto: Any) -> Any:
    """The model for the checker, which would look for external files in the current folder: they are judged here."""
    if not any(t.data_location == onnx.TensorProto.EXTERNAL for g in graphs(proto.graph) for t in tensors(g)):
        return proto
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    for graph in graphs(copy.graph):
        for tensor in tensors(graph):
            if tensor.data_location == onnx.TensorProto.EXTERNAL:
                tensor.ClearField("external_data")
                tensor.ClearField("data_location")
                tensor.ClearField("dims")
                tensor.dims.append(0)
    return copy


def tensors(graph: Any) -> Iterator[Any]:
    """The tensors that a graph holds itself: weights, and attributes of its nodes."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors


def graphs(graph: Any) -> Iterator[Any]:
    """``graph`` and every graph inside it, parents first."""
    stack = [graph]
    while stack:
        current = stack.pop()
        yield current
        for node in current.node:
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    stack.append(attribute.g)
                stack.extend(attribute.graphs)


def _check_graphs(proto: Any) -> None:
    for graph in graphs(proto.graph):
        for kind in (graph.input, graph.output, graph.initializer):
            names = [item.name for item in kind]
            if len(set(names)) != len(names):
                double = next(n for n in names if names.count(n) > 1)
                raise InvalidModel(f"the name {double!r} stands twice among the inputs, outputs or weights of a graph", hint=_ADVICE)


def external_file(folder: Path | None, location: str, label: str) -> Path:
    """The file of an external weight, which must lie in the model's folder.

    Raises:
        InvalidExternalData: it is absolute, leads outside (also by a link), or is missing.
    """
    if folder is None:
        raise InvalidExternalData(
            "the model keeps weights in a file beside it, but was not loaded from a file", where=label, hint="load it by its path"
        )
    path = Path(location)
    if not location or path.is_absolute() or ".." in path.parts or "\\" in location or "\0" in location:
        raise InvalidExternalData(f"the external file {location!r} lies outside the model's folder", where=label, hint=_ADVICE)
    resolved = (folder / path).resolve()
    if not resolved.is_relative_to(folder.resolve()):
        raise InvalidExternalData(f"the external file {location!r} is a link out of the model's folder", where=label, hint=_ADVICE)
    if not resolved.is_file():
        raise InvalidExternalData(f"the external file {location!r} is missing", where=str(folder), hint="put it beside the model")
    return resolved
