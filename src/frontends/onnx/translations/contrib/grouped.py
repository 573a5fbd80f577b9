"""Grouped-query attention over a cache.

``GroupQueryAttention`` appends new keys and values to those of a cache that may be longer than what is in it, turns
queries and keys by their position, and attends, causally as a rule. Where an example has ``T = seqlens_k + 1`` tokens,
``Q`` of them new, these stand at positions ``T - Q`` … ``T - 1``; ``Q`` is ``query_seqlens``, or the smaller of ``T``
and the sequence. What the documentation leaves open, rows of the cache from ``T`` on, is as in the CPU kernel: 0, or
what padding behind the new tokens holds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.translations.attention import packed, unpacked
from interlingua.frontends.onnx.translations.contrib.table import ContribTable
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.attention import Attention, Rotary
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.scatter import TensorScatter
from interlingua.ir.ops.shape import Pad

TABLE = ContribTable()


@dataclass(frozen=True)
class Lengths:
    """Int64: tokens before the new ones and with these, one an example; tokens in all, of the longest, one."""

    past: Expr
    each: Expr
    total: Expr


@TABLE.translate("GroupQueryAttention", 1)
def group_query_attention(n: OnnxNode, b: Builder) -> Sequence[Value | None]:
    _check(n)
    q, k, v = _heads(n, b)
    lengths = _lengths(n, b, q)
    if n.attr("do_rotary", 0):
        at = _positions(n, q, lengths)
        q, k = (_turned(n, x, at) for x in (q, k))
    k, v = (_cached(n.get(i), new, lengths) for i, new in ((3, k), (4, v)))
    y = _attend(n, q, k, v, lengths)
    return [packed(y).value, k.value, v.value][: len(n.outputs)]


def _check(n: OnnxNode) -> None:
    for name in ("k_quant_type", "v_quant_type"):
        if n.attr(name, "NONE") != "NONE":
            n.unsupported("a cache of levels")
    if n.attr("sliding_window_cache", 0):
        n.unsupported("a cache of the window alone")
    if any(n.get(i) is not None for i in (12, 13, 14, 15)):
        n.unsupported("a cache of levels, or normalised queries and keys")


def _heads(n: OnnxNode, b: Builder) -> tuple[Expr, Expr, Expr]:
    count, shared = n.required("num_heads"), n.required("kv_num_heads")
    q = Expr(b, n[0])
    if n.get(1) is not None and n.get(2) is not None:
        return unpacked(q, count), unpacked(Expr(b, n[1]), shared), unpacked(Expr(b, n[2]), shared)
    if n.get(1) is not None or n.get(2) is not None:
        n.unsupported("keys without values")
    together = unpacked(q, count + 2 * shared)
    return (
        together.slice(1, 0, count),
        together.slice(1, count, count + shared),
        together.slice(1, count + shared, count + 2 * shared),
    )


def _lengths(n: OnnxNode, b: Builder, q: Expr) -> Lengths:
    each = Expr(b, n[5]).to(DType.I64).reshape([-1]) + 1
    given = n.get(16)
    new = each.min(q.dim(2)) if given is None else Expr(b, given).to(DType.I64).reshape([-1])
    return Lengths(each - new, each, Expr(b, n[6]).to(DType.I64).reshape([1]))


def _positions(n: OnnxNode, q: Expr, lengths: Lengths) -> Expr:
    """(batch, sequence). Padding may stand behind the last row of the tables: it gets the last one."""
    given = n.get(9)
    at = lengths.past.reshape([-1, 1]) + q.dim(2).steps(2, 1) if given is None else Expr(q.b, given)
    return at.min(Expr(q.b, n[7]).dim(0) - 1)


def _turned(n: OnnxNode, x: Expr, at: Expr) -> Expr:
    half = n.tensor(7).dims[-1]
    width = half * 2 if isinstance(half, int) else None
    op = Rotary(interleaved=bool(n.attr("rotary_interleaved", 0)), width=width)
    return Expr(x.b, x.b(op, x.value, n[7], n[8], at.value))


def _cached(past: Value | None, new: Expr, lengths: Lengths) -> Expr:
    """The new rows behind those of the cache, in a buffer as long as the cache, or as all tokens if these are more."""
    b = new.b
    if past is None:
        return new
    cache = Expr(b, past)
    size = cache.dim(2)
    room = (lengths.total - size).max(0)
    kept = size.steps(4, 2) < lengths.past.reshape([-1, 1, 1, 1])
    cleared = kept.where(cache, cache.number(0))
    amounts = cache.constant([0, 0, 0, 0, 0, 0]).concat(room, cache.constant([0]))
    buffer = cleared.apply(Pad(), amounts)
    return buffer.apply(TensorScatter(axis=-2), new, lengths.past)


def _attend(n: OnnxNode, q: Expr, k: Expr, v: Expr, lengths: Lengths) -> Expr:
    b = q.b
    window = n.attr("local_window_size", -1)
    op = Attention(
        scale=float(n.attr("scale", 0.0)) or None,
        causal=bool(n.attr("causal", 1)),
        left_window=window - 1 if window > 0 else None,
        softcap=float(n.attr("softcap", 0.0)) or None,
    )
    sink, bias = n.get(11), n.get(10)
    if n.attr("smooth_softmax", 0) == 1 and sink is None:
        sink = b.constant([0.0] * n.required("num_heads"), q.dtype)
    added = None if bias is None else _widened(Expr(b, bias), k)
    if sink is None:
        mask = None if added is None else added.value
        seen = (None, lengths.past.value) if op.causal else (lengths.each.value, None)
        return Expr(b, b(op, q.value, k.value, v.value, mask, *seen))
    return _with_sink(op, (q, k, v), added, Expr(b, sink), lengths)


def _widened(bias: Expr, k: Expr) -> Expr:
    """The bias is for all tokens; a buffer that is longer has more keys behind them, which nobody sees."""
    room = (k.dim(2) - bias.dim(3)).reshape([1])
    return bias.apply(Pad(), bias.constant([0] * 7).concat(room))


def _with_sink(op: Attention, heads: tuple[Expr, Expr, Expr], added: Expr | None, sink: Expr, lengths: Lengths) -> Expr:
    """A further key of which each head has its score, and whose value is 0: it takes its share of the softmax."""
    q, k, v = heads
    b = q.b
    at = lengths.past.reshape([-1, 1, 1, 1]) + q.dim(2).steps(4, 2)
    key = k.dim(2).steps(4, 3)
    visible = key <= at if op.causal else key < lengths.each.reshape([-1, 1, 1, 1])
    if op.left_window is not None:
        visible = visible & (key >= at - op.left_window)
    zero = q.number(0.0) if added is None else added
    scores = visible.where(zero, q.number(-math.inf))
    lead = q.shape().slice(0, 0, 3)
    mask = scores.broadcast(lead.concat(k.shape().slice(0, 2, 3)))
    column = sink.to(q.dtype).reshape([1, -1, 1, 1]).broadcast(lead.concat(q.constant([1])))
    one_more = q.constant([0, 0, 0, 0, 0, 0, 1, 0])
    k, v = (e.apply(Pad(), one_more) for e in (k, v))
    bare = Attention(scale=op.scale, softcap=op.softcap)
    return Expr(b, b(bare, q.value, k.value, v.value, mask.concat(column, axis=3).value))
