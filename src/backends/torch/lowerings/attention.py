"""Attention."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.lowerings.detours import digits
from interlingua.ir.dims import same
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.attention import Attention

TABLE = Lowerings()

WIDE = frozenset({DType.F32, DType.F64})


def _plain(node: Node, _: Any) -> bool:
    """No more than scores, a mask of its own or of causes, and their softmax."""
    op, operands = node.op, [*node.operands, *[None] * 6]
    assert isinstance(op, Attention)
    variants = (op.left_window, op.right_window, op.softcap, operands[4], operands[5])
    return all(v is None for v in variants) and not (op.causal and operands[3] is not None)


def _spread(node: Node, _: Any) -> bool:
    mask = node.operands[3] if len(node.operands) > 3 else None
    return mask is None or mask.tensor.rank >= 2


@TABLE.lower(
    Attention,
    when=[
        dtypes(WIDE),
        Condition("it has windows, lengths, an offset or a cap, or a mask besides that of causes", _plain),
        Condition("the mask has less than two axes", _spread),
        filled(0, 1, 2),
    ],
)
def attention(op: Attention, ctx: Context, q: str, k: str, v: str, mask: str = "None", *rest: str) -> str:
    """A query that a mask leaves without keys gives 0, as measured in every one of PyTorch's ways on a CPU."""
    told = ["is_causal=True"] if op.causal else []
    told += [f"attn_mask={mask}"] if mask != "None" else []
    told += [f"scale={digits(ctx, op.scale)}"] if op.scale is not None else []
    heads, shared = ctx.type(0).dims[1], ctx.type(1).dims[1]
    told += ["enable_gqa=True"] if same(heads, shared) is not True else []
    return f"F.scaled_dot_product_attention({', '.join([q, k, v, *told])})"
