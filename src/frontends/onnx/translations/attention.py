"""Attention and rotary embeddings. Heads packed into features are unpacked, caches joined, here."""

from __future__ import annotations

import math
from collections.abc import Sequence

from interlingua.errors import InvalidModel
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.frontends.onnx.translations.control import in_place
from interlingua.ir.builder import Builder
from interlingua.ir.dims import same
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.attention import Attention, LinearAttention, Rotary, attended
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.shape import Pad
from interlingua.ir.ops.shaping import dim_of
from interlingua.ir.ops.softmax import Softmax

TABLE = Table()


def unpacked(x: Expr, heads: int) -> Expr:
    """(batch, sequence, heads·width) as (batch, heads, sequence, width)."""
    shape = [dim_of(x.b, x.value, 0), dim_of(x.b, x.value, 1), heads, -1]
    return x.reshape(shape).transpose(0, 2, 1, 3)


def packed(x: Expr) -> Expr:
    """The inverse of :func:`unpacked`."""
    y = x.transpose(0, 2, 1, 3)
    return y.reshape([dim_of(x.b, y.value, 0), dim_of(x.b, y.value, 1), -1])


@TABLE.translate("Attention", 23, 24, 25)
def attention(n: OnnxNode, b: Builder) -> Sequence[Value | None]:
    q, k, v = (Expr(b, n[i]) for i in range(3))
    packs = n.rank(0) == 3
    if packs:
        heads, shared = n.required("q_num_heads"), n.required("kv_num_heads")
        q, k, v = unpacked(q, heads), unpacked(k, shared), unpacked(v, shared)
    past_k, past_v, lengths = n.get(4), n.get(5), n.get(6)
    offset: Expr | None = None
    if past_k is not None and past_v is not None:
        offset = Expr(b, past_k).dim(2).reshape([1])
        k, v = Expr(b, past_k).concat(k, axis=2), Expr(b, past_v).concat(v, axis=2)
    elif lengths is not None:
        offset = Expr(b, lengths) - q.dim(2)
    mask = None if n.get(3) is None else _padded(Expr(b, n[3]), k).value
    op = _attention(n)
    dtype = q.dtype
    operands = (mask, lengths, None if offset is None or not _positional(op) else offset.value)
    y = Expr(b, b(op, q.value, k.value, v.to(dtype).value, *operands))
    results: list[Value | None] = [(packed(y) if packs else y).value, k.value, v.value]
    if n.wants(3):
        stage = n.attr("qk_matmul_output_mode", 0)
        results.append(op.stages(b, q.value, k.value, *operands)[stage].to(dtype).value)
    return results[: max(1, len(n.outputs))]


def _attention(n: OnnxNode) -> Attention:
    scale, softcap = n.attr("scale"), float(n.attr("softcap", 0.0))
    left, right = n.attr("left_window_size", -1), n.attr("right_window_size", -1)
    return Attention(
        scale=None if scale is None else float(scale),
        causal=bool(n.attr("is_causal", 0)),
        left_window=None if left < 0 else left,
        right_window=None if right < 0 else right,
        softcap=None if softcap == 0 else softcap,
    )


def _positional(op: Attention) -> bool:
    return op.causal or op.left_window is not None or op.right_window is not None


def _padded(mask: Expr, k: Expr) -> Expr:
    """The mask with hidden keys added where it is shorter than the keys."""
    if same(mask.value.tensor.dims[-1], k.value.tensor.dims[2]) is True:
        return mask
    missing = (k.dim(2) - mask.dim(mask.rank - 1)).reshape([1])
    amounts = mask.constant([0] * (2 * mask.rank - 1)).concat(missing)
    hidden = mask.constant(False) if mask.dtype is DType.BOOL else mask.number(-math.inf)
    return mask.apply(Pad(), amounts, hidden)


RULES = {"linear": (False, False), "gated": (True, False), "delta": (False, True), "gated_delta": (True, True)}
"""Whether an update rule takes a decay, and whether it takes a beta."""


@TABLE.translate("LinearAttention", 27)
def linear_attention(n: OnnxNode, b: Builder) -> Sequence[Value]:
    """``chunk_size`` is a hint of how to compute, and a scale of 0 stands for none."""
    rule, heads, shared = n.attr("update_rule", "gated_delta"), n.required("q_num_heads"), n.required("kv_num_heads")
    if rule not in RULES:
        raise InvalidModel(f"{rule!r} is no update_rule of {n.op}", hint=f"there are {', '.join(RULES)}")
    decay, beta = n.get(4), n.get(5)
    for name, value, takes in zip(("decay", "beta"), (decay, beta), RULES[rule], strict=True):
        if (value is not None) is not takes:
            raise InvalidModel(f"the update_rule {rule} {'needs' if takes else 'takes no'} {name}")
    q, k, v = (unpacked(Expr(b, n[i]), count).value for i, count in enumerate((heads, shared, shared)))
    decay = None if decay is None else unpacked(Expr(b, decay), shared).value
    if beta is not None:
        columns = 1 if n.tensor(5).dims[-1] == 1 else shared
        beta = unpacked(Expr(b, beta), columns).value
    scale = n.attr("scale", 0.0)
    op = LinearAttention(scale=None if scale == 0 else float(scale))
    y, state = b.add_all(op, q, k, v, n.get(3), decay, beta)
    return packed(Expr(b, y)).value, state


@TABLE.translate("FlexAttention", 1, domain="ai.onnx.preview")
def flex_attention(n: OnnxNode, b: Builder) -> Value:
    """Attention, written out where a graph changes the scores or the probabilities: that goes in between.

    A query whose scores are all -inf has no softmax: NaN, as the function body gives it.
    """
    scale = n.attr("scale")
    op = Attention(scale=None if scale is None else float(scale))
    q, k, v = (n[i] for i in range(3))
    dtype = q.tensor.dtype
    precision = n.dtype("softmax_precision", DType.F64 if dtype is DType.F64 else DType.F32)
    if not n.attributes.keys() & {"score_mod", "prob_mod"} and precision.bits >= max(dtype.bits, 32):
        return b(op, q, k, v)
    scores = op.stages(b, q, k, None, None, None)[0].to(precision).value
    scores = _modified(n, b, "score_mod", scores)
    weights = _modified(n, b, "prob_mod", b(Softmax(axis=-1), scores))
    return attended(Expr(b, weights), v).to(dtype).value


def _modified(n: OnnxNode, b: Builder, graph: str, x: Value) -> Value:
    if n.attr(graph) is None:
        return x
    found = in_place(n, b, graph, x)
    if len(found) != 1 or found[0].tensor.dtype is not x.tensor.dtype:
        raise InvalidModel(f"{graph} gives {', '.join(str(v.type) for v in found)} where one {x.type} is due")
    return found[0]


@TABLE.translate("RotaryEmbedding", 23)
def rotary(n: OnnxNode, b: Builder) -> Value:
    x, width = Expr(b, n[0]), n.attr("rotary_embedding_dim", 0)
    packs = n.rank(0) == 3
    if packs:
        x = unpacked(x, n.required("num_heads"))
    op = Rotary(interleaved=bool(n.attr("interleaved", 0)), width=None if width == 0 else width)
    y = Expr(b, b(op, x.value, n[1], n[2], n.get(3)))
    return (packed(y) if packs else y).value
