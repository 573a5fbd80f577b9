"""The source of kernels, with all that it needs: a function is followed into the functions that it calls."""

from __future__ import annotations

import ast
import builtins
import dis
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

_REMARKS = re.compile(r"\s*# (?:type: ignore|noqa).*$", re.MULTILINE)
"""Remarks to the checkers of this repository, which say nothing to a reader of the artifact."""


@dataclass(slots=True)
class Sources:
    """Functions with all that they call, and the imports that they take."""

    functions: dict[str, FunctionType] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)

    def add(self, function: Callable[..., Any], given: Iterable[str] = ()) -> None:
        """Take ``function`` in; the names ``given`` are defined elsewhere in the program.

        Raises:
            ValueError: its source cannot stand alone.
        """
        pending = [function]
        while pending:
            current = pending.pop()
            known = self.functions.get(current.__name__)
            if known is current:
                continue
            if known is not None:
                homes = f"{known.__module__} and {current.__module__}"
                raise ValueError(f"two functions are called {current.__name__}, in {homes}")
            needed, imports = _needs(current, tuple(given))
            assert isinstance(current, FunctionType)
            self.functions[current.__name__] = current
            self.imports |= imports
            pending.extend(needed)

    def text(self, names: Iterable[str] | None = None) -> str:
        """The source of the functions, or of those called ``names``, as their modules order them."""
        chosen = self.functions.values() if names is None else [self.functions[n] for n in names]
        ordered = sorted(chosen, key=lambda f: (f.__module__, f.__code__.co_firstlineno))
        return "\n\n".join(source(f) for f in ordered)


def import_lines(imports: Iterable[str]) -> list[str]:
    """Import statements of the standard library, then those of other packages, names from one module together."""
    plain = sorted(line for line in imports if line.startswith("import"))
    names: dict[str, set[str]] = {}
    for line in imports:
        if line.startswith("from"):
            _, home, _, name = line.split()
            names.setdefault(home, set()).add(name)
    lines = [*plain, *(f"from {home} import {', '.join(sorted(names[home]))}" for home in sorted(names))]
    others = [line for line in lines if _top(line) not in sys.stdlib_module_names]
    return [*(line for line in lines if line not in others), "", *others]


def _top(statement: str) -> str:
    """The package that an import statement is about."""
    return statement.split()[1].partition(".")[0]


def told(function: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments by keyword that a call has to name: the function does not default to them."""
    given = getattr(function, "__kwdefaults__", None) or {}
    return {k: v for k, v in arguments.items() if not (k in given and _alike(given[k], v))}


def _alike(a: Any, b: Any) -> bool:
    return type(a) is type(b) and repr(a) == repr(b)


def stands_alone(function: Any) -> bool:
    """Whether the source of ``function`` can be handed out: a plain function that closes over nothing."""
    if not isinstance(function, FunctionType) or function.__closure__ or function.__name__ == "<lambda>":
        return False
    try:
        Sources().add(function)
    except (OSError, ValueError):
        return False
    return True


@cache
def source(function: Callable[..., Any]) -> str:
    """The source text of a function, without remarks to checkers."""
    return _REMARKS.sub("", textwrap.dedent(inspect.getsource(function))).rstrip() + "\n"


@cache
def _needs(function: Any, given: tuple[str, ...]) -> tuple[tuple[Callable[..., Any], ...], frozenset[str]]:
    """The functions that ``function`` calls and the imports that it takes."""
    space = function.__globals__
    called = set(_globals_of(function.__code__))
    written = {n.id for n in ast.walk(ast.parse(source(function))) if isinstance(n, ast.Name)}
    lost = sorted(n for n in called if n not in space and n not in given and not hasattr(builtins, n))
    if lost:
        raise ValueError(f"{function.__name__} refers to {lost[0]}, which is not defined")
    functions: list[Callable[..., Any]] = []
    imports: set[str] = set()
    for name in sorted(n for n in (called | written) & space.keys() if not n.startswith("__")):
        value = space[name]
        if isinstance(value, FunctionType) and _package(value) == _package(function):
            if name in called:
                _same_name(name, value)
                functions.append(value)
        elif isinstance(value, ModuleType):
            imports.add(f"import {value.__name__}" + (f" as {name}" if name != value.__name__ else ""))
        elif callable(value) or name not in called:
            imports |= _import_from(name, value)
        else:
            raise ValueError(f"{function.__name__} refers to {name}, which is no function")
    return tuple(functions), frozenset(imports)


def _import_from(name: str, value: Any) -> set[str]:
    if name == "Array":  # an alias of the kernels' own; the program defines it
        return set()
    home = getattr(value, "__module__", None)
    return set() if home is None else {f"from {home.split('._')[0]} import {name}"}


def _same_name(name: str, function: FunctionType) -> None:
    if function.__name__ != name:
        raise ValueError(f"{function.__name__} goes by another name: {name}")


def _package(function: Any) -> str:
    return str(function.__module__).partition(".")[0]


def _globals_of(code: CodeType) -> Iterator[str]:
    """Names that the code, or code inside it, looks up globally."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals_of(constant)
