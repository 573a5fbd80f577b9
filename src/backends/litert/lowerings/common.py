"""What lowerings of several families are put together from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.ir.dims import product
from interlingua.ir.dtypes import DType


def single(ctx: Context, x: Edge, compute: Callable[[Edge], Edge]) -> Edge:
    """What ``compute`` makes of ``x``, in float32 where ``x`` is narrower, rounded once."""
    if x.dtype in (DType.F16, DType.BF16):
        return ctx.cast(compute(ctx.cast(x, DType.F32)), x.dtype)
    return compute(x)


def is_nan(ctx: Context, x: Edge) -> Edge:
    """Where ``x`` is NaN: it differs from itself there alone."""
    return ctx.emit("NOT_EQUAL", x, x)


def keeping_nan(ctx: Context, x: Edge, y: Edge) -> Edge:
    """``y``, but NaN where ``x`` is."""
    return ctx.emit("SELECT_V2", is_nan(ctx, x), x, y)


def may_be_nan(x: Edge) -> bool:
    """Whether an element can be NaN, as far as is known without running."""
    if not x.dtype.is_float:
        return False
    if x.weight is None or x.weight.size > 4096:
        return True
    return bool(np.isnan(x.weight.view().astype(np.float64)).any())


def extreme(ctx: Context, op: str, a: Edge, b: Edge) -> Edge:
    """``MAXIMUM`` or ``MINIMUM`` that gives NaN where either operand is.

    The kernels give the second operand where they cannot compare, so NaN comes through from there; not from XNNPACK's
    where they stretch an operand, unless that is one constant.
    """
    if may_be_nan(a) and not may_be_nan(b):
        a, b = b, a
    made = ctx.emit(op, a, b)
    size = product(b.shape)
    plain = isinstance(size, int) and size != 1 and a.shape == b.shape
    constant = a.weight is not None and a.weight.size == 1
    made = keeping_nan(ctx, b, made) if may_be_nan(b) and not plain and not constant else made
    return keeping_nan(ctx, a, made) if may_be_nan(a) else made


def scalar_of(x: Edge | None) -> float | None:
    """The only element of a constant, or ``None``."""
    if x is None or x.weight is None or x.weight.size != 1:
        return None
    return float(x.weight.view().reshape(()))
