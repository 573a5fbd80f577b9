"""Lowerings by family; their tables are put together here, explicitly."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from interlingua.backends.lowering import merge
from interlingua.backends.torch.table import TorchLowerings

FAMILIES = (
    "activation",
    "attention",
    "binary",
    "contraction",
    "control",
    "convert",
    "convolution",
    "indexing",
    "norm",
    "pooling",
    "reduction",
    "resize",
    "rnn",
    "sequence",
    "shape",
    "signal",
    "source",
    "unary",
    "vision",
)


@cache
def lowerings() -> TorchLowerings:
    """Every lowering of the backend."""
    table = TorchLowerings()
    table.rows = merge(import_module(f"{__name__}.{family}").TABLE for family in FAMILIES).rows
    return table
