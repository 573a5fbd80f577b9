"""Modules written as formulas: what a test of passes begins with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from interlingua.ir.builder import Builder, symbols_of
from interlingua.ir.ops.expression import Expr
from support.text import parse

Formula = Callable[..., "Expr | Sequence[Expr]"]


def written(formula: Formula, *types: str) -> str:
    """The text of a module that computes a formula of inputs ``x``, ``z``, ``w`` … of the types: a result ``y``, and
    more after it where the formula gives several."""
    names = "xzwuv"[: len(types)]
    ports = "".join(f'input "{name}" [*]\n' for name in names)
    inputs = ", ".join(f"%{name}: {type_}" for name, type_ in zip(names, types, strict=True))
    module = parse(f'interlingua 1\n{ports}output "y" [*]\nfunc @main({inputs}) {{\n  return %x as "y"\n}}\n')
    b = Builder(module.main, symbols=symbols_of(module))
    found = formula(*(Expr(b, value) for value in module.main.inputs))
    results = [found] if isinstance(found, Expr) else list(found)
    outputs = ["y", *(f"y{i}" for i in range(1, len(results)))]
    for name, result in zip(outputs, results, strict=True):
        result.value.name = name
    b.outputs([r.value for r in results], outputs)
    shown = "".join(f'output "{name}" [*]\n' for name in outputs)
    text = str(module).replace('output "y" [*]\n', shown)
    parse(text)
    return text
