"""Lowerings by family; their tables are put together here, explicitly."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from interlingua.backends.litert.trial import LiteRtLowerings
from interlingua.backends.lowering import merge

FAMILIES = (
    "activation",
    "binary",
    "contraction",
    "control",
    "convert",
    "conv_transpose",
    "convolution",
    "hyperbolic",
    "indexing",
    "logic",
    "padding",
    "order",
    "pooling",
    "quant",
    "random",
    "reduction",
    "resize",
    "scan",
    "scatter",
    "shape",
    "source",
    "unary",
)


@cache
def lowerings() -> LiteRtLowerings:
    """Every lowering of the backend."""
    table = LiteRtLowerings()
    table.rows = merge(import_module(f"{__name__}.{family}").TABLE for family in FAMILIES).rows
    return table
