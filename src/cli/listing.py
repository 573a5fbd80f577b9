"""Lists of what is installed, broken plugins included."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, Literal

from interlingua.cli.show import columns, line
from interlingua.plugins import Plugins, plugins


def show_listing(
    kind: Literal["backends", "frontends", "passes"],
    about: Callable[[Any], str],
    found: Plugins | None = None,
) -> None:
    """Name, a word about it, owner and summary of each; then the plugins that could not be used."""
    host = plugins() if found is None else found
    items, owners = getattr(host, kind), host.owners(kind)
    columns([(name, about(item), owners[name], _summary(item)) for name, item in items.items()])
    if host.problems:
        line("plugins that could not be used", "bold red")
        for problem in host.problems:
            line(f"  {problem.plugin}")
            for text in str(problem.error).splitlines():
                line(f"    {text}")


def show_passes(found: Plugins | None = None) -> None:
    """The rules of each pass, with their contracts and formulas; the options of each, with their defaults."""
    from interlingua.passes.options import options_of
    from interlingua.passes.rewrite.rule import RulePass

    passes = (plugins() if found is None else found).passes
    for name, each in passes.items():
        if issubclass(each, RulePass):
            line(f"rules of {name}")
            columns([(rule.name, rule.contract, _first(rule.doc)) for rule in each.rules])
    default = {name: each() for name, each in passes.items()}
    options = [(f"{n}.{o}", str(getattr(p, o))) for n, p in default.items() for o in options_of(p)]
    line("options, with their defaults")
    columns(options)


def show_pipelines() -> None:
    """Each pipeline, with the names of its passes, and what these are made of."""
    from interlingua.passes.catalogue import GROUPS, PIPELINES, REPEATED

    tables = {"pipelines": PIPELINES, "in turn, until none changes anything": REPEATED, "as one": GROUPS}
    for title, table in tables.items():
        line(title)
        columns([(name, ", ".join(names) or "no passes") for name, names in table.items()])


def _summary(item: Any) -> str:
    described = item if isinstance(item, type) else type(item)
    return _first(inspect.getdoc(described) or "")


def _first(text: str) -> str:
    first = text.partition("\n")[0]
    # docstrings are marked up, a terminal is not; markup may go on in the next line
    return re.sub(r":\w+:`([^`]*)`", r"\1", first).replace("``", "")
