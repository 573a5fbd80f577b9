"""Attention and rotary embeddings.

Attention decomposes in opsets before 23, and with what ONNX says otherwise: causal and windowed, with offsets, lengths,
caps, masks that are bool (a query without keys is 0 here).
"""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled, since
from interlingua.backends.onnx.context import Context
from interlingua.ir.dims import same
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.intervals import finite_interval
from interlingua.ir.ops.attention import Attention, Rotary

TABLE = Lowerings()


def _plain(node: Node, _: Any) -> bool:
    op = node.op
    assert isinstance(op, Attention)
    modes = op.causal or op.left_window is not None or op.right_window is not None or op.softcap is not None
    return not modes and all(v is None for v in node.operands[4:])


def _visible(node: Node, _: Any) -> bool:
    mask = node.operands[3] if len(node.operands) > 3 else None
    return mask is None or (mask.tensor.dtype.is_float and mask.tensor.rank == 4 and finite_interval(mask) is not None)


def _one_head_each(node: Node, _: Any) -> bool:
    return same(node.operand(0).tensor.dims[1], node.operand(1).tensor.dims[1]) is True


@TABLE.lower(
    Attention,
    when=[
        since(23),
        dtypes({DType.F32}),
        filled(0, 1, 2),
        Condition("it is causal, capped, or has windows, lengths or an offset", _plain),
        Condition("the mask may hide all keys of a query", _visible),
        Condition("heads share keys", _one_head_each),
    ],
)
def attention(op: Attention, ctx: Context, q: Any, k: Any, v: Any, mask: Any = None) -> Any:
    return ctx.emit("Attention", q, k, v, mask, scale=op.scale)


@TABLE.lower(Rotary, when=[since(23)])
def rotary(op: Rotary, ctx: Context, *operands: Any) -> Any:
    return ctx.emit("RotaryEmbedding", *operands, interleaved=op.interleaved, rotary_embedding_dim=op.width)
