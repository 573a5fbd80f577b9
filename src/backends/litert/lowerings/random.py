"""Random sources."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.lowering import Condition, Lowerings
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.random import RandomNormal, RandomUniform

TABLE = Lowerings()


def _narrow(node: Node, _: Any) -> bool:
    return node.result.tensor.dtype is not DType.F64


@TABLE.lower(RandomUniform, RandomNormal, when=[Condition("LiteRT draws float32", _narrow)])
def draw(op: Any, ctx: Context, shape: Edge) -> Edge:
    """Drawn in [0, 1), or of the standard distribution; two seeds of 0 are another one each time. The end of
    an interval is left out after rounding, too."""
    uniform = isinstance(op, RandomUniform)
    name = "RANDOM_UNIFORM" if uniform else "RANDOM_STANDARD_NORMAL"
    base, width = (op.low, op.high - op.low) if uniform else (op.mean, op.scale)
    seeds = (0, 0) if op.seed is None else (_seed(op.seed), 1)
    made = ctx.emit(name, ctx.index(shape), shape=ctx.result.dims, seed=seeds[0], seed2=seeds[1])
    for emitted, value, neutral in (("MUL", width, 1.0), ("ADD", base, 0.0)):
        if value != neutral:
            made = ctx.emit(emitted, made, ctx.constant(value, DType.F32))
    if uniform and (base, width) != (0.0, 1.0):
        last = np.nextafter(np.float32(op.high), np.float32(op.low))
        made = ctx.emit("MINIMUM", made, ctx.constant(last, DType.F32))
    return ctx.cast(made, op.dtype)


def _seed(seed: float) -> int:
    """Different for different seeds, as far as 63 bits go."""
    whole, part = divmod(seed, 1.0)
    return (int(whole) * 1_000_003 + int(part * (1 << 52))) % (1 << 63)
