"""Patterns: what a rule looks for, as data.

A pattern is matched against a value, from the node that computes it upwards through its operands::

    X = Var("x")
    HALVES = OpPattern(Mul, X, OpPattern(Add, OpPattern(Erf, OpPattern(Div, X, Number(math.sqrt(2)))), Number(1)))

Operands of commutative ops match in either order, a name that comes twice has to be the same value both times, and
what does not match is tried another way where there is one (:class:`Either`, the orders).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any, TypeAlias

import numpy as np

from interlingua.ir.graph import Graph, Node, Value
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Add, Max, Min, Mul
from interlingua.ir.ops.logic import And, Eq, Or, Xor
from interlingua.ir.ops.math import Ne
from interlingua.passes.rewrite.values import array_of, integers_of, is_number, number_of, one_value, weight_of

COMMUTATIVE: frozenset[type[Op]] = frozenset({Add, Mul, Max, Min, And, Or, Xor, Eq, Ne})


@dataclass(frozen=True, slots=True)
class Match:
    """A place where a pattern holds.

    Attributes:
        values: by the names of the pattern.
        nodes: the nodes that ops of the pattern matched, by name; all of them, root first, in :attr:`matched`.
    """

    values: Mapping[str, Value] = field(default_factory=dict[str, Value])
    nodes: Mapping[str, Node] = field(default_factory=dict[str, Node])
    matched: tuple[Node, ...] = ()

    @property
    def root(self) -> Node:
        """The node at the end of the pattern, whose results are replaced."""
        return self.matched[0]

    def __getitem__(self, name: str) -> Value:
        return self.values[name]

    def get(self, name: str) -> Value | None:
        """The value of a name in a part that may be missing."""
        return self.values.get(name)

    def op(self, name: str) -> Any:
        """The op of a named node."""
        return self.nodes[name].op

    def number(self, name: str) -> float:
        """The number that a constant, matched by :class:`Number`, is throughout."""
        found = number_of(self.values[name])
        if found is None:
            raise KeyError(name)
        return float(found)

    def array(self, name: str) -> np.ndarray[Any, Any]:
        """The contents of a constant."""
        found = array_of(self.values[name])
        if found is None:
            raise KeyError(name)
        return found

    def integers(self, name: str) -> list[int] | None:
        """The elements of an integer tensor, where all are known."""
        return integers_of(self.values[name])

    def with_value(self, name: str, value: Value) -> Match:
        """This with one more value."""
        return Match({**self.values, name: value}, self.nodes, self.matched)

    def with_node(self, name: str, node: Node) -> Match:
        """This with one more node."""
        named = {**self.nodes, name: node} if name else self.nodes
        return Match(self.values, named, (*self.matched, node))

    def outside_users(self) -> Iterator[Node | Graph]:
        """Who else uses what the nodes below the root compute: the root's place can be taken, theirs not."""
        inside = set(self.matched)
        for node in self.matched[1:]:
            yield from (user for r in node.results for user, _ in r.uses if user not in inside)


class Pattern:
    """Base of all patterns."""

    def matches(self, value: Value | None, match: Match) -> Iterator[Match]:
        """Every way in which ``value`` fits what ``match`` holds already, extended."""
        raise NotImplementedError


Operand: TypeAlias = "Pattern | None"
"""``None`` for an operand that is absent."""


@dataclass(frozen=True, slots=True)
class Var(Pattern):
    """Any value that is there; ``where`` says more."""

    name: str
    where: Callable[[Value], bool] | None = None

    def matches(self, value: Value | None, match: Match) -> Iterator[Match]:
        """As :meth:`Pattern.matches`."""
        if value is None or (self.where is not None and not self.where(value)):
            return
        bound = match.values.get(self.name)
        if bound is None:
            yield match.with_value(self.name, value)
        elif one_value(bound, value):
            yield match


@dataclass(frozen=True, slots=True)
class Const(Pattern):
    """A constant."""

    name: str

    def matches(self, value: Value | None, match: Match) -> Iterator[Match]:
        """As :meth:`Pattern.matches`."""
        if weight_of(value) is not None:
            yield from Var(self.name).matches(value, match)


@dataclass(frozen=True, slots=True)
class Number(Pattern):
    """A constant that is one number throughout: ``value``, or any.

    A value is that of the constant's own dtype that is nearest: 0.1 in float16 is what float16 makes of it.
    """

    value: float | None = None
    name: str = ""

    def matches(self, value: Value | None, match: Match) -> Iterator[Match]:
        """As :meth:`Pattern.matches`."""
        if value is None or (number_of(value) is None if self.value is None else not is_number(value, self.value)):
            return
        yield match.with_value(self.name, value) if self.name else match


