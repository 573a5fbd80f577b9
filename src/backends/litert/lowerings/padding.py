"""Padding: constant by LiteRT's kernels, the other modes by where each element comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.ranks import Groups, apart, fitting, merged_shape
from interlingua.backends.lowering import Condition, Lowerings, ranked
from interlingua.ir.dims import UNKNOWN, DimLike
from interlingua.ir.graph import Node
from interlingua.ir.ops.shape import Pad

TABLE = Lowerings()


def _known(node: Node, _: Any) -> bool:
    return node.operand(1).tensor.known() is not None


def _constant(node: Node, _: Any) -> bool:
    return bool(node.op.attributes()["mode"] == "constant")


def _mirrors(node: Node, _: Any) -> bool:
    """Whether no pad is longer than what it reflects, or shorter than nothing."""
    known, shape = node.operand(1).tensor.known(), node.operand(0).tensor.dims
    if known is None or node.op.attributes()["mode"] != "reflect":
        return False
    return all(p == 0 or (isinstance(d, int) and 0 <= p < d) for p, d in zip(known, shape * 2, strict=True))


KNOWN = Condition("the amounts are not known", _known)
CONSTANT = Condition("it repeats what is there", _constant)


@TABLE.lower(Pad, when=[ranked(), KNOWN, CONSTANT])
def pad(op: Pad, ctx: Context, x: Edge, amounts: Edge, value: Edge | None = None) -> Edge:
    """Negative amounts crop, after everything is put in: they may take of that, too."""
    known = ctx.type(1).known()
    assert known is not None
    return framed(ctx, x, known[: x.rank], known[x.rank :], value)


@TABLE.lower(Pad, when=[ranked(), Condition("it is no plain reflection", _mirrors)])
def mirror_pad(op: Pad, ctx: Context, x: Edge, amounts: Edge, value: Edge | None = None) -> Edge:
    known = ctx.type(1).known()
    assert known is not None
    return padded(ctx, x, known[: x.rank], known[x.rank :], None, "reflect")


@TABLE.lower(Pad, when=[ranked(), CONSTANT])
def pad_at_run_time(op: Pad, ctx: Context, x: Edge, amounts: Edge, value: Edge | None = None) -> Edge:
    """As with known amounts, those below 0 and those above apart."""
    rank, due = x.rank, ctx.result.dims
    if rank == 0:
        return x
    both = ctx.index(amounts)
    zero, inner = ctx.constant(0), tuple(UNKNOWN for _ in due)
    sides = ctx.reshape(ctx.emit("MAXIMUM", both, zero), (2, rank))
    fill = ctx.constant(0, x.dtype) if value is None else value
    wide = ctx.emit("PADV2", x, ctx.transpose(sides, (1, 0)), ctx.reshape(fill, (1,)), shape=inner)
    less = ctx.emit("MAXIMUM", ctx.emit("NEG", both), zero)
    before, after = (ctx.emit("SLICE", less, ctx.constant([i]), ctx.constant([rank]), shape=(rank,)) for i in (0, rank))
    stops = ctx.emit("SUB", ctx.shape_of(wide), after)
    return ctx.emit("STRIDED_SLICE", wide, before, stops, ctx.constant([1] * rank), shape=due, begin_mask=0, end_mask=0)


@TABLE.lower(Pad, when=[ranked()])
def pad_by_places(op: Pad, ctx: Context, x: Edge, amounts: Edge, value: Edge | None = None) -> Edge:
    """Axis by axis, elements from where the mode says."""
    known = ctx.type(1).known()
    rank, due = x.rank, ctx.result.dims
    for axis in range(rank):
        sides = None if known is None else (known[axis], known[rank + axis])
        if sides == (0, 0):
            continue
        shape = (*x.shape[:axis], due[axis], *x.shape[axis + 1 :])
        size = x.shape[axis]
        if sides is not None and isinstance(size, int):
            at = ctx.constant(_places(op.mode, size, *sides))
        else:
            at = _run_time_places(op.mode, ctx, x, axis, amounts, due[axis])
        x = ctx.emit("GATHER", x, at, shape=shape, axis=axis, batch_dims=0)
    return x


def _places(mode: str, size: int, before: int, after: int) -> np.ndarray[Any, Any]:
    at = np.arange(-before, size + after)
    if mode == "edge":
        return np.clip(at, 0, size - 1)
    if mode == "wrap":
        return at % size
    period = max(1, 2 * (size - 1))
    return np.minimum(at % period, period - at % period)


def _run_time_places(mode: str, ctx: Context, x: Edge, axis: int, amounts: Edge, due: DimLike) -> Edge:
    """As :func:`_places`, of amounts or an extent that the run alone knows."""
    both, one, zero = ctx.index(amounts), ctx.constant(1), ctx.constant(0)

    def element(vector: Edge, i: int) -> Edge:
        return ctx.reshape(ctx.emit("SLICE", vector, ctx.constant([i]), ctx.constant([1]), shape=(1,)), ())

    size = element(ctx.shape_of(x), axis)
    before, after = element(both, axis), element(both, x.rank + axis)
    at = ctx.emit("RANGE", ctx.emit("NEG", before), ctx.emit("ADD", size, after), one, shape=(due,))
    last = ctx.emit("SUB", size, one)
    if mode == "edge":
        return ctx.emit("MINIMUM", ctx.emit("MAXIMUM", at, zero), last)
    if mode == "wrap":
        return ctx.emit("FLOOR_MOD", at, size)
    period = ctx.emit("MAXIMUM", ctx.emit("ADD", last, last), one)
    rest = ctx.emit("FLOOR_MOD", at, period)
    return ctx.emit("MINIMUM", rest, ctx.emit("SUB", period, rest))


def framed(ctx: Context, x: Edge, before: Sequence[int], after: Sequence[int], value: Edge | None = None) -> Edge:
    """``x`` with room around its axes, or, where amounts are negative, with less than it had."""
    x = padded(ctx, x, [max(0, p) for p in before], [max(0, p) for p in after], value)
    return cropped(ctx, x, [max(0, -p) for p in before], [max(0, -p) for p in after])


def cropped(ctx: Context, x: Edge, before: Sequence[int], after: Sequence[int]) -> Edge:
    """``x`` without so many elements before and after each axis."""
    if not any((*before, *after)):
        return x
    shape = tuple(d - p - q for d, p, q in zip(x.shape, before, after, strict=True))
    mask = sum(1 << a for a, q in enumerate(after) if q == 0)
    stops = ctx.constant([-q for q in after])
    return ctx.emit(
        "STRIDED_SLICE", x, ctx.constant(list(before)), stops, ctx.constant([1] * x.rank), shape=shape, begin_mask=0,
        end_mask=mask,
    )  # fmt: skip


def padded(
    ctx: Context,
    x: Edge,
    before: Sequence[int],
    after: Sequence[int],
    value: Edge | None = None,
    mode: str = "constant",
) -> Edge:
    """``x`` with elements put before and after each axis, zeros or those of a constant ``value``."""
    if not any((*before, *after)):
        return x
    rank = x.rank
    shape = tuple(d + p + q for d, p, q in zip(x.shape, before, after, strict=True))
    name = "MIRROR_PAD" if mode == "reflect" else "PAD" if value is None else "PADV2"
    touched = [a for a in range(rank) if before[a] or after[a]]
    groups: Groups | None = fitting(name, rank, [x.dtype.value, "i32"], apart(rank, touched))
    if groups is not None:
        amounts = [[sum(side[a] for a in g) for side in (before, after)] for g in groups]
        small, inner = ctx.merged(x, groups, rank), merged_shape(shape, groups)
    else:
        amounts = [[p, q] for p, q in zip(before, after, strict=True)]
        small, inner = x, shape
    operands = [small, ctx.constant(np.array(amounts, np.int32))]
    if name == "PADV2" and value is not None:
        operands.append(ctx.reshape(value, (1,)))
    options: dict[str, Any] = {"mode": "REFLECT"} if name == "MIRROR_PAD" else {}
    made = ctx.emit(name, *operands, shape=inner, **options)
    return made if groups is None else ctx.reshape(made, shape, x)
