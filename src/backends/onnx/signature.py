"""What the schema of an ONNX op says of element types: which it takes, and which come out.

A type is written as the IR writes it: ``f32``, ``seq(f32)``, ``optional(f32)``, ``optional(seq(f32))``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import onnx

from interlingua.formats.onnx import CODES
from interlingua.ir.dtypes import DType
from interlingua.ir.types import Optional, Tensor, Type
from interlingua.ir.types import Sequence as SequenceType

_NAMES = {onnx.TensorProto.DataType.Name(code).lower(): dtype for code, dtype in CODES.items()}
_TENSOR = re.compile(r"tensor\((\w+)\)")

TYPED_BY = ("to", "dtype", "output_dtype", "output_datatype")
"""Attributes that say the element type of a result that no operand determines."""


def short(name: str) -> str | None:
    """A type as schemas write it (``tensor(float)``), in the IR's own names; ``None`` for what the IR lacks."""
    found = _TENSOR.search(name)
    dtype = None if found is None else _NAMES.get(found[1])
    return None if found is None or dtype is None or "map" in name else name.replace(found[0], dtype.value)


def written(type_: Type) -> str:
    """A type of the IR, its shape left out."""
    if isinstance(type_, Tensor):
        return type_.dtype.value
    outer = {SequenceType: "seq", Optional: "optional"}[type(type_)]
    return f"{outer}({written(type_.element)})"


@dataclass(frozen=True, slots=True)
class Formal:
    """A formal parameter. ``type`` is the name of a type parameter or a type; ``variadic`` is whether it takes all that
    follow, ``mixed`` whether those may differ in type."""

    name: str
    type: str
    variadic: bool
    mixed: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """One version of one op.

    Attributes:
        since: the version of the op, which kernels are registered by.
        attributes: the defaults of attributes.
        body: the nodes that the op is a shorthand for, where ONNX defines it so.
        allowed: the types that each type parameter may stand for; one that is written out stands for itself.
    """

    op: str
    since: int
    inputs: tuple[Formal, ...]
    outputs: tuple[Formal, ...]
    allowed: Mapping[str, frozenset[str]]
    attributes: Mapping[str, Any]
    body: tuple[Any, ...] = ()

    def formal(self, index: int, *, output: bool = False) -> Formal | None:
        """The formal parameter of an actual one; ``None`` where it may be of any type or there is none."""
        formals = self.outputs if output else self.inputs
        if not formals:
            return None
        found = formals[min(index, len(formals) - 1)]
        return None if found.mixed or (index >= len(formals) and not found.variadic) else found

    def bind(self, types: Sequence[str | None], attributes: Mapping[str, Any]) -> dict[str, str]:
        """The type parameters as operands of ``types`` and the attributes determine them."""
        bound: dict[str, str] = {}
        for index, type_ in enumerate(types):
            formal = self.formal(index)
            if formal is not None and type_ is not None:
                # operands of one parameter that differ are integers for sizes and places
                bound[formal.type] = type_ if bound.get(formal.type, type_) == type_ else DType.I64.value
        if "reduction" in attributes:
            bound["reduction"] = attributes["reduction"]  # kernels differ in which of them they have
        said = self._said(attributes)
        for formal in self.outputs:
            if formal.type in bound or formal.mixed:
                continue
            options = self.allowed[formal.type]
            if len(options) == 1:
                bound[formal.type] = next(iter(options))
            elif said is not None:
                bound[formal.type] = f"seq({said})" if f"seq({said})" in options else said
            elif made := [o for t in bound.values() for o in (f"seq({t})", f"optional({t})") if o in options]:
                bound[formal.type] = made[0]
            elif held := [t.partition("(")[2][:-1] for t in bound.values() if "(" in t]:
                bound[formal.type] = held[0]
        return bound

    def retyped(
        self, attributes: dict[str, Any], wide: Mapping[str, str], code: Callable[[DType], int]
    ) -> dict[str, Any]:
        """The attributes for results in the wider types ``wide``."""
        inputs = {f.type for f in self.inputs}
        types = [wide[f.type] for f in self.outputs if f.type in wide and f.type not in inputs]
        name = next((n for n in TYPED_BY if n in attributes), None)
        return {**attributes, name: code(DType(types[0]))} if types and name else attributes

    def _said(self, attributes: Mapping[str, Any]) -> str | None:
        for name in TYPED_BY:
            code = attributes.get(name) or self.attributes.get(name)
            if code:
                return CODES[int(code)].value
        value = attributes.get("value")
        if hasattr(value, "dtype"):
            return DType.of(value).value
        if isinstance(attributes.get("type"), onnx.TypeProto):
            return f"optional({_held(attributes['type'])})"
        return _DEFAULT.get(self.op)

    def result(self, index: int, bound: Mapping[str, str]) -> str | None:
        """The type of an output, where it is determined."""
        formal = self.formal(index, output=True)
        return None if formal is None else bound.get(formal.type)


def _held(proto: Any) -> str:
    if proto.HasField("sequence_type"):
        return f"seq({_held(proto.sequence_type.elem_type)})"
    return CODES[proto.tensor_type.elem_type].value


_DEFAULT = {"QuantizeLinear": "u8", "SequenceEmpty": "seq(f32)", "ConstantOfShape": "f32"}
"""What comes out where neither an operand nor an attribute says it."""


@cache
def signature(op: str, opset: int, domain: str = "") -> Signature | None:
    """The signature of ``op`` in ``opset``; ``None`` where the domain has no such op in it."""
    schema: Any  # onnx's own annotations lack the function
    try:
        schema = onnx.defs.get_schema(op, opset, domain)
    except onnx.defs.SchemaError:
        return None
    allowed = {c.type_param_str: _known(c.allowed_type_strs) for c in schema.type_constraints}
    formals = [[_formal(p) for p in ports] for ports in (schema.inputs, schema.outputs)]
    for formal in (*formals[0], *formals[1]):
        allowed.setdefault(formal.type, _known([formal.type]))
    codes = {
        name: onnx.helper.get_attribute_value(a.default_value)
        for name, a in schema.attributes.items()
        if a.default_value.type
    }
    body = tuple(schema.function_body.node) if schema.has_function else ()
    return Signature(op, schema.since_version, tuple(formals[0]), tuple(formals[1]), allowed, codes, body)


def _known(names: Sequence[str]) -> frozenset[str]:
    return frozenset(found for found in map(short, names) if found is not None)


def _formal(parameter: Any) -> Formal:
    variadic = parameter.option == onnx.defs.OpSchema.FormalParameterOption.Variadic
    return Formal(parameter.name, parameter.type_str, variadic, variadic and not parameter.is_homogeneous)
