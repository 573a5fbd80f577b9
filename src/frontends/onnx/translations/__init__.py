"""Translations by family; their tables are put together here, explicitly."""

from __future__ import annotations

from functools import cache

from interlingua.frontends.onnx.table import Table, merge


@cache
def table() -> Table:
    """Every translation of the frontend."""
    import importlib, pkgutil
    from interlingua.frontends.onnx import translations as t
    mods=[importlib.import_module(t.__name__+'.'+i.name) for i in pkgutil.iter_modules(t.__path__)]
    return merge(module.TABLE for module in mods if hasattr(module, 'TABLE'))
