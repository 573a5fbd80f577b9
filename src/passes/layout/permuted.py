"""How ops run on operands whose axes are permuted: one row a family.

Axis ``k`` of a permuted value is axis ``perm[k]`` of the value. A row says what takes a node's place so that its data
operands come permuted, and its result too or as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from interlingua.ir.builder import Builder
from interlingua.ir.dims import same
from interlingua.ir.graph import Node, Value
from interlingua.ir.op import Op
from interlingua.ir.ops.activation import Clip, Prelu
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.convolution import Conv, ConvTranspose
from interlingua.ir.ops.elementwise import Binary, Comparison, Unary
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.layout import ExpandDims, Flatten, Split, Squeeze
from interlingua.ir.ops.logic import Select
from interlingua.ir.ops.norm import BatchNorm, LpNorm
from interlingua.ir.ops.pooling import AvgPool, GlobalAvgPool, GlobalMaxPool, MaxPool
from interlingua.ir.ops.quant import Dequantize, Quantize
from interlingua.ir.ops.reduction import ArgMax, ArgMin, CumProd, CumSum, Mean, ReduceMax, Reduction
from interlingua.ir.ops.resize import Resize
from interlingua.ir.ops.shape import Concat, Pad, Reshape, Reverse, Slice, Transpose
from interlingua.ir.ops.softmax import Hardmax, LogSoftmax, Softmax
from interlingua.ir.ops.unary import IsInf, IsNan
from interlingua.ir.types import Shape, Tensor
from interlingua.passes.rewrite.values import integers_of, is_constant

Perm: TypeAlias = tuple[int, ...]
Rebuild: TypeAlias = Callable[[Builder, Value], Value]


@dataclass(frozen=True, slots=True)
class Permuted:
    """What takes a node's place.

    Attributes:
        op: the op on permuted data.
        data: the operands that come permuted, by index.
        rebuilt: operands that are made anew, by index; all others are what they were.
        keeps: whether the results are what they were, not permuted.
    """

    op: Op
    data: tuple[int, ...]
    rebuilt: Mapping[int, Rebuild] = field(default_factory=dict[int, Rebuild])
    keeps: bool = False


Row: TypeAlias = Callable[[Any, Node, Perm], "Permuted | None"]
"""Of the op, its node, and the permutation; ``None`` where the op cannot run so."""


def inverse(perm: Perm) -> Perm:
    """The permutation that undoes ``perm``: where each axis went."""
    return tuple(perm.index(axis) for axis in range(len(perm)))


def in_place(shape: Shape, perm: Perm) -> bool:
    """Whether the permutation moves axes of size 1 alone past others: elements stay in their order."""
    moved = [axis for axis in perm if same(shape[axis], 1) is not True]
    return moved == sorted(moved)


def permuted(node: Node, perm: Perm) -> Permuted | None:
    """How ``node`` runs on permuted data, or ``None`` where it cannot."""
    row = ROWS.get(type(node.op))
    if row is None or not node.operands or node.operands[0] is None:
        return None
    return row(node.op, node, perm)


def _rank(value: Value | None) -> int | None:
    known = value is not None and isinstance(value.type, Tensor) and value.type.shape is not None
    return value.tensor.rank if known and value is not None else None


def _pointwise(op: Op, node: Node, perm: Perm) -> Permuted | None:
    if _rank(node.results[0]) != len(perm):
        return None
    data, rebuilt = [], {}
    for index, value in enumerate(node.operands):
        if value is None:
            continue
        rank = _rank(value)
        if rank is None:
            return None
        if rank == len(perm) and not is_constant(value):
            data.append(index)
        elif any(same(d, 1) is not True for d in value.tensor.dims):
            rebuilt[index] = _broadcast(perm)
    return Permuted(op, tuple(data), rebuilt) if data else None


def _broadcast(perm: Perm) -> Rebuild:
    """An operand of lower rank, or a constant: with all axes, permuted."""

    def rebuild(b: Builder, value: Value) -> Value:
        missing = len(perm) - value.tensor.rank
        wide = b(ExpandDims(axes=tuple(range(missing))), value) if missing else value
        return b(Transpose(perm=perm), wide)

    return rebuild


def _along(name: str) -> Row:
    """An op whose attribute ``name`` is an axis, on data of the permutation's rank alone."""

    def row(op: Any, node: Node, perm: Perm) -> Permuted | None:
        values = [i for i, v in enumerate(node.operands) if v is not None]
        if any(_rank(node.operands[i]) != len(perm) for i in values):
            return None
        axis = inverse(perm)[getattr(op, name) % len(perm)]
        return Permuted(replace(op, **{name: axis}), tuple(values))

    return row


def _first_along(name: str) -> Row:
    """The same for an op whose first operand alone is data."""

    def row(op: Any, node: Node, perm: Perm) -> Permuted | None:
        if _rank(node.operands[0]) != len(perm):
            return None
        place, given = inverse(perm), getattr(op, name)
        found = tuple(place[a % len(perm)] for a in given) if isinstance(given, tuple) else place[given % len(perm)]
        return Permuted(replace(op, **{name: found}), (0,))

    return row


