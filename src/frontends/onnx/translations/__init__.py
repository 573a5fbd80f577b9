"""Translations by family; their tables are put together here, explicitly."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from interlingua.frontends.onnx.table import Table, merge
from interlingua.frontends.onnx.translations import contrib

FAMILIES = (
    "activation",
    "attention",
    "binary",
    "contraction",
    *(f"contrib.{family}" for family in contrib.FAMILIES),
    "control",
    "convert",
    "convolution",
    "experimental",
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
    "training",
    "unary",
    "vision",
)


@cache
def table() -> Table:
    """Every translation of the frontend."""
    return merge(import_module(f"{__name__}.{family}").TABLE for family in FAMILIES)
