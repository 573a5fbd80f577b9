"""The built-in dialects, put together from the families, explicitly."""

from __future__ import annotations

from functools import cache
from types import ModuleType

from interlingua.ir.dialect import Dialect, OpSet, collect

DOCS = {
    "core": "The closed set of primitives: what a backend lowers.",
    "nn": "Layers and activations.",
    "math": "Arithmetic that follows from the primitives.",
    "rnn": "Recurrent layers.",
    "vision": "Image operations.",
    "quant": "Quantization.",
    "signal": "Spectral analysis.",
    "sequence": "Lists of tensors whose length is known at run time only.",
    "optional": "Values that may be absent.",
    "string": "Text.",
    "opaque": "What only its source knows.",
}


def families() -> tuple[ModuleType, ...]:
    """Every module of ``interlingua.ir.ops`` that defines ops."""
    import importlib
    import pkgutil

    from interlingua.ir import ops

    names = sorted(info.name for info in pkgutil.iter_modules(ops.__path__) if info.name != "common")
    return tuple(importlib.import_module(f"{ops.__name__}.{name}") for name in names)


@cache
def builtin_dialects() -> tuple[Dialect, ...]:
    """All built-in dialects."""
    modules = families()
    return tuple(collect(name, *modules, doc=doc) for name, doc in DOCS.items())


@cache
def builtin_ops() -> OpSet:
    """All built-in ops by name."""
    return OpSet(builtin_dialects())