def _gather(op: Gather, node: Node, perm: Perm) -> Permuted | None:
    """By a vector of indices, so that every axis stays one."""
    return _first_along("axis")(op, node, perm) if _rank(node.operands[1]) == 1 else None


def _quantization(op: Any, node: Node, perm: Perm) -> Permuted | None:
    return None if op.block else _first_along("axis")(op, node, perm)


def _reduction(op: Any, node: Node, perm: Perm) -> Permuted | None:
    if _rank(node.operands[0]) != len(perm):
        return None
    gone = _listed(op)
    keeps = not op.keepdims
    if keeps and not _ordered(perm, {a % len(perm) for a in gone}):
        return None
    place = inverse(perm)
    axes = tuple(sorted(place[a % len(perm)] for a in gone))
    made = replace(op, axes=axes) if hasattr(op, "axes") else replace(op, axis=axes[0])
    return Permuted(made, (0,), keeps=keeps)


def _listed(op: Any) -> tuple[int, ...]:
    return op.axes if hasattr(op, "axes") else (op.axis,)


def _ordered(perm: Perm, gone: set[int]) -> bool:
    """Whether the axes that stay come in their own order."""
    left = [axis for axis in perm if axis not in gone]
    return left == sorted(left)


def _squeeze(op: Squeeze, node: Node, perm: Perm) -> Permuted | None:
    gone = {a % len(perm) for a in op.axes}
    if _rank(node.operands[0]) != len(perm) or not _ordered(perm, gone):
        return None
    place = inverse(perm)
    return Permuted(Squeeze(axes=tuple(sorted(place[a] for a in gone))), (0,), keeps=True)


def _reshape(op: Op, node: Node, perm: Perm) -> Permuted | None:
    x = node.operand(0).tensor
    return Permuted(op, (0,), keeps=True) if x.rank == len(perm) and in_place(x.dims, perm) else None


def _flatten(op: Flatten, node: Node, perm: Perm) -> Permuted | None:
    first = perm[: op.axis if op.axis >= 0 else op.axis + len(perm)]
    return _reshape(op, node, perm) if set(first) == set(range(len(first))) else None


def _pad(op: Pad, node: Node, perm: Perm) -> Permuted | None:
    amounts = integers_of(node.operands[1])
    if amounts is None or _rank(node.operands[0]) != len(perm):
        return None
    n, dtype = len(perm), node.operand(1).tensor.dtype
    moved = [amounts[a] for a in perm] + [amounts[n + a] for a in perm]
    return Permuted(op, (0,), {1: lambda b, _: b.constant(moved, dtype)})


def _windowed(op: Any, node: Node, perm: Perm) -> Permuted | None:
    n = len(perm)
    wanted = to_last(n) if op.layout == "channels_first" else to_first(n)
    if perm != wanted or _rank(node.operands[0]) != n:
        return None
    return Permuted(replace(op, layout=other_layout(op.layout)), (0,))


def to_last(rank: int) -> Perm:
    """Channels first to channels last."""
    return (0, *range(2, rank), 1)


def to_first(rank: int) -> Perm:
    """Channels last to channels first."""
    return (0, rank - 1, *range(1, rank - 1))


def other_layout(layout: str) -> Any:
    return "channels_last" if layout == "channels_first" else "channels_first"


def _global_pool(reduction: type[Reduction]) -> Row:
    """A pool over all spatial axes: the reduction that it is."""

    def row(op: Op, node: Node, perm: Perm) -> Permuted | None:
        if _rank(node.operands[0]) != len(perm) or len(perm) < 3:
            return None
        place = inverse(perm)
        return Permuted(reduction(tuple(sorted(place[2:])), keepdims=True), (0,))

    return row


def _subclasses(*bases: type[Op]) -> Iterable[type[Op]]:
    for base in bases:
        for cls in base.__subclasses__():
            if cls.kernel is not None:
                yield cls
            yield from _subclasses(cls)


def _rows() -> Mapping[type[Op], Row]:
    pointwise = [*_subclasses(Unary, Binary, Comparison), Select, Cast, Clip, Prelu, IsNan, IsInf]
    reductions = [*_subclasses(Reduction), ArgMax, ArgMin]
    return {
        **dict.fromkeys(pointwise, _pointwise),
        **dict.fromkeys(reductions, _reduction),
        **dict.fromkeys((Conv, ConvTranspose, MaxPool, AvgPool), _windowed),
        **dict.fromkeys(
            (Softmax, LogSoftmax, Hardmax, CumSum, CumProd, LpNorm, BatchNorm, Split), _first_along("axis")
        ),
        **dict.fromkeys((Quantize, Dequantize), _quantization),
        **dict.fromkeys((Slice, Reverse, Resize), _first_along("axes")),
        Concat: _along("axis"),
        Gather: _gather,
        Pad: _pad,
        Squeeze: _squeeze,
        Reshape: _reshape,
        Flatten: _flatten,
        GlobalAvgPool: _global_pool(Mean),
        GlobalMaxPool: _global_pool(ReduceMax),
    }


ROWS = _rows()
