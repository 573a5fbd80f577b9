"""Empty stacks: a loop without trips stacks nothing, and only the declared type says what that looks like.

The dims of the type are expressions of the shapes of values at hand, bound as the interpreter binds them.
"""

from __future__ import annotations

from typing import Protocol

from interlingua.ir.dims import Dim, DimLike
from interlingua.ir.graph import Module, Node
from interlingua.ir.monomials import Apply, Symbol
from interlingua.ir.ops.control import Scan, While
from interlingua.ir.types import Tensor, Type


class Bindings(Protocol):
    """Expressions by the name of the symbol whose value they are."""

    def get(self, name: str, /) -> str | None: ...

    def __contains__(self, name: object, /) -> bool: ...



def needs_stack(node: Node, index: int) -> bool:
    """Whether the result at ``index`` is a stack over the trips of a loop."""
    if isinstance(node.op, While):
        return index >= node.op.carried
    return isinstance(node.op, Scan) and index >= node.op.states


def symbols_of_stacks(module: Module) -> frozenset[str]:
    """The symbols in the types of all stacks."""
    types = [r.type for node in module.walk() for i, r in enumerate(node.results) if needs_stack(node, i)]
    dims = [d for t in types if isinstance(t, Tensor) for d in t.shape or () if isinstance(d, Dim)]
    return frozenset(s.name for d in dims for s in d.symbols)


def bound_by(type_: Type, bindings: Bindings) -> list[tuple[str, int]]:
    """The symbols that a value of the type is the first to tell, each with the axis that it names."""
    found: dict[str, int] = {}
    for axis, dim in enumerate((type_.shape or ()) if isinstance(type_, Tensor) else ()):
        if isinstance(dim, Dim) and len(dim.terms) == 1:
            ((monomial, factor),) = dim.terms
            if factor == 1 and len(monomial) == 1 and isinstance(monomial[0][0], Symbol):
                name = monomial[0][0].name
                if name not in bindings:
                    found.setdefault(name, axis)
    return list(found.items())


def dim_texts(type_: Type, bindings: Bindings) -> str:
    """The dims as a tuple of expressions, ``None`` for what nothing tells: a dim, or the rank."""
    if not isinstance(type_, Tensor) or type_.shape is None:
        return "None"
    texts = [dim_text(d, bindings) for d in type_.shape]
    return f"({', '.join('None' if t is None else t for t in texts)}{',' if len(texts) == 1 else ''})"


def dim_text(dim: DimLike, bindings: Bindings) -> str | None:
    """The dim as an expression; ``None`` where nothing tells it."""
    if isinstance(dim, int):
        return str(dim)
    terms = []
    for monomial, factor in dim.terms:
        atoms = [_atom(atom, bindings) for atom, power in monomial for _ in range(power)]
        if any(a is None for a in atoms):
            return None
        number = [str(factor)] if factor != 1 or not atoms else []
        terms.append(" * ".join([*number, *(a for a in atoms if a)]))
    return " + ".join(terms)


def _atom(atom: Symbol | Apply, bindings: Bindings) -> str | None:
    if isinstance(atom, Symbol):
        return bindings.get(atom.name)
    a, b = (dim_text(arg, bindings) for arg in atom.args)
    if a is None or b is None:
        return None
    inner = {} if atom.function in ("max", "min") else {"a": _bracketed(a), "b": _bracketed(b)}
    return _PYTHON[atom.function].format(**{"a": a, "b": b, **inner})


def _bracketed(text: str) -> str:
    return f"({text})" if " " in text else text


_PYTHON = {
    "floordiv": "({a} // {b})",
    "max": "max({a}, {b})",
    "min": "min({a}, {b})",
    "broadcast": "({b} if {a} == 1 else {a})",
}
"""The functions of dims as expressions."""
