"""Lowerings by family; their tables are put together here, explicitly."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from interlingua.backends.lowering import merge
from interlingua.backends.onnx.context import OnnxLowerings

FAMILIES = (
    "activation",
    "attention",
    "binary",
    "contraction",
    "control",
    "convert",
    "convolution",
    "indexing",
    "logic",
    "norm",
    "pooling",
    "quant",
    "random",
    "reduction",
    "resize",
    "rnn",
    "sequence",
    "shape",
    "signal",
    "source",
    "string",
    "unary",
    "vision",
)


@cache
def lowerings() -> OnnxLowerings:
    """Every lowering of the backend."""
    table = OnnxLowerings()
    table.rows = merge(import_module(f"{__name__}.{family}").TABLE for family in FAMILIES).rows
    return table
