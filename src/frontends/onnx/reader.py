"""Reading ONNX files: bytes become a checked ``ModelProto``, and nothing else happens.

No code of the model runs, no path leaves its folder, and no more is allocated than the file justifies.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError, EncodeError

from interlingua.errors import InvalidExternalData, InvalidModel, UsageError
from interlingua.frontends.onnx.body import Body, read_bodies
from interlingua.frontends.onnx.structure import check_functions, check_names

_ADVICE = "fetch or export the model again"
_UPGRADE = "upgrade the onnx package"
_DEFAULT_DOMAINS = ("", "ai.onnx")
_UNCHECKED = "interlingua.unchecked"
"""A domain of which the checker knows nothing."""


@dataclass(frozen=True, slots=True)
class Source:
    """A checked model, its file, what to call it in messages, and its graphs, the main one first."""

    proto: Any
    path: Path | None
    label: str
    bodies: list[Body]

    @property
    def folder(self) -> Path | None:
        """Where its weights lie: beside the file itself, where ``path`` is a link to it."""
        return None if self.path is None else self.path.resolve().parent


def read(source: Any) -> Source:
    """A path, the bytes of a model, or a ``ModelProto``.

    Raises:
        InvalidModel: it is no valid ONNX model.
        UsageError: it is none of the three, or no such file exists.
    """
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        return _read(_bytes_of(path), path.absolute(), str(path))
    if isinstance(source, bytes | bytearray | memoryview):
        return _read(bytes(source), None, "bytes")
    if isinstance(source, onnx.ModelProto):
        _check_parts(source, "ModelProto")
        return Source(source, None, "ModelProto", _checked(source, None, "ModelProto"))
    raise UsageError(f"{type(source).__name__} is no ONNX source", hint="give a path, bytes or a ModelProto")


def _read(data: bytes, path: Path | None, label: str) -> Source:
    proto = _decode(data, label)
    return Source(proto, path, label, _checked(proto, data, label))


def _bytes_of(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a folder", hint="give the path of an .onnx file")
        if not path.is_file():
            raise UsageError(f"no file {path}", hint="give the path of an .onnx file")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{str(path)!r} cannot be read: {error}", hint="give the path of a readable .onnx file"
        ) from error


def _decode(data: bytes, label: str) -> Any:
    if not data:
        raise InvalidModel("not an ONNX file: it is empty", where=label, hint=_ADVICE)
    proto = onnx.ModelProto()
    try:
        proto.ParseFromString(data)
    except DecodeError as error:
        raise InvalidModel(
            f"not an ONNX file: it is damaged, or nests deeper than protobuf reads ({error})", where=label, hint=_ADVICE
        ) from error
    _check_parts(proto, label)
    return proto


def _check_parts(proto: Any, label: str) -> None:
    said = [proto.producer_name, proto.producer_version, proto.doc_string]
    said += [word for p in proto.metadata_props for word in (p.key, p.value)]
    if not all(isinstance(word, str) for word in (*said, *(o.domain for o in proto.opset_import))):
        raise InvalidModel("its metadata is not UTF-8", where=label, hint=_ADVICE)
    if not proto.ir_version or not proto.HasField("graph"):
        raise InvalidModel("not an ONNX file: no IR version or no graph in it", where=label, hint=_ADVICE)


def _checked(proto: Any, data: bytes | None, label: str) -> list[Body]:
    """The graphs of the model, which the checker of the onnx package has seen; ``data`` are its bytes where they are at
    hand, which saves to write them again for the checker."""
    _check_versions(proto, label)
    found = read_bodies(proto, label)
    check_functions(proto, label)
    check_names(found, label)
    try:
        changed = _for_checker(proto, found)
        onnx.checker.check_model(data if changed is None and data is not None else changed or proto)
    except (onnx.checker.ValidationError, ValueError, RuntimeError, EncodeError, DecodeError) as error:
        said = " ".join(str(error).split()) or repr(error)
        raise InvalidModel(f"not a valid model: {said[:300]}", where=label, hint=_ADVICE) from error
    return found


def _check_versions(proto: Any, label: str) -> None:
    if not 1 <= proto.ir_version <= onnx.IR_VERSION:
        raise InvalidModel(
            f"the model is of IR version {proto.ir_version}; this reader knows 1 to {int(onnx.IR_VERSION)}",
            where=label,
            hint=_UPGRADE if proto.ir_version > onnx.IR_VERSION else _ADVICE,
        )
    newest = onnx.defs.onnx_opset_version()
    seen: dict[str, int] = {}
    for opset in proto.opset_import:
        domain = "" if opset.domain in _DEFAULT_DOMAINS else opset.domain
        if domain == "" and not 1 <= opset.version <= newest:
            raise InvalidModel(
                f"the model asks for opset {opset.version}; this reader knows 1 to {newest}",
                where=label,
                hint=_UPGRADE if opset.version > newest else _ADVICE,
            )
        if not 0 <= opset.version < 1 << 31:
            raise InvalidModel(f"version {opset.version} of domain {domain!r} cannot be", where=label, hint=_ADVICE)
        if seen.setdefault(domain, opset.version) != opset.version:
            raise InvalidModel(
                f"the model imports domain {domain or 'ai.onnx'!r} in the versions {seen[domain]} and {opset.version}",
                where=label,
                hint=_ADVICE,
            )


def _for_checker(proto: Any, found: list[Body]) -> Any:
    """The model as the checker takes it, where that is another one: it would look for external files in the current
    folder, which are judged here, would have every input and output of the graph say its rank, which exporters and
    runtimes do not, and would stop at the first op without a schema, where the importer names all that it does not
    know."""
    external = onnx.TensorProto.EXTERNAL
    kept_outside = any(t.data_location == external for body in found for t in body.tensors)
    foreign = _without_schema(proto, found)
    if not kept_outside and not foreign and not any(_unranked(info) for info in _interface(proto)):
        return None
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    for body in read_bodies(copy) if kept_outside or foreign else ():
        for node in body.proto.node if foreign else ():
            if node.domain in _DEFAULT_DOMAINS and node.op_type in foreign:
                node.domain = _UNCHECKED
        for tensor in body.tensors:
            if tensor.data_location == external:
                tensor.ClearField("external_data")
                tensor.ClearField("data_location")
                tensor.ClearField("dims")
                tensor.dims.append(0)
    for imports in (copy, *copy.functions) if foreign else ():
        imports.opset_import.add(domain=_UNCHECKED, version=1)
    for info in _interface(copy):
        if _unranked(info):
            info.type.tensor_type.shape.SetInParent()
    return copy


def _without_schema(proto: Any, found: list[Body]) -> set[str]:
    """Ops of ONNX's domain that it does not have at the model's opset: withdrawn or deprecated ones, which old models
    hold and runtimes still take, and those that ONNX Runtime's optimiser puts there."""
    opset = next((o.version for o in proto.opset_import if o.domain in _DEFAULT_DOMAINS), 1)
    used = {n.op for body in found for n in body.nodes if n.domain in _DEFAULT_DOMAINS}
    return {op for op in used - {f.name for f in proto.functions} if _retired(op, opset)}


