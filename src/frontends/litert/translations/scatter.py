"""Elements put where indices say.

Semantics: ``tensorflow/lite/kernels/{scatter_nd,segment_sum,unsorted_segment,sparse_to_dense,dynamic_update_slice,
matrix_diag,matrix_set_diag}.cc``. SCATTER_ND adds what meets; a negative segment takes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import LEVELS, Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add, Max, Min, Sub
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.layout import ExpandDims
from interlingua.ir.ops.logic import Eq, Lt, Select
from interlingua.ir.ops.scatter import ScatterNd, ScatterReduction
from interlingua.ir.ops.shape import BroadcastTo, Concat, Reshape, Slice
from interlingua.ir.ops.shaping import dim_scalar, dims_of, index_along, vector
from interlingua.ir.ops.source import Iota, ShapeOf

TABLE = Table()


def _as(b: Builder, x: Value, dtype: DType) -> Value:
    return x if x.tensor.dtype is dtype else b(Cast(to=dtype), x)


def _full(b: Builder, value: Any, like: Value, shape: Value) -> Value:
    return b(BroadcastTo(), b.scalar(value, like), shape)


@TABLE.translate("SCATTER_ND")
def scatter_nd(n: LiteRtNode, b: Builder) -> Value:
    indices, updates, shape = n[0], n[1], n.shape(b, 2)
    if updates.tensor.dtype is DType.BOOL:
        n.unsupported("of booleans")
    return b(ScatterNd(reduction="add"), _full(b, 0, updates, shape), indices, updates)


@TABLE.translate("SEGMENT_SUM")
def segment_sum(n: LiteRtNode, b: Builder) -> Value:
    """The segments ascend: the last one says how many there are."""
    data, ids = n[0], _as(b, n[1], DType.I64)
    last = b(Slice(axes=(0,)), ids, b.constant([-1]), b.constant([np.iinfo(np.int64).max]))
    return _segments(b, data, ids, b(Add(), last, b.constant([1])), 0, "add")


def _least(dtype: DType) -> Any:
    return np.finfo(dtype.numpy).min if dtype.is_float else np.iinfo(dtype.numpy).min


def _greatest(dtype: DType) -> Any:
    return np.finfo(dtype.numpy).max if dtype.is_float else np.iinfo(dtype.numpy).max


UNSORTED: dict[str, tuple[ScatterReduction, Callable[[DType], Any]]] = {
    "UNSORTED_SEGMENT_MAX": ("max", _least),
    "UNSORTED_SEGMENT_MIN": ("min", _greatest),
    "UNSORTED_SEGMENT_PROD": ("mul", lambda _: 1),
    "UNSORTED_SEGMENT_SUM": ("add", lambda _: 0),
}


@TABLE.translate(*UNSORTED)
def unsorted_segment(n: LiteRtNode, b: Builder) -> Value:
    """What falls into no segment goes into one more, which is cut off."""
    how, start = UNSORTED[n.op]
    if n.rank(1) != 1:
        n.unsupported("segment ids of several axes")
    data, ids = n[0], _as(b, n[1], DType.I64)
    count = b(Reshape(), _as(b, n[2], DType.I64), b.constant([1]))
    ids = b(Select(), b(Lt(), ids, b.scalar(0, ids)), b(BroadcastTo(), count, b(ShapeOf(), ids)), ids)
    found = _segments(b, data, ids, b(Add(), count, b.constant([1])), start(data.tensor.dtype), how)
    return b(Slice(axes=(0,)), found, b.constant([0]), count)


def _segments(b: Builder, data: Value, ids: Value, count: Value, start: Any, how: ScatterReduction) -> Value:
    shape = vector(b, [count, *dims_of(b, data, *range(1, data.tensor.rank))])
    return b(ScatterNd(reduction=how), _full(b, start, data, shape), b(ExpandDims(axes=(1,)), ids), data)


@TABLE.translate("SPARSE_TO_DENSE")
def sparse_to_dense(n: LiteRtNode, b: Builder) -> Value:
    """Indices are a scalar, a vector, or a row an element; one value may stand for all."""
    indices, shape, values, default = (n[i] for i in range(4))
    rows = {0: lambda: b(Reshape(), indices, b.constant([1, 1])), 1: lambda: b(ExpandDims(axes=(1,)), indices)}
    places = rows.get(n.rank(0), lambda: indices)()
    count = vector(b, dims_of(b, places, 0))
    spread = b(BroadcastTo(), values, count) if n.rank(2) == 0 else values
    return b(ScatterNd(), b(BroadcastTo(), default, shape), places, spread)


@TABLE.translate("DYNAMIC_UPDATE_SLICE", quantized=LEVELS)
def dynamic_update_slice(n: LiteRtNode, b: Builder) -> Value:
    """The start is moved so that the update fits."""
    x, update, rank = n[0], n[1], n.rank(0)
    if n.rank(1) != rank:
        raise InvalidModel(f"DYNAMIC_UPDATE_SLICE of {x.type} by {update.type}")
    if rank == 0:
        return update
    starts = _as(b, n[2], DType.I64)
    room = b(Sub(), b(ShapeOf(), x), b(ShapeOf(), update))
    starts = b(Max(), b(Min(), starts, room), b.constant([0]))
    whole = b(ShapeOf(), update)
    parts = []
    for axis in range(rank):
        one = b(Slice(axes=(0,)), starts, b.constant([axis]), b.constant([axis + 1]))
        start = b(Reshape(), one, b.constant([], DType.I64))
        line = b(Add(), index_along(b, dim_scalar(b, update, axis), axis, rank), start)
        parts.append(b(ExpandDims(axes=(rank,)), b(BroadcastTo(), line, whole)))
    places = parts[0] if rank == 1 else b(Concat(axis=rank), *parts)
    return b(ScatterNd(), x, places, update)


def _diagonal(b: Builder, rows: Value, columns: Value) -> Value:
    """A matrix of bool that holds on its diagonal."""
    zero, one = b.constant(0, DType.I64), b.constant(1, DType.I64)
    down = b(ExpandDims(axes=(1,)), b(Iota(), zero, rows, one))
    return b(Eq(), down, b(ExpandDims(axes=(0,)), b(Iota(), zero, columns, one)))


@TABLE.translate("MATRIX_DIAG", quantized=LEVELS)
def matrix_diag(n: LiteRtNode, b: Builder) -> Value:
    """Square matrices, zero beside the diagonal."""
    x, rank = n[0], n.rank(0)
    size = dim_scalar(b, x, rank - 1)
    return b(Select(), _diagonal(b, size, size), b(ExpandDims(axes=(rank - 1,)), x), b.scalar(0, x))


@TABLE.translate("MATRIX_SET_DIAG", quantized=LEVELS)
def matrix_set_diag(n: LiteRtNode, b: Builder) -> Value:
    """The diagonal holds min(rows, columns) elements; the rest is the input's."""
    x, rank = n[0], n.rank(0)
    rows, columns = (dim_scalar(b, x, axis) for axis in (rank - 2, rank - 1))
    wide = x.tensor.dims[-1] != n.tensor(1).dims[-1]
    diagonal = b(ExpandDims(axes=(rank - 1 if wide else rank - 2,)), n[1])
    return b(Select(), _diagonal(b, rows, columns), diagonal, x)
