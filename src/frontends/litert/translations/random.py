"""Random numbers.

Semantics: ``tensorflow/lite/kernels/random_ops.cc``: which numbers come is the generator's affair, that they are
uniform in [0, 1) or standard normal is the op's.
"""

from __future__ import annotations

from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.random import RandomNormal, RandomUniform

TABLE = Table()

_ODD, _EXACT = 0x9E3779B1, 1 << 24
"""An odd number that no small seeds share multiples of, and what a seed in float32 is exact below."""


@TABLE.translate("RANDOM_UNIFORM", "RANDOM_STANDARD_NORMAL")
def random(n: LiteRtNode, b: Builder) -> Value:
    """Two seeds of 0 ask for other numbers at each run; any others become one that changes with either."""
    seeds = int(n.required("seed")), int(n.required("seed2"))
    seed = float((seeds[0] * _ODD + seeds[1]) % _EXACT) if any(seeds) else None
    shape = n[0] if n.tensor(0).dtype is DType.I64 else b(Cast(to=DType.I64), n[0])
    op = RandomUniform if n.op == "RANDOM_UNIFORM" else RandomNormal
    return b(op(dtype=n.dtype(0), seed=seed), shape)
