"""Translations by family; their tables are put together here, explicitly."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from interlingua.frontends.torch.table import Table, merge

FAMILIES = (
    "activation",
    "attention",
    "binary",
    "contraction",
    "control",
    "convert",
    "convolution",
    "diagonal",
    "embedding",
    "indexing",
    "logic",
    "norm",
    "padding",
    "pooling",
    "rearrangement",
    "reduction",
    "resize",
    "rnn",
    "running",
    "scatter",
    "shape",
    "shuffle",
    "sorting",
    "source",
    "symbolic",
    "unary",
    "vision",
)


@cache
def table() -> Table:
    """Every translation of the frontend."""
    return merge(import_module(f"{__name__}.{family}").TABLE for family in FAMILIES)