@dataclass(frozen=True, slots=True)
class Integers(Pattern):
    """An integer tensor all of whose elements are known: ``elements``, or any."""

    name: str
    elements: tuple[int, ...] | None = None

    def matches(self, value: Value | None, match: Match) -> Iterator[Match]:
        """As :meth:`Pattern.matches`."""
        found = integers_of(value)
        if value is not None and found is not None and self.elements in (None, tuple(found)):
            yield match.with_value(self.name, value)


class Either(Pattern):
    """Any of some patterns, the first that fits first."""

    __slots__ = ("patterns",)

    def __init__(self, *patterns: Pattern) -> None:
        self.patterns = patterns

    def matches(self, value: Value | None, match: Match) -> Iterator[Match]:
        """As :meth:`Pattern.matches`."""
        for pattern in self.patterns:
            yield from pattern.matches(value, match)


class OpPattern(Pattern):
    """A node of an op (or of one of several), the value being its first result unless ``result`` says another.

    Args:
        ops: a class, or a tuple of them.
        operands: patterns of the operands, in order; those after the last one have to be absent. ``None`` is an operand
            that is absent. ``...`` at the end takes whatever comes.
        name: of the node, for the rule to look at.
        result: which result the value is.
        where: more that has to hold of the node.
        attributes: values that attributes have to have.
    """

    __slots__ = ("attributes", "name", "open", "operands", "ops", "orders", "result", "where")

    def __init__(
        self,
        ops: type[Op] | tuple[type[Op], ...],
        *operands: Operand | EllipsisType,
        name: str = "",
        result: int = 0,
        where: Callable[[Node], bool] | None = None,
        **attributes: Any,
    ) -> None:
        self.ops = ops if isinstance(ops, tuple) else (ops,)
        self.open = bool(operands) and operands[-1] is ...
        self.operands: tuple[Operand, ...] = tuple(o for o in operands if not isinstance(o, EllipsisType))
        self.name = name
        self.result = result
        self.where = where
        self.attributes = attributes
        swaps = len(self.operands) == 2 and any(op in COMMUTATIVE for op in self.ops)
        self.orders = (self.operands, self.operands[::-1]) if swaps else (self.operands,)

    def matches(self, value: Value | None, match: Match) -> Iterator[Match]:
        """As :meth:`Pattern.matches`."""
        if value is None or value.node is None or value.index != self.result:
            return
        yield from self.at(value.node, match)

    def at(self, node: Node, match: Match) -> Iterator[Match]:
        """Every way in which ``node`` fits."""
        if not self._fits(node):
            return
        extended = match.with_node(self.name, node)
        orders = self.orders if type(node.op) in COMMUTATIVE else self.orders[:1]
        for operands in orders:
            yield from _each(operands, node.operands, 0, extended)

    def _fits(self, node: Node) -> bool:
        if type(node.op) not in self.ops:
            return False
        given, wanted = len(node.operands), len(self.operands)
        if given < wanted and not all(o is None for o in self.operands[given:]):
            return False
        if not self.open and any(o is not None for o in node.operands[wanted:]):
            return False
        if any(getattr(node.op, name) != value for name, value in self.attributes.items()):
            return False
        return self.where is None or self.where(node)


def _each(patterns: tuple[Operand, ...], values: tuple[Value | None, ...], index: int, match: Match) -> Iterator[Match]:
    if index == len(patterns):
        yield match
        return
    pattern, value = patterns[index], values[index] if index < len(values) else None
    if pattern is None:
        if value is None:
            yield from _each(patterns, values, index + 1, match)
        return
    for extended in pattern.matches(value, match):
        yield from _each(patterns, values, index + 1, extended)


def maybe(wrap: Callable[[Pattern], Pattern], inner: Pattern) -> Either:
    """A part that may be missing: ``inner`` inside what ``wrap`` puts around it, or by itself."""
    return Either(wrap(inner), inner)


def groupings(op: type[Op], *parts: Pattern) -> tuple[OpPattern, ...]:
    """Every way to put parts together by an associative, commutative op: ``(a·b)·c``, ``(a·c)·b``, ``a·(b·c)``."""
    return tuple(tree for tree in _trees(op, parts) if isinstance(tree, OpPattern))


def _trees(op: type[Op], parts: tuple[Pattern, ...]) -> Iterator[Pattern]:
    if len(parts) == 1:
        yield parts[0]
        return
    first, rest = parts[0], parts[1:]
    for taken in range(2 ** len(rest) - 1):
        left = (first, *(p for i, p in enumerate(rest) if taken >> i & 1))
        right = tuple(p for i, p in enumerate(rest) if not taken >> i & 1)
        for one in _trees(op, left):
            for other in _trees(op, right):
                yield OpPattern(op, one, other)
