"""Rotary embeddings. Attention decomposes, and so runs in opsets before 23 and with offsets and windows."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Lowerings, since
from interlingua.backends.onnx.context import Context
from interlingua.ir.ops.attention import Rotary

TABLE = Lowerings()


@TABLE.lower(Rotary, when=[since(23)])
def rotary(op: Rotary, ctx: Context, *operands: Any) -> Any:
    return ctx.emit("RotaryEmbedding", *operands, interleaved=op.interleaved, rotary_embedding_dim=op.width)
