"""Multi-head attention with projections, padding masks and caches.

Semantics: ONNX Runtime's ContribOperators documentation and its CPU kernel. A masked key is not hidden but pushed down
by ``mask_filter_value`` (-10000): where all keys of a query are masked, they count as if none were. Keys after a query,
of ``unidirectional`` attention, are hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.translations.attention import packed, unpacked
from interlingua.frontends.onnx.translations.contrib.table import ContribTable
from interlingua.ir.builder import Builder
from interlingua.ir.dims import same
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.attention import Attention, Rotary
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.shaping import dim_of

TABLE = ContribTable()

FILTER = -10000.0


@dataclass(frozen=True)
class Heads:
    """Queries, keys and values, (batch, heads, sequence, width) each; keys and values are those of the cache, then the
    new ones."""

    q: Expr
    k: Expr
    v: Expr
    past: Expr | None = None
    """How many of the keys are the cache's, one int64."""


def attend(n: OnnxNode, heads: Heads, mask: Value | None, bias: Value | None) -> Expr:
    """(batch, sequence, heads·width) of the attention that the node's attributes describe."""
    b, q = heads.q.b, heads.q
    added = None if mask is None else _filtered(n, Expr(b, mask), heads).to(q.dtype)
    if bias is not None:
        added = Expr(b, bias) if added is None else Expr(b, bias) + added
    scale = float(n.attr("scale", 0.0))
    op = Attention(scale=scale or None, causal=bool(n.attr("unidirectional", 0)))
    offset = heads.past.value if op.causal and heads.past is not None else None
    y = b(op, q.value, heads.k.value, heads.v.value, None if added is None else added.value, None, offset)
    return packed(Expr(b, y))


def _filtered(n: OnnxNode, mask: Expr, heads: Heads) -> Expr:
    """What a mask adds to the scores: 0, or the filter's value."""
    keys = heads.k.value.tensor.dims[2]
    if mask.value.tensor.shape is None or mask.rank > 3:
        n.unsupported("a mask of four axes, or of unknown rank")
    if mask.rank == 1:
        visible = _by_position(n, mask, heads)
    elif same(mask.value.tensor.dims[-1], keys) is False:
        n.unsupported(f"a mask over {mask.value.tensor.dims[-1]} keys, where there are {keys}")
    else:
        visible = mask.expand(1) if mask.rank == 3 else mask.expand(1, 2)
        visible = visible > 0
    zero = Expr(mask.b, mask.b.scalar(0.0, DType.F32))
    return visible.where(zero, zero.number(float(n.attr("mask_filter_value", FILTER))))


def _by_position(n: OnnxNode, mask: Expr, heads: Heads) -> Expr:
    """A vector holds the end of each example's keys; of twice the batch, their ends, then their starts; of 3·batch + 2,
    the ends first and then what another layout of the same data needs."""
    length, batch = mask.value.tensor.dims[0], heads.q.value.tensor.dims[0]
    place = heads.k.dim(2).steps(4, 3)
    wide = mask.to(DType.I64)

    def part(which: int) -> Expr:
        size = heads.q.dim(0)
        return wide.gather(size.steps() + size * which, 0).reshape([-1, 1, 1, 1])

    if same(length, batch) is True or same(length, batch * 3 + 2) is True:
        return place < part(0)
    if same(length, batch * 2) is not True:
        n.unsupported(f"a mask of {length} elements, which the batch {batch} does not explain")
    return (place < part(0)) & (place >= part(1))


def _declined(n: OnnxNode, *names: str) -> None:
    for name in names:
        if n.attr(name, 0):
            n.unsupported(f"{name} is set")


@TABLE.translate("Attention", 1)
def attention(n: OnnxNode, b: Builder) -> Sequence[Value | None]:
    _declined(n, "do_rotary", "past_present_share_buffer")
    projected = Expr(b, n[0]) @ Expr(b, n[1])
    if n.get(2) is not None:
        projected = projected + Expr(b, n[2])
    return self_attention(n, projected, mask=n.get(3), past=n.get(4), bias=n.get(5))


@TABLE.translate("QAttention", 1)
def quantized_attention(n: OnnxNode, b: Builder) -> Sequence[Value | None]:
    """The projection is a product of levels."""
    from interlingua.frontends.onnx.translations.contrib.quantized import real_product

    _declined(n, "do_rotary", "past_present_share_buffer")
    product = real_product(b, (n[0], n.get(6), n[3]), (n[1], n.get(7), n[4]))
    return self_attention(n, product + product.like(n[2]), mask=n.get(5), past=n.get(8), bias=None)


