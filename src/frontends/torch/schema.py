"""The arguments of a call by the names of the operator's schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any


@cache
def overload_name(target: Any) -> str:
    """The name of an operator overload as tables have it."""
    namespace, _, rest = str(target._schema.name).partition("::")
    variant = target._overloadname
    return f"{rest}.{variant}" if namespace == "aten" else f"{namespace}::{rest}.{variant}"


@cache
def _formals(target: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((a.name, a.default_value if a.has_default_value() else None) for a in target._schema.arguments)


@cache
def mutated(target: Any) -> tuple[str, ...]:
    """The arguments that the operator writes into."""
    infos = ((a.name, a.alias_info) for a in target._schema.arguments)
    return tuple(name for name, info in infos if info is not None and info.is_write)


@cache
def aliased(target: Any) -> tuple[str, ...]:
    """The arguments that a result may share its elements with."""
    returned = any(r.alias_info is not None for r in target._schema.returns)
    infos = ((a.name, a.alias_info) for a in target._schema.arguments)
    return tuple(name for name, info in infos if info is not None) if returned else ()


def bind(target: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Every argument of the call by name."""
    found: dict[str, Any] = {}
    for index, (name, default) in enumerate(_formals(target)):
        found[name] = args[index] if index < len(args) else kwargs.get(name, default)
    return found
