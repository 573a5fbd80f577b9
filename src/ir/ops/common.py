"""What the type rules of many families share."""

from __future__ import annotations

from interlingua.errors import ConstraintError
from interlingua.ir.dtypes import DType
from interlingua.ir.op import Op
from interlingua.ir.types import Tensor


def axis_in(op: Op, axis: int, rank: int) -> int:
    """``axis`` counted from the front.

    Raises:
        ConstraintError: it is outside [-rank, rank).
    """
    op.require(-rank <= axis < rank, f"axis {axis} is outside [-{rank}, {rank})")
    return axis % rank


def axes_in(op: Op, axes: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """``axes`` counted from the front and sorted.

    Raises:
        ConstraintError: one is outside [-rank, rank), or named twice.
    """
    found = sorted(axis_in(op, axis, rank) for axis in axes)
    op.require(len(set(found)) == len(found), f"an axis is named twice in {axes}")
    return tuple(found)


def one_dtype(op: Op, *operands: Tensor) -> DType:
    """The dtype that all operands share.

    Raises:
        ConstraintError: they do not.
    """
    first = operands[0].dtype
    if any(t.dtype != first for t in operands):
        raise ConstraintError(
            f"{op.name}: operands must have one dtype (got {', '.join(str(t) for t in operands)})",
            hint="the IR promotes nothing: insert core.cast",
        )
    return first