def self_attention(
    n: OnnxNode, projected: Expr, *, mask: Value | None, past: Value | None, bias: Value | None
) -> Sequence[Value | None]:
    """Attention over a projection that holds queries, keys and values side by side, and the cache, one before the
    other."""
    count = n.required("num_heads")
    sizes = n.attr("qkv_hidden_sizes")
    if sizes is None:
        whole = projected.value.tensor.dims[-1]
        if not isinstance(whole, int) or whole % 3:
            n.unsupported(f"a projection to {whole} features, which are no three parts")
        sizes = (whole // 3,) * 3
    starts = (0, sizes[0], sizes[0] + sizes[1])
    q, k, v = (unpacked(projected.slice(2, s, s + size), count) for s, size in zip(starts, sizes, strict=True))
    cached: Expr | None = None
    if past is not None:
        state = Expr(projected.b, past)
        cached = state.dim(3).reshape([1])
        k, v = (state.take(0, i).concat(new, axis=2) for i, new in ((0, k), (1, v)))
    y = attend(n, Heads(q, k, v, cached), mask, bias)
    present = k.expand(0).concat(v.expand(0)).value if n.wants(1) else None
    return [y.value, present][: len(n.outputs)]


@TABLE.translate("MultiHeadAttention", 1)
def multi_head_attention(n: OnnxNode, b: Builder) -> Sequence[Value | None]:
    return _multi_head(n, b, [n.get(i) for i in range(8)], n.get(8), n.get(9))


@TABLE.translate("DecoderMaskedMultiHeadAttention", 1)
def decoder_attention(n: OnnxNode, b: Builder) -> Sequence[Value | None]:
    """One query an example: the same with its operands in another order. A cache that is updated in place, and beams,
    are not taken."""
    _declined(n, "past_present_share_buffer", "output_qk")
    order = [n.get(i) for i in (0, 1, 2, 10, 3, 4, 5, 6)]
    return _multi_head(n, b, order, n.get(7), n.get(9) or n.get(8))


def _multi_head(
    n: OnnxNode, b: Builder, operands: Sequence[Value | None], length: Value | None, beams: Value | None
) -> Sequence[Value | None]:
    query, key, value, bias, mask, added, past_key, past_value = operands
    if length is not None or beams is not None:
        n.unsupported("a cache that is updated in place, or shared by beams")
    q, k, v = _separated(n, b, query, key, value, bias)
    past: Expr | None = None
    if past_key is not None and past_value is not None:
        past = Expr(b, past_key).dim(2).reshape([1])
        k, v = Expr(b, past_key).concat(k, axis=2), Expr(b, past_value).concat(v, axis=2)
    y = attend(n, Heads(q, k, v, past), mask, added)
    return [y.value, k.value, v.value][: len(n.outputs)]


def _separated(
    n: OnnxNode, b: Builder, query: Value | None, key: Value | None, value: Value | None, bias: Value | None
) -> tuple[Expr, Expr, Expr]:
    """Queries, keys and values with their biases, unpacked from whatever layout they come in."""
    count = n.required("num_heads")
    q = Expr(b, n[0])
    if key is None and q.rank == 3:
        whole = q.value.tensor.dims[2]
        if not isinstance(whole, int) or whole % 3:
            n.unsupported(f"queries, keys and values packed into {whole} features")
        q, k, v = (q.slice(2, i * whole // 3, (i + 1) * whole // 3) for i in range(3))
    elif key is None:
        q, k, v = (packed_heads(q.take(3, i)) for i in range(3))
    elif value is None:
        k, v = (packed_heads(Expr(b, key).take(3, i)) for i in range(2))
    else:
        k, v = Expr(b, key), Expr(b, value)
    if bias is not None:
        q, k, v = _biased(n, Expr(b, bias), (q, k, v))
    q, k, v = (e if e.rank == 4 else unpacked(e, count) for e in (q, k, v))
    return q, k, v


def packed_heads(x: Expr) -> Expr:
    """(batch, sequence, heads, width) as (batch, sequence, heads·width)."""
    return x.reshape([dim_of(x.b, x.value, 0), dim_of(x.b, x.value, 1), -1])


def _biased(n: OnnxNode, bias: Expr, parts: tuple[Expr, Expr, Expr]) -> tuple[Expr, Expr, Expr]:
    """Each part plus its own stretch of the bias; keys and values that come from a cache have none."""
    start, found = 0, []
    for part in parts:
        width = part.value.tensor.dims[-1]
        if part.rank == 4:
            found.append(part)
            continue
        if not isinstance(width, int):
            n.unsupported("a bias for features whose number is not known")
        found.append(part + bias.slice(0, start, start + width))
        start += width
    return found[0], found[1], found[2]


@TABLE.translate("RotaryEmbedding", 1)
def rotary_embedding(n: OnnxNode, b: Builder) -> Value:
    """``position_ids`` of one element is the position of the first of each sequence."""
    if n.attr("is_packed_batching", 0) or n.attr("scale", 1.0) != 1.0:
        n.unsupported("packed batches, or a scale")
    x, cos = Expr(b, n[0]), n.tensor(2)
    width = n.attr("rotary_embedding_dim", 0)
    packs = n.rank(0) == 3
    if packs:
        x = unpacked(x, _rotary_heads(n, width))
    positions = Expr(b, n[1])
    if positions.rank == 1:
        positions = positions.reshape([1, 1]) + x.dim(2).steps(2, 1)
    lead = x.shape()
    wanted = lead.slice(0, 0, 1).concat(lead.slice(0, 2, 3))
    half = cos.dims[-1]
    op = Rotary(
        interleaved=bool(n.attr("interleaved", 0)), width=width or (half * 2 if isinstance(half, int) else None)
    )
    y = Expr(b, b(op, x.value, n[2], n[3], positions.broadcast(wanted).value))
    return (packed(y) if packs else y).value


def _rotary_heads(n: OnnxNode, width: int) -> int:
    """How many heads are packed: as told, or as many as the tables' width goes into the features."""
    if n.attr("num_heads", 0):
        return int(n.attr("num_heads"))
    features, half = n.tensor(0).dims[-1], n.tensor(2).dims[-1]
    if width or not isinstance(features, int) or not isinstance(half, int):
        n.unsupported("the number of heads is not known")
    return features // (2 * half)
