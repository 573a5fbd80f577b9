"""The window of a rewrite: what is replaced and what replaces it, cut out down to values that both begin at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from interlingua.ir.graph import Graph, Module, Node, Value
from interlingua.ir.op import Op
from interlingua.ir.ops.control import Call, If, Scan, While
from interlingua.ir.ops.opaque import Opaque
from interlingua.ir.ops.source import Constant
from interlingua.obligations.sever import Severed
from interlingua.passes.rewrite.values import one_value

RESULT = "result"
"""What the only output of either side is called."""
MOST = 256
"""Nodes that a window may grow to: context that a rule relied on stands near."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides as modules with the same inputs.

    Attributes:
        feeds: by name of an input, the value of the graph that it is.
        random: whether either side draws random numbers.
    """

    before: Module
    after: Module
    feeds: Mapping[str, Value]
    random: bool


class Window:
    """Two values that are to be one, and the nodes in between them and where both begin.

    Args:
        old, new: the values.
        matched: the nodes that were looked at, which compute ``old``.
        made: those that were put in.
        functions: what the nodes may call.
    """

    def __init__(
        self, old: Value, new: Value, matched: Collection[Node], made: Collection[Node], functions: dict[str, Graph]
    ) -> None:
        self.old, self.new = old, new
        self.functions = functions
        self.inner: set[Node] = {*matched, *made}
        if old.node is not None:
            self.inner.add(old.node)
        if new.node is not None and new not in self._leaves([old]):
            self.inner.add(new.node)

    @property
    def leaves(self) -> list[Value]:
        """Where both sides begin: values that no node of the window computes."""
        return list(self._leaves([self.old, self.new]))

    @property
    def foreign(self) -> list[Value]:
        """Leaves of the new side that the old one does not have: what they are, only what is outside says."""
        known = self._leaves([self.old])
        return [v for v in self._leaves([self.new]) if v not in known]

    def grow(self) -> bool:
        """Take the nodes that compute the leaves into the window; whether there were any, and room for them."""
        found = {v.node for v in self.leaves if v.node is not None and _plain(v.node)} - self.inner
        if not found or len(found) + len(self.inner) > MOST:
            return False
        self.inner |= found
        return True

    def sides(self) -> Sides:
        """Both sides, as they are now.

        Raises:
            Unreachable: a side needs a value that nothing computes.
        """
        leaves = self.leaves
        before, after = Severed(self.functions), Severed(self.functions)
        for side, value in ((before, self.old), (after, self.new)):
            side.give(leaves)
            side.cut(value, set(leaves), RESULT)
        random = bool(before.random or after.random)
        return Sides(before.module(), after.module(), dict(before.feeds), random)

    def _leaves(self, ends: list[Value]) -> dict[Value, None]:
        found: dict[Value, None] = {}
        seen: set[Node] = set()
        stack = ends[::-1]
        while stack:
            value = stack.pop()
            node = value.node
            if node is None or not (node in self.inner or isinstance(node.op, Constant)):
                found[value] = None
            elif node not in seen:
                seen.add(node)
                stack.extend(o for o in reversed(node.operands) if o is not None)
        return found


def _plain(node: Node) -> bool:
    return not node.regions and not node.op.effects and not isinstance(node.op, Opaque)


def identical(old: Value, new: Value) -> bool:
    """Whether both are the same result of the same op, attributes told apart bit by bit, on the same operands; or an
    input of a branch and the value that it stands for."""
    a, b = old.node, new.node
    if a is None:
        return _given_as(old, new)
    if b is None or a.regions or b.regions or a.op.effects or b.op.effects or isinstance(a.op, Constant):
        return False
    same_op = type(a.op) is type(b.op) and repr(a.op.attributes()) == repr(b.op.attributes())
    return same_op and a.operands == b.operands and old.index == new.index


def _given_as(inside: Value, new: Value) -> bool:
    """Whether an input of a region is given ``new`` from outside, or the same as ``new`` is."""
    outside = bound(inside)
    return outside is not None and (one_value(outside, new) or (new.node is None and outside is bound(new)))


FIRST: Mapping[type[Op], Callable[[Any], tuple[int, int]]] = {
    If: lambda op: (0, 1),
    Call: lambda op: (0, 0),
    While: lambda op: (2 + op.carried, 0),
    Scan: lambda op: (op.states + op.scanned, 0),
}
"""The first input of a region that is the same in every run of it, and how far its operand stands behind it."""


def bound(value: Value) -> Value | None:
    """What an input of a region is whenever the region runs."""
    region = value.owner
    if not isinstance(region, Graph) or region.parent is None or type(region.parent.op) not in FIRST:
        return None
    first, shift = FIRST[type(region.parent.op)](region.parent.op)
    return region.parent.operands[value.index + shift] if value.index >= first else None


def named(nodes: Collection[Node]) -> tuple[str, ...]:
    """Nodes in few words."""
    return tuple(f"{n.op.name} %{n.results[0].name}" if n.results else n.op.name for n in nodes)


