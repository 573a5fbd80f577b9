"""Functions that artifacts call where PyTorch has none: their source is copied, so each stands alone.

A family is a module; its functions are written in PyTorch, import nothing but it and the standard library, and refer to
nothing but functions of this package.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import FunctionType

FAMILIES: tuple[str, ...] = (
    "boxes",
    "control",
    "convert",
    "convolution",
    "indexing",
    "pooling",
    "recurrence",
    "reduction",
    "remainders",
    "resize",
    "sequence",
    "shape",
    "signal",
    "source",
    "unsigned",
)


@cache
def names() -> tuple[str, ...]:
    """What the functions of all families are called."""
    modules = [import_module(f"{__name__}.{family}") for family in FAMILIES]
    return tuple(
        name
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, FunctionType) and value.__module__ == module.__name__
    )
