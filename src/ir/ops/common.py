"""What the type rules of many families share."""

from __future__ import annotations

from collections.abc import Sequence

from interlingua.errors import ConstraintError
from interlingua.ir.dims import DimLike, at_least, same
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


def shaped(op: Op, x: Tensor | None, dims: Sequence[DimLike], constraint: str) -> None:
    """Require that ``x``, where it is there and its rank known, has these dims (:data:`UNKNOWN` for any)."""
    if x is None or x.shape is None:
        return
    agree = len(x.shape) == len(dims) and all(same(p, q) is not False for p, q in zip(x.shape, dims, strict=True))
    op.require(agree, constraint, x)


def vector_or_one(op: Op, x: Tensor | None, size: DimLike, constraint: str) -> None:
    """Require that ``x``, where it is there and its rank known, is one element or a vector of ``size``."""
    if x is None or x.shape is None or same(x.size, 1) is not False:
        return
    shaped(op, x, (size,), constraint)


def elements_from(op: Op, x: Tensor, least: int, constraint: str) -> None:
    """Require that no element of ``x`` that is known is less than ``least``."""
    elements = () if x.elements is None else x.elements.ravel().tolist()
    op.require(all(e is None or at_least(e, least) is not False for e in elements), constraint, *elements)


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
