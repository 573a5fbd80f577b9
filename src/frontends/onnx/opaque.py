"""Nodes of domains that have no translation, kept as they are: :class:`~interlingua.ir.ops.opaque.Opaque`.

What a node gives is typed by the model (the ``value_info`` of its outputs), else by the schema of the op, where the
onnx package has one; a node of which neither tells the element type cannot be kept.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import onnx

from interlingua.errors import InvalidModel
from interlingua.formats.onnx import BY_DTYPE, dtype_of
from interlingua.frontends.onnx.interface import type_of
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.ir.builder import Builder
from interlingua.ir.dims import UNKNOWN, Dim, DimLike
from interlingua.ir.graph import Value
from interlingua.ir.ops.opaque import Opaque
from interlingua.ir.text.printer import format_type
from interlingua.ir.types import Tensor, Type
from interlingua.ir.weights import ArrayWeight, Weight

NO_TRANSLATION = "no translation"


def keep(n: OnnxNode, b: Builder, domain: str, declared: Sequence[Type | None]) -> Sequence[Value]:
    """The node as it is; ``declared`` are the types that the model states of its outputs."""
    tensors: list[Weight] = []
    settings = {name: _setting(n, name, value, tensors) for name, value in n.attributes.items()}
    inferred = _inferred(n, domain)
    results = []
    for index, stated in enumerate(declared):
        type_ = stated or (inferred[index] if index < len(inferred) else None)
        if type_ is None and n.wants(index):
            n.unsupported(NO_TRANSLATION)  # nothing says of what type the output is
        results.append(format_type(type_) if type_ is not None and n.wants(index) else "")
    text = json.dumps(settings, sort_keys=True, allow_nan=True)
    return b.add_all(Opaque(domain, n.op, n.version, tuple(results), text, tuple(tensors)), *n.operands)


def declared_type(info: Any, symbols: Collection[str]) -> Type | None:
    """What a ``ValueInfoProto`` (or none) states of a tensor, dims named where they are those of an input."""
    if info is None or not info.type.HasField("tensor_type"):
        return None
    stated = type_of(info.type)
    if not isinstance(stated, Tensor) or stated.shape is None:
        return stated
    return stated.with_shape([_dim(d, symbols) for d in stated.shape])


def _dim(dim: DimLike, symbols: Collection[str]) -> DimLike:
    known = not isinstance(dim, Dim) or all(s.name in symbols for s in dim.symbols)
    return dim if known else UNKNOWN


def _setting(n: OnnxNode, name: str, value: Any, tensors: list[Weight]) -> Any:
    if isinstance(value, np.ndarray | Weight):
        tensors.append(value if isinstance(value, Weight) else ArrayWeight(value))
        return {"tensor": len(tensors) - 1}
    if isinstance(value, tuple):
        return [_setting(n, name, v, tensors) for v in value]
    if not isinstance(value, int | float | str):
        n.unsupported(NO_TRANSLATION)
    return value


def _inferred(n: OnnxNode, domain: str) -> list[Type | None]:
    """What the op's schema says: its own inference, or the one type that an output may have."""
    try:
        schema = onnx.defs.get_schema(n.op, max_inclusive_version=n.version, domain=domain)
    except onnx.defs.SchemaError:
        return []
    found = _by_inference(n, schema, domain)
    allowed = [sorted(o.types) for o in schema.outputs]
    alone = [_alone(types) for types in allowed]
    return [found.get(name) or (alone[min(i, len(alone) - 1)] if alone else None) for i, name in enumerate(n.outputs)]


def _by_inference(n: OnnxNode, schema: Any, domain: str) -> Mapping[str, Type]:
    names = [f"operand {i}" if v is not None else "" for i, v in enumerate(n.operands)]
    simple: dict[str, Any] = {k: v for k, v in n.attributes.items() if isinstance(v, int | float | str | tuple)}
    node = onnx.helper.make_node(n.op, names, n.outputs, domain=domain, **simple)
    known = {
        name: onnx.helper.make_tensor_type_proto(BY_DTYPE[v.type.dtype], _sizes(v.type))
        for name, v in zip(names, n.operands, strict=True)
        if v is not None and isinstance(v.type, Tensor)
    }
    try:
        found = onnx.shape_inference.infer_node_outputs(schema, node, known)
        return {name: _ranked(proto) for name, proto in found.items() if proto.WhichOneof("value") == "tensor_type"}
    except (onnx.shape_inference.InferenceError, onnx.checker.ValidationError, RuntimeError, ValueError, InvalidModel):
        return {}


def _ranked(proto: Any) -> Type:
    """The element type and the rank: what the inference of some ops says of dims is not so."""
    type_ = type_of(proto)
    known = isinstance(type_, Tensor) and type_.shape is not None
    return type_.with_shape([UNKNOWN] * type_.rank) if known and isinstance(type_, Tensor) else type_


def _sizes(type_: Tensor) -> list[int | None] | None:
    return None if type_.shape is None else [d if isinstance(d, int) else None for d in type_.shape]


def _alone(types: Sequence[str]) -> Type | None:
    if len(types) != 1 or not types[0].startswith("tensor("):
        return None
    code = getattr(onnx.TensorProto, types[0].removeprefix("tensor(").removesuffix(")").upper(), None)
    return None if code is None else Tensor(dtype_of(code), None)
