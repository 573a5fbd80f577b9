"""Options of passes, given as text: ``fold-constants.limit=64``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, get_type_hints

from interlingua.errors import UsageError
from interlingua.passes.base import Pass
from interlingua.passes.rewrite.repeated import Repeated
from interlingua.passes.rewrite.rule import RulePass
from interlingua.passes.rewrite.together import Together

CHOICES = frozenset({"only", "skip"})
"""Fields of passes made of rules: :func:`interlingua.passes.pipeline.select` sets them, over all passes."""


def options_of(each: Pass | type[Pass]) -> dict[str, Any]:
    """The options of a pass by name, with their types."""
    kind = each if isinstance(each, type) else type(each)
    hints = get_type_hints(kind)
    hidden = CHOICES if issubclass(kind, RulePass) else frozenset()
    return {f.name: hints[f.name] for f in fields(kind) if f.name not in hidden}


def with_options(passes: Sequence[Pass], texts: Sequence[str]) -> list[Pass]:
    """The passes with options set, those inside groups too.

    Raises:
        UsageError: a text is not of the form ``PASS.OPTION=VALUE``, or there is no such pass, option or value.
    """
    wanted: dict[str, dict[str, str]] = {}
    for text in texts:
        name, option, value = _parts(text)
        wanted.setdefault(name, {})[option] = value
    seen: set[str] = set()
    found = [_set(each, wanted, seen) for each in passes]
    missing = sorted(set(wanted) - seen)
    if missing:
        raise UsageError(f"no pass here is called {missing[0]!r}", hint=f"there are: {', '.join(sorted(seen))}")
    return found


def _parts(text: str) -> tuple[str, str, str]:
    left, equals, value = text.partition("=")
    name, dot, option = left.rpartition(".")
    if not equals or not dot or not name or not option:
        hint = "write PASS.OPTION=VALUE, as in fold-constants.limit=64"
        raise UsageError(f"{text!r} is no option of a pass", hint=hint)
    return name, option.replace("-", "_"), value


def _set(each: Pass, wanted: Mapping[str, Mapping[str, str]], seen: set[str]) -> Pass:
    if isinstance(each, Together):
        members = tuple(m for m in (_set(m, wanted, seen) for m in each.members) if isinstance(m, RulePass))
        return replace(each, members=members)
    if isinstance(each, Repeated):
        return replace(each, members=tuple(_set(m, wanted, seen) for m in each.members))
    seen.add(each.name)
    given = wanted.get(each.name)
    if given is None:
        return each
    types = options_of(each)
    unknown = next((option for option in given if option not in types), None)
    if unknown is not None:
        hint = f"its options are: {', '.join(types)}" if types else "it has no options"
        raise UsageError(f"{each.name} has no option {unknown!r}", hint=hint)
    return replace(each, **{option: _read(each.name, option, types[option], text) for option, text in given.items()})


def _read(name: str, option: str, type_: Any, text: str) -> Any:
    read = READERS.get(type_)
    if read is None:
        raise UsageError(f"{name}.{option} is a {type_}, which is given from Python alone")
    try:
        return read(text)
    except (ValueError, KeyError) as error:
        raise UsageError(f"{name}.{option} is a {_called(type_)}, not {text!r}") from error


def _called(type_: Any) -> str:
    return type_.__name__ if isinstance(type_, type) and not hasattr(type_, "__args__") else str(type_)


READERS: dict[Any, Callable[[str], Any]] = {
    int: int,
    float: float,
    str: str,
    bool: lambda text: {"true": True, "false": False}[text.lower()],
    tuple[str, ...]: lambda text: tuple(part for part in text.split(",") if part),
    tuple[int, ...]: lambda text: tuple(int(part) for part in text.split(",") if part),
}
"""How text becomes a value, by the type of a field."""