@lru_cache(maxsize=4096)
def _retired(op: str, opset: int) -> bool:
    try:
        return bool(onnx.defs.get_schema(op, max_inclusive_version=opset, domain="").deprecated)
    except onnx.defs.SchemaError:
        return True


def _interface(proto: Any) -> list[Any]:
    return [*proto.graph.input, *proto.graph.output]


def _unranked(info: Any) -> bool:
    return info.type.HasField("tensor_type") and not info.type.tensor_type.HasField("shape")


def external_file(folder: Path | None, location: str, label: str) -> Path:
    """The file of an external weight, which must lie in the model's folder.

    Raises:
        InvalidExternalData: it is absolute, leads outside (also by a link), or is missing.
    """
    if folder is None:
        raise InvalidExternalData(
            "the model keeps weights in a file beside it, but was not loaded from a file",
            where=label,
            hint="load it by its path",
        )
    path = Path(location)
    if not location or path.is_absolute() or ".." in path.parts or "\\" in location or "\0" in location:
        raise InvalidExternalData(
            f"the external file {location!r} lies outside the model's folder", where=label, hint=_ADVICE
        )
    try:
        resolved = (folder / path).resolve()
        inside, there = resolved.is_relative_to(folder.resolve()), resolved.is_file()
    except (OSError, RuntimeError, ValueError) as error:
        raise InvalidExternalData(
            f"the external file {location!r} cannot be: {error}", where=label, hint=_ADVICE
        ) from error
    if not inside:
        raise InvalidExternalData(
            f"the external file {location!r} is a link out of the model's folder", where=label, hint=_ADVICE
        )
    if not there:
        raise InvalidExternalData(
            f"the external file {location!r} is missing", where=str(folder), hint="put it beside the model"
        )
    return resolved
