"""Sequences and optionals."""

from __future__ import annotations

from typing import Any

import onnx

from interlingua.backends.lowering import Lowerings, filled, since
from interlingua.backends.onnx.context import Context
from interlingua.ir.op import Op
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
)

TABLE = Lowerings()

NAMES: dict[type[Op], str] = {
    SequenceConstruct: "SequenceConstruct",
    SequenceInsert: "SequenceInsert",
    SequenceErase: "SequenceErase",
    SequenceAt: "SequenceAt",
    SequenceLength: "SequenceLength",
    OptionalWrap: "Optional",
    OptionalHasElement: "OptionalHasElement",
    OptionalGet: "OptionalGetElement",
}


@TABLE.lower(SequenceConstruct, SequenceInsert, SequenceErase, SequenceAt, SequenceLength)
def plain(op: Op, ctx: Context, *operands: Any) -> Any:
    return ctx.emit(NAMES[type(op)], *operands)


@TABLE.lower(OptionalWrap, OptionalHasElement, OptionalGet, when=[since(15)])
def optional(op: Op, ctx: Context, x: Any) -> Any:
    return ctx.emit(NAMES[type(op)], x)


@TABLE.lower(OptionalEmpty, when=[since(15)])
def nothing(op: OptionalEmpty, ctx: Context) -> Any:
    held = onnx.helper.make_tensor_type_proto(ctx.code(op.dtype), None)
    return ctx.emit("Optional", type=onnx.helper.make_sequence_type_proto(held) if op.sequence else held)


@TABLE.lower(SequenceEmpty)
def empty(op: SequenceEmpty, ctx: Context) -> Any:
    return ctx.emit("SequenceEmpty", dtype=ctx.code(op.dtype))


@TABLE.lower(SequenceConcat)
def concat(op: SequenceConcat, ctx: Context, sequence: Any) -> Any:
    return ctx.emit("ConcatFromSequence", sequence, axis=op.axis, new_axis=op.new_axis)


@TABLE.lower(SequenceSplit, when=[filled()])
def split(op: SequenceSplit, ctx: Context, x: Any, sizes: Any = None) -> Any:
    # with sizes, the axis is kept whatever is said, which ONNX Runtime does not know
    return ctx.emit("SplitToSequence", x, sizes, axis=op.axis, keepdims=op.keepdims if sizes is None else None)
