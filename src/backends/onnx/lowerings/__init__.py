"""Lowerings by family; their tables are put together here, explicitly."""

from __future__ import annotations

from functools import cache

from interlingua.backends.lowering import Lowerings, merge


@cache
def lowerings() -> Lowerings:
    """Every lowering of the backend."""
    import importlib, pkgutil
    from interlingua.backends.onnx import lowerings as t
    mods=[importlib.import_module(t.__name__+'.'+i.name) for i in pkgutil.iter_modules(t.__path__)]
    return merge(module.TABLE for module in mods if hasattr(module, 'TABLE'))
