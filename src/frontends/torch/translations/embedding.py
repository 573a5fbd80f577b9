"""Rows of a table, and bags of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.indexing import Embedding
from interlingua.ir.ops.reduction import ReduceSum
from interlingua.ir.ops.scatter import ScatterNd, ScatterReduction
from interlingua.ir.ops.shape import BroadcastTo
from interlingua.ir.ops.shaping import dim_of, vector

TABLE = Table()

_MODES: tuple[ScatterReduction, ...] = ("add", "add", "max")
"""By PyTorch's numbers: sum, mean, max."""


@TABLE.translate("embedding.default")
def embedding(n: TorchNode, b: Builder) -> Value:
    """``padding_idx`` is for training alone."""
    return b(Embedding(), n.value("weight"), n.value("indices"))


@TABLE.translate("_embedding_bag.default", "_embedding_bag_forward_only.default")
def embedding_bag(n: TorchNode, b: Builder) -> Sequence[Value | None]:
    """The sum, the mean or the greatest of the rows of each bag, 0 of none; a bag goes from its offset to the next. The
    other results are for gradients."""
    indices, mode = Expr(b, n.value("indices")), int(n.static("mode"))
    rows = Expr(b, b(Embedding(), n.value("weight"), indices.value))
    weights = n.optional("per_sample_weights")
    if weights is not None:
        rows = rows * Expr(b, weights).expand(1)
    offsets = Expr(b, n.value("offsets", DType.I64))
    if n.static("include_last_offset"):
        offsets = offsets.slice(0, 0, -1)
    bags = _bags(offsets, indices)
    start = rows.number(-math.inf if mode == 2 else 0).value
    shape = vector(b, [dim_of(b, offsets.value, 0), dim_of(b, rows.value, 1)])
    inside = bags.expand(1).equals(offsets.dim(0).steps())
    if n.static("padding_idx") >= 0:
        padding = indices.equals(int(n.static("padding_idx"))).expand(1)
        rows, inside = padding.where(Expr(b, start), rows), inside & ~padding
    into = Expr(b, b(BroadcastTo(), start, shape))
    found = into.apply(ScatterNd(reduction=_MODES[mode]), bags.expand(1), rows)
    count = inside.to(DType.I64).apply(ReduceSum(axes=(0,))).expand(1)
    if mode == 1:
        found = found / count.max(1).to(rows.dtype)
    elif mode == 2:
        found = count.equals(0).where(found.number(0), found)
    return [found.value, None, None, None]


def _bags(offsets: Expr, indices: Expr) -> Expr:
    """The bag that each index is in: how many begin there or before it, less one."""
    begun = offsets <= indices.dim(0).steps().expand(1)
    return begun.to(DType.I64).apply(ReduceSum(axes=(1,))) - 1
