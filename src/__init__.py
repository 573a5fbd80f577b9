"""Interlingua: a conversion compiler for deep-learning models.

A model is loaded into one typed graph IR, transformed, legalized for a backend, emitted, and the artifact is run in its own
runtime against the source: a conversion comes with evidence, or it does not come.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if __name__ != "interlingua":
    raise ImportError(f"this package is called interlingua, not {__name__}: put no folder named src on the path")

__version__ = "0.1.0"

_HOMES = {
    "Conversion": "interlingua.convert",
    "check": "interlingua.convert",
    "convert": "interlingua.convert",
    "evaluate": "interlingua.convert",
    "load": "interlingua.convert",
    "optimize": "interlingua.convert",
    "save": "interlingua.convert",
    "verify": "interlingua.convert",
    "Report": "interlingua.report",
    "Verdict": "interlingua.report",
    "Module": "interlingua.ir.graph",
    "InterlinguaError": "interlingua.errors",
    "hookimpl": "interlingua.plugins",
}
"""Where each public name lives. They are imported when first asked for, so that importing the package costs nothing."""

__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604 - one definition of the names

if TYPE_CHECKING:
    from interlingua.convert import Conversion as Conversion
    from interlingua.convert import check as check
    from interlingua.convert import convert as convert
    from interlingua.convert import evaluate as evaluate
    from interlingua.convert import load as load
    from interlingua.convert import optimize as optimize
    from interlingua.convert import save as save
    from interlingua.convert import verify as verify
    from interlingua.errors import InterlinguaError as InterlinguaError
    from interlingua.ir.graph import Module as Module
    from interlingua.plugins import hookimpl as hookimpl
    from interlingua.report import Report as Report
    from interlingua.report import Verdict as Verdict


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'interlingua' has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
