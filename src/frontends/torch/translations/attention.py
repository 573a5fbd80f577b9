"""Attention, kept whole."""

from __future__ import annotations

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dims import same
from interlingua.ir.graph import Value
from interlingua.ir.ops.attention import Attention
from interlingua.ir.ops.layout import ExpandDims, Squeeze
from interlingua.ir.ops.shape import BroadcastTo
from interlingua.ir.ops.shaping import dim_of, dims_of, product_of, reshaped, vector

TABLE = Table()


@TABLE.translate("scaled_dot_product_attention.default")
def attention(n: TorchNode, b: Builder) -> Value:
    """Any number of axes before (length, width), which broadcast. A query that may look at no key gives 0; key heads
    are shared among the query heads with ``enable_gqa``, or where there is one."""
    if n.static("dropout_p"):
        n.unsupported("it drops at random: call eval()")
    operands = [n.value(name) for name in ("query", "key", "value")]
    mask = n.optional("attn_mask")
    rank = max(v.tensor.rank for v in (*operands, *([] if mask is None else [mask])))
    if rank > 4:
        return _folded(n, b, operands, mask, rank)
    op = Attention(scale=_number(n.static("scale")), causal=bool(n.static("is_causal")))
    missing = 4 - rank
    q, k, v = (_raised(b, x, rank, missing) for x in operands)
    lined = None if mask is None else _raised(b, mask, rank, missing)
    y = b(op, q, *(_batched(b, x, q) for x in (k, v)), lined)
    return b(Squeeze(axes=_new_axes(rank, missing)), y) if missing else y


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _new_axes(rank: int, missing: int) -> tuple[int, ...]:
    """Where axes of 1 are put in: after the batch, where there is one."""
    first = min(rank - 2, 1)
    return tuple(range(first, first + missing))


def _raised(b: Builder, x: Value, rank: int, missing: int) -> Value:
    """``x`` with axes in front up to ``rank``, then ``missing`` ones before the last two."""
    short = rank - x.tensor.rank
    x = b(ExpandDims(axes=tuple(range(short))), x) if short else x
    return b(ExpandDims(axes=_new_axes(rank, missing)), x) if missing else x


def _batched(b: Builder, x: Value, q: Value) -> Value:
    """Keys or values with the batch of the queries."""
    if same(x.tensor.dims[0], q.tensor.dims[0]) is not False:
        return x
    return b(BroadcastTo(), x, vector(b, [dim_of(b, q, 0), *dims_of(b, x, 1, 2, 3)]))


def _folded(n: TorchNode, b: Builder, operands: list[Value], mask: Value | None, rank: int) -> Value:
    """More than two axes in front, as one batch."""
    if len({x.tensor.dims[:-2] for x in operands}) > 1:
        n.unsupported("axes in front that differ between query, key and value")
    outer = dims_of(b, operands[0], *range(rank - 3))
    batch = product_of(b, outer)
    q, k, v = (reshaped(b, x, [batch, *dims_of(b, x, -3, -2, -1)]) for x in operands)
    if mask is not None:
        ends = dims_of(b, mask, *range(max(-2, -mask.tensor.rank), 0))
        whole = b(BroadcastTo(), mask, vector(b, [*dims_of(b, operands[0], *range(rank - 2)), *ends]))
        mask = reshaped(b, whole, [batch, dim_of(b, q, 1), *dims_of(b, whole, -2, -1)])
    op = Attention(scale=_number(n.static("scale")), causal=bool(n.static("is_causal")))
    y = b(op, q, k, v, mask)
    return reshaped(b, y, [*outer, *dims_of(b, y, 1, 2, 3)])
