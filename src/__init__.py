"""Interlingua: a conversion compiler for deep-learning models.

A model is loaded into one typed graph IR, transformed, legalized for a backend, emitted, and the artifact is run in
its own runtime against the source: a conversion comes with evidence, or it does not come.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if __name__ != "interlingua":
    raise ImportError(f"this package is called interlingua, not {__name__}: put no folder named src on the path")

__version__ = "0.1.0"

_HOMES = {
    "Conversion": "interlingua.driver",
    "bisect": "interlingua.diagnosis.bisect.door",
    "check": "interlingua.driver",
    "compare": "interlingua.diagnosis.compare.door",
    "convert": "interlingua.driver",
    "evaluate": "interlingua.driver",
    "fuzz": "interlingua.diagnosis.fuzz.campaign",
    "load": "interlingua.driver",
    "optimize": "interlingua.transform",
    "optimize_checked": "interlingua.transform",
    "reduce": "interlingua.diagnosis.reduce.reducer",
    "save": "interlingua.driver",
    "verify": "interlingua.driver",
    "Report": "interlingua.report",
    "Verdict": "interlingua.report",
    "Module": "interlingua.ir.graph",
    "InterlinguaError": "interlingua.errors",
    "hookimpl": "interlingua.plugins",
}
"""Where each public name lives. They are imported when first asked for, so that importing the package costs nothing."""

__all__ = ["__version__", *sorted(_HOMES)]  # pyright: ignore[reportUnsupportedDunderAll] - one definition of the names

if TYPE_CHECKING:
    from interlingua.diagnosis.bisect.door import bisect as bisect
    from interlingua.diagnosis.compare.door import compare as compare
    from interlingua.diagnosis.fuzz.campaign import fuzz as fuzz
    from interlingua.diagnosis.reduce.reducer import reduce as reduce
    from interlingua.driver import Conversion as Conversion
    from interlingua.driver import check as check
    from interlingua.driver import convert as convert
    from interlingua.driver import evaluate as evaluate
    from interlingua.driver import load as load
    from interlingua.driver import save as save
    from interlingua.driver import verify as verify
    from interlingua.errors import InterlinguaError as InterlinguaError
    from interlingua.ir.graph import Module as Module
    from interlingua.plugins import hookimpl as hookimpl
    from interlingua.report import Report as Report
    from interlingua.report import Verdict as Verdict
    from interlingua.transform import optimize as optimize
    from interlingua.transform import optimize_checked as optimize_checked


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'interlingua' has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
