"""Translations by family; their tables are put together here, explicitly."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from interlingua.frontends.litert.table import Table, merge

FAMILIES = (
    "activation",
    "binary",
    "bitwise",
    "blocks",
    "contraction",
    "control",
    "convert",
    "convolution",
    "declined",
    "detection",
    "indexing",
    "norm",
    "pad",
    "pooling",
    "quant",
    "random",
    "reduction",
    "resize",
    "rnn",
    "scatter",
    "shape",
    "signal",
    "slice",
    "stablehlo",
    "unary",
)


@cache
def table() -> Table:
    """Every translation of the frontend."""
    return merge(import_module(f"{__name__}.{family}").TABLE for family in FAMILIES)
