"""Proof of shape algebra: for all sizes that the symbols may have, both sides are of one shape, or hold one shape.

What keeps the order of elements (a reshape of a reshape) is settled by the shape alone, and so are the elements of a
tensor that tells of shapes. Both follow from the type rules of the ops, applied anew to each side. Equality of two
dims is decided by their normal form, else by z3: that they differ has no solution.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from interlingua.errors import ConstraintError
from interlingua.ir.dims import Dim, DimLike, is_unknown, product, same
from interlingua.ir.graph import Module, Value
from interlingua.ir.monomials import Apply, Atom
from interlingua.ir.ops.source import Constant
from interlingua.ir.rebuild import Change, rebuild
from interlingua.ir.types import Tensor, UnknownRank
from interlingua.obligations.draws import symbols_of
from interlingua.obligations.window import Sides

KEEPING = frozenset({"core.reshape", "nn.expand_dims", "nn.squeeze", "nn.flatten"})
"""Ops that leave elements in row-major order; the first operand is what they keep."""
MILLISECONDS = 2000
"""What z3 may take for one equality."""


def shapes_agree(sides: Sides) -> bool:
    """Whether both sides are shown to be one for all sizes."""
    if any(n.regions for side in (sides.before, sides.after) for n in side.main.nodes):
        return False
    try:
        before, after = rebuild(sides.before, Change()), rebuild(sides.after, Change())
    except (ConstraintError, UnknownRank):
        return False
    a, b = before.main.outputs[0], after.main.outputs[0]
    if not isinstance(a.type, Tensor) or not isinstance(b.type, Tensor) or a.type.dtype is not b.type.dtype:
        return False
    told = {s.name for s in symbols_of(list(sides.feeds.values()))}
    if not (_symbols(a.type) | _symbols(b.type)) <= told:
        return False  # a symbol that only one side made is another number on the other, whatever its name
    return _one_shape(a.type, b.type) and (_elements_agree(a.type, b.type) or _order_agrees(before, after))


def _symbols(type_: Tensor) -> set[str]:
    elements = [] if type_.elements is None else type_.elements.ravel().tolist()
    return {s.name for d in (*(type_.shape or ()), *elements) if isinstance(d, Dim) for s in d.symbols}


def _one_shape(a: Tensor, b: Tensor) -> bool:
    if a.shape is None or b.shape is None or len(a.shape) != len(b.shape):
        return False
    return all(equal(p, q) for p, q in zip(a.shape, b.shape, strict=True))


def _elements_agree(a: Tensor, b: Tensor) -> bool:
    """Whether all elements of both are told, and are the same."""
    if a.elements is None or b.elements is None or not a.dtype.is_integer or a.elements.shape != b.elements.shape:
        return False
    pairs = zip(a.elements.ravel().tolist(), b.elements.ravel().tolist(), strict=True)
    return all(p is not None and q is not None and equal(p, q) for p, q in pairs)


def _order_agrees(before: Module, after: Module) -> bool:
    """Whether both are one leaf, reshaped, and reshaped to sizes that it has for certain."""
    a, b = _kept(before.main.outputs[0]), _kept(after.main.outputs[0])
    return a is not None and b is not None and a.name == b.name


def _kept(end: Value) -> Value | None:
    """The input whose elements ``end`` holds in order."""
    value = end
    while value.node is not None:
        node = value.node
        if node.op.name not in KEEPING or isinstance(node.op, Constant) or node.operands[0] is None:
            return None
        inner = node.operands[0]
        if not isinstance(inner.type, Tensor) or not isinstance(value.type, Tensor):
            return None
        if inner.type.shape is None or value.type.shape is None:
            return None
        if not equal(product(inner.type.shape), product(value.type.shape)):
            return None
        value = inner
    return value


def equal(a: DimLike, b: DimLike) -> bool:
    """Whether two dims are equal for all sizes that their symbols may have."""
    if same(a, b) is True:
        return not is_unknown(a)
    if is_unknown(a) or is_unknown(b) or (isinstance(a, int) and isinstance(b, int)):
        return False
    return solved(a, b)


@lru_cache(maxsize=4096)
def solved(a: DimLike, b: DimLike) -> bool:
    """Whether z3 finds that ``a`` and ``b`` cannot differ; ``False`` too where it is not installed."""
    try:
        import z3
    except ImportError:
        return False
    said = _Said(z3)
    left, right = said.dim(a), said.dim(b)
    solver = z3.Solver()
    solver.set("timeout", MILLISECONDS)
    solver.add(*said.facts, left != right)
    return bool(solver.check() == z3.unsat)


class _Said:
    """Dims as z3 knows them, and what holds of their symbols."""

    def __init__(self, z3: Any) -> None:
        self.z3 = z3
        self.facts: list[Any] = []
        self.atoms: dict[Atom, Any] = {}

    def dim(self, value: DimLike) -> Any:
        """The polynomial."""
        if not isinstance(value, Dim):
            return self.z3.IntVal(int(value))
        total = self.z3.IntVal(0)
        for monomial, coefficient in value.terms:
            term = self.z3.IntVal(coefficient)
            for atom, power in monomial:
                for _ in range(power):
                    term = term * self.atom(atom)
            total = total + term
        return total

    def atom(self, atom: Atom) -> Any:
        """A symbol, or a function of dims."""
        if atom not in self.atoms:
            self.atoms[atom] = self._applied(atom) if isinstance(atom, Apply) else self.z3.Int(f"s.{atom.name}")
            if not isinstance(atom, Apply):
                self.facts.append(self.atoms[atom] >= atom.lo)
                self.facts += [] if atom.hi is None else [self.atoms[atom] <= atom.hi]
        return self.atoms[atom]

    def _applied(self, atom: Apply) -> Any:
        a, b = (self.dim(arg) for arg in atom.args)
        match atom.function:
            case "max":
                return self.z3.If(a >= b, a, b)
            case "min":
                return self.z3.If(a <= b, a, b)
            case "broadcast":
                return self.z3.If(a == 1, b, a)
            case _:
                return self._floored(a, b)

    def _floored(self, a: Any, b: Any) -> Any:
        quotient = self.z3.Int(f"q.{len(self.facts)}")
        below = self.z3.And(b > 0, b * quotient <= a, a < b * quotient + b)
        above = self.z3.And(b < 0, b * quotient >= a, a > b * quotient + b)
        self.facts.append(self.z3.Or(below, above, b == 0))
        return quotient
