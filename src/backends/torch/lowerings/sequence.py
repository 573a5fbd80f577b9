"""Sequences are Python lists, and an optional is what it holds or ``None``."""

from __future__ import annotations

from interlingua.backends.lowering import Lowerings
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.functional import sequence as functional
from interlingua.backends.torch.lowerings.detours import BITS, rows
from interlingua.backends.torch.lowerings.shape import MOVED
from interlingua.ir.ops import sequence

TABLE = Lowerings()


@TABLE.lower(sequence.SequenceConstruct)
def construct(op: sequence.SequenceConstruct, ctx: Context, *xs: str) -> str:
    return f"[{', '.join(xs)}]"


@TABLE.lower(sequence.SequenceEmpty)
def empty(op: sequence.SequenceEmpty, ctx: Context) -> str:
    return "[]"


@TABLE.lower(sequence.SequenceInsert)
def insert(op: sequence.SequenceInsert, ctx: Context, xs: str, x: str, position: str = "None") -> str:
    if position == "None":
        return f"[*{xs}, {x}]"
    return ctx.call(functional.sequence_insert, [xs, x, ctx.integer(2)])


@TABLE.lower(sequence.SequenceErase)
def erase(op: sequence.SequenceErase, ctx: Context, xs: str, position: str = "None") -> str:
    if position == "None":
        return f"{xs}[:-1]"
    return ctx.call(functional.sequence_erase, [xs, ctx.integer(1)])


@TABLE.lower(sequence.SequenceAt)
def at(op: sequence.SequenceAt, ctx: Context, xs: str, position: str) -> str:
    return f"{xs}[{ctx.integer(1)}]"


@TABLE.lower(sequence.SequenceLength)
def length(op: sequence.SequenceLength, ctx: Context, xs: str) -> str:
    return f"torch.tensor(len({xs}))"


@rows(TABLE, sequence.SequenceConcat, native=MOVED)
def concat(op: sequence.SequenceConcat, ctx: Context, xs: str) -> str:
    return f"torch.{'stack' if op.new_axis else 'cat'}({xs}, dim={op.axis})"


@rows(TABLE, sequence.SequenceConcat, native=BITS.dtypes)
def concat_bits(op: sequence.SequenceConcat, ctx: Context, xs: str) -> str:
    there, back = ctx.dtype(BITS.dtypes[ctx.result().dtype]), ctx.dtype(ctx.result().dtype)
    name = "stack" if op.new_axis else "cat"
    return f"torch.{name}([x.view({there}) for x in {xs}], dim={op.axis}).view({back})"


@TABLE.lower(sequence.SequenceSplit)
def split(op: sequence.SequenceSplit, ctx: Context, x: str, sizes: str = "None") -> str:
    if sizes == "None":
        each = f"{x}.unbind(dim={op.axis})"
        return f"[y.unsqueeze({op.axis}) for y in {each}]" if op.keepdims else f"list({each})"
    return ctx.call(functional.sequence_split, [x, sizes], {"dim": op.axis})


@TABLE.lower(sequence.OptionalWrap, sequence.OptionalGet)
def same(op: sequence.OptionalWrap, ctx: Context, x: str) -> str:
    return x


@TABLE.lower(sequence.OptionalEmpty)
def nothing(op: sequence.OptionalEmpty, ctx: Context) -> str:
    return "None"


@TABLE.lower(sequence.OptionalHasElement)
def has_element(op: sequence.OptionalHasElement, ctx: Context, x: str) -> str:
    return f"torch.tensor({x} is not None)"
