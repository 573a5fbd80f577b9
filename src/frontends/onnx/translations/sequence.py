"""Sequence*, SplitToSequence, ConcatFromSequence, SequenceMap, Optional*."""

from __future__ import annotations

from collections.abc import Sequence as Seq

from interlingua.frontends.onnx.interface import type_of
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.control import Call, While
from interlingua.ir.ops.sequence import (
    OptionalEmpty,
    OptionalGet,
    OptionalHasElement,
    OptionalWrap,
    SequenceAt,
    SequenceConcat,
    SequenceConstruct,
    SequenceEmpty,
    SequenceErase,
    SequenceInsert,
    SequenceLength,
    SequenceSplit,
    anonymous,
)
from interlingua.ir.types import Optional, Sequence, Tensor

TABLE = Table()


@TABLE.translate("SequenceConstruct", 11)
def construct(n: OnnxNode, b: Builder) -> Value:
    return b(SequenceConstruct(), *(n[i] for i in range(len(n))))


@TABLE.translate("SequenceEmpty", 11)
def empty(n: OnnxNode, b: Builder) -> Value:
    return b(SequenceEmpty(dtype=n.dtype("dtype", DType.F32)))


@TABLE.translate("SequenceInsert", 11)
def insert(n: OnnxNode, b: Builder) -> Value:
    return b(SequenceInsert(), n[0], n[1], n.get(2))


@TABLE.translate("SequenceErase", 11)
def erase(n: OnnxNode, b: Builder) -> Value:
    return b(SequenceErase(), n[0], n.get(1))


@TABLE.translate("SequenceAt", 11)
def at(n: OnnxNode, b: Builder) -> Value:
    return b(SequenceAt(), n[0], n[1])


@TABLE.translate("SequenceLength", 11)
def length(n: OnnxNode, b: Builder) -> Value:
    return b(SequenceLength(), n[0])


@TABLE.translate("ConcatFromSequence", 11)
def concat(n: OnnxNode, b: Builder) -> Value:
    return b(SequenceConcat(axis=n.required("axis"), new_axis=bool(n.attr("new_axis", 0))), n[0])


@TABLE.translate("SplitToSequence", 11, 24)
def split(n: OnnxNode, b: Builder) -> Value:
    return b(SequenceSplit(axis=n.attr("axis", 0), keepdims=bool(n.attr("keepdims", 1))), n[0], n.get(1))


@TABLE.translate("SequenceMap", 17)
def sequence_map(n: OnnxNode, b: Builder) -> Seq[Value]:
    """A loop over the length of the first sequence; operands that are tensors go to every step whole."""
    operands = [n[i] for i in range(len(n))]
    formal = [anonymous(v.type.element) if isinstance(v.type, Sequence) else v.type for v in operands]
    mapped, captured = n.region("body", b, formal)
    results = [out.tensor.dtype for out in mapped.outputs]
    inner = b.region("map")
    step, going = inner.input(Tensor(DType.I64, ())), inner.input(Tensor(DType.BOOL, ()))
    state = [inner.input(Sequence(Tensor(dtype, None))) for dtype in results]
    outside = [inner.input(v.type) for v in (*operands, *captured)]
    rest = outside[len(operands) :]
    taken = [
        inner(SequenceAt(), v, step) if isinstance(v.type, Sequence) else v for v in outside[: len(operands)]
    ]
    found = inner.add_all(Call(callee="map"), *taken, *rest, regions=(mapped,))
    grown = [inner(SequenceInsert(), s, x) for s, x in zip(state, found, strict=True)]
    body = inner.outputs([going, *grown])
    count = b(SequenceLength(), operands[0])
    initial = [b(SequenceEmpty(dtype=dtype)) for dtype in results]
    loop = While(len(initial), 0)
    return b.add_all(loop, count, b.constant(True), *initial, *operands, *captured, regions=(body,))


@TABLE.translate("Optional", 15, 28)
def optional(n: OnnxNode, b: Builder) -> Value:
    """Without an operand, its attribute says what it could hold."""
    if n.get(0) is not None:
        return b(OptionalWrap(), n[0])
    held = type_of(n.required("type"))
    element = held.element if isinstance(held, Sequence) else held
    if not isinstance(element, Tensor):
        n.unsupported(f"an empty optional of {held}")
    return b(OptionalEmpty(dtype=element.dtype, sequence=isinstance(held, Sequence)))


@TABLE.translate("OptionalHasElement", 15, 18, 28)
def has_element(n: OnnxNode, b: Builder) -> Value:
    """Since opset 18 an operand that is left out holds nothing, and one that is no optional something."""
    value = n.get(0)
    if value is not None and isinstance(value.type, Optional):
        return b(OptionalHasElement(), value)
    return b.constant(value is not None)


@TABLE.translate("OptionalGetElement", 15, 18, 28)
def get_element(n: OnnxNode, b: Builder) -> Value:
    return b(OptionalGet(), n[0]) if isinstance(n[0].type, Optional) else n[0]
