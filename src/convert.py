"""The Python doors: load, evaluate, optimize, check, convert, verify, save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from interlingua.errors import UsageError
from interlingua.frontends.base import Frontend
from interlingua.ir.graph import Module
from interlingua.ir.interpret import Interpreter, Precision
from interlingua.plugins import plugins


def frontend_of(source: Any, name: str | None = None) -> Frontend:
    """The frontend for ``source``: the one that is named, or the first that accepts it.

    Raises:
        UsageError: none does.
    """
    host = plugins()
    if name is not None:
        return host.frontend(name)
    for frontend in host.frontends.values():
        if frontend.accepts(source):
            return frontend
    endings = ", ".join(e for f in host.frontends.values() for e in f.extensions)
    shown = source if isinstance(source, str | Path) else type(source).__name__
    raise UsageError(f"no frontend takes {shown}", hint=f"files end in {endings}; or name one with frontend=")


def load(source: Any, *, frontend: str | None = None, **options: Any) -> Module:
    """A model as a module.

    Args:
        source: a path, the bytes of a file, or a framework's own object.
        frontend: its name, where it is not plain from the source.
        options: the frontend's own.

    Raises:
        InvalidModel: the source is damaged.
        UnsupportedOps: everything that has no translation, at once.
    """
    if isinstance(source, Module):
        return source
    return frontend_of(source, frontend).load(source, **options)


def evaluate(
    module: Module, inputs: Mapping[str, Any] | Sequence[Any], *, precision: Precision = "native"
) -> dict[str, Any]:
    """The module's outputs by its reference semantics, by name in interface order.

    Args:
        module: what :func:`load` gave.
        inputs: arrays by name, or in interface order.
        precision: ``native`` computes in the declared dtypes, ``float64`` widens every float: the oracle.

    Raises:
        EvaluationError: the inputs do not fit the interface, or the computation is impossible on them.
    """
    if precision not in ("native", "float64"):
        raise UsageError(f"precision {precision!r}", hint="native or float64")
    return Interpreter(module, precision).run(inputs)
