"""Diagonals, and what reads memory by strides."""

from __future__ import annotations

import numpy as np

from interlingua.frontends.torch.along import from_front, to_front
from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.indexing import Gather, GatherNd
from interlingua.ir.ops.layout import Stack
from interlingua.ir.ops.scatter import ScatterNd
from interlingua.ir.ops.shape import Reshape
from interlingua.ir.ops.shaping import dim_scalar

TABLE = Table()


def _rows(n: TorchNode, b: Builder, x: Value) -> tuple[tuple[int, int], Value]:
    """The two axes, and the coordinates along them of each element of the diagonal."""
    rank, offset = x.tensor.rank, int(n.static("offset"))
    first, second = n.axis("dim1", rank), n.axis("dim2", rank)
    down, right = max(-offset, 0), max(offset, 0)
    height = Expr(b, dim_scalar(b, x, first)) - down
    width = Expr(b, dim_scalar(b, x, second)) - right
    places = height.min(width).max(0).steps()
    return (first, second), b(Stack(axis=-1), (places + down).value, (places + right).value)


@TABLE.translate("diagonal.default", "diagonal_copy.default", "linalg_diagonal.default")
def diagonal(n: TorchNode, b: Builder) -> Value:
    """``x[i, i + offset]`` of two axes, along a new last one."""
    x = n.value("self" if "self" in n.arguments else "A")
    axes, rows = _rows(n, b, x)
    picked = b(GatherNd(), to_front(b, x, axes), rows)
    return from_front(b, picked, (picked.tensor.rank - 1,))


@TABLE.translate("diagonal_scatter.default")
def diagonal_scatter(n: TorchNode, b: Builder) -> Value:
    """``x`` with a diagonal replaced."""
    x, source = n.value("self"), n.value("src", n.dtype)
    axes, rows = _rows(n, b, x)
    updates = to_front(b, source, (source.tensor.rank - 1,))
    return from_front(b, b(ScatterNd(), to_front(b, x, axes), rows, updates), axes)


@TABLE.translate("as_strided.default", "as_strided_copy.default")
def as_strided(n: TorchNode, b: Builder) -> Value:
    """Elements of the memory behind a tensor: of one that is laid out row by row, of a size that is known."""
    import torch

    x, fake = n.value("self"), n.fakes["self"]
    sizes, strides = n.ints("size"), n.ints("stride")
    offset = 0 if n["storage_offset"] is None else int(n.static("storage_offset"))
    known = all(isinstance(d, int) for d in fake.shape)
    if not known or not torch.ops.aten.is_contiguous.default(fake) or fake.storage_offset() != 0:
        n.unsupported("of a tensor that is not laid out row by row, or whose size is known at the run only")
    places = np.asarray(offset, np.int64)
    for axis, (size, stride) in enumerate(zip(sizes, strides, strict=True)):
        places = places + np.expand_dims(np.arange(size) * stride, tuple(range(1, len(sizes) - axis)))
    if places.size and places.max() >= fake.numel():
        n.unsupported("it reads memory beyond its tensor")
    return b(Gather(axis=0), b(Reshape(), x, b.constant([-1])), b.constant(places, DType.I64))
