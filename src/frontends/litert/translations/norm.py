"""Normalizations along the last axis.

Semantics: ``internal/reference/l2normalization.h`` (the norm is at least 1e-6) and ``LocalResponseNormalization`` of
``internal/reference/reference_ops.h``.
"""

from __future__ import annotations

from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import REAL, Table
from interlingua.frontends.litert.translations.activation import activated
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Div, Max
from interlingua.ir.ops.norm import Lrn
from interlingua.ir.ops.reduction import L2
from interlingua.ir.ops.shape import Transpose

TABLE = Table()

_LEAST = 1e-6


@TABLE.translate("L2_NORMALIZATION", quantized=REAL)
def l2_normalization(n: LiteRtNode, b: Builder) -> Value:
    x = n[0]
    norm = b(L2(axes=(n.rank(0) - 1,), keepdims=True), x)
    return activated(n, b, b(Div(), x, b(Max(), norm, b.scalar(_LEAST, x))))


@TABLE.translate("LOCAL_RESPONSE_NORMALIZATION")
def local_response_normalization(n: LiteRtNode, b: Builder) -> Value:
    """``x / (bias + alpha * Σ x²)^beta`` over ``radius`` channels on either side; the IR divides alpha by their
    number."""
    size = 2 * int(n.required("radius")) + 1
    alpha, beta, bias = (float(n.required(name)) for name in ("alpha", "beta", "bias"))
    op = Lrn(size=size, alpha=alpha * size, beta=beta, bias=bias)
    return b(Transpose(perm=(0, 2, 3, 1)), b(op, b(Transpose(perm=(0, 3, 1, 2)), n[0])))
