"""What a backend can lower, and how: one table.

A row names an op class, the function that lowers it, and the conditions under which it may: their reasons are what a
refusal says. The table drives ``check``, the choice of decompositions, the support matrix and the conformance cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from interlingua.errors import DuplicateName, Refusal
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.op import Op, operands_of
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor, UnknownRank

Lower: TypeAlias = Callable[..., Any]
"""``lower(op, ctx, *operands, **regions)``; the operands are the backend's own values, in the op's order."""


@dataclass(frozen=True, slots=True)
class Condition:
    """``holds(node, target)`` says whether a node may be lowered; ``reason`` is what is said where it may not."""

    reason: str
    holds: Callable[[Node, Any], bool]

    def refusal(self, node: Node, target: Any) -> str | None:
        """The reason where the condition does not hold, or ``None``."""
        try:
            return None if self.holds(node, target) else self.reason
        except UnknownRank:
            return "an operand has no known rank"


def dtypes(allowed: Iterable[DType], *indices: int) -> Condition:
    """All tensor operands (or those at ``indices``) and results have one of the dtypes."""
    allowed = frozenset(allowed)

    def holds(node: Node, _: Any) -> bool:
        values = (
            [v for v in node.operands if v is not None]
            if not indices
            else [v for i in indices if i < len(node.operands) and (v := node.operands[i]) is not None]
        )
        results = list(node.results) if not indices else []
        return all(v.type.dtype in allowed for v in (*values, *results) if isinstance(v.type, Tensor))

    names = ", ".join(sorted(str(d) for d in allowed))
    return Condition(f"the dtype is none of {names}", holds)


def rank(*allowed: int) -> Condition:
    """The first operand has one of the ranks."""
    return Condition(
        f"the rank is none of {', '.join(map(str, allowed))}",
        lambda node, _: (t := node.operand(0).tensor).shape is not None and t.rank in allowed,
    )


def ranked(index: int = 0) -> Condition:
    """The operand's rank is known."""
    return Condition(
        f"the rank of operand {index} is unknown", lambda node, _: node.operand(index).tensor.shape is not None
    )


def static(operand: str) -> Condition:
    """The named operand is absent or a constant."""

    def holds(node: Node, _: Any) -> bool:
        names = [o.name for o in operands_of(type(node.op))]
        index = names.index(operand)
        value = node.operands[index] if index < len(node.operands) else None
        return value is None or (value.node is not None and isinstance(value.node.op, Constant))

    return Condition(f"{operand} is not constant", holds)


def filled(*indices: int, first: int = 0) -> Condition:
    """No result, and no operand at ``indices`` (the first alone where there are none), is known to have an extent of 0
    from axis ``first`` on."""

    def holds(node: Node, _: Any) -> bool:
        values = [*node.results, *(_at(node, i) for i in indices or (0,))]
        shapes = [v.type.shape for v in values if v is not None and isinstance(v.type, Tensor)]
        return all(s is None or 0 not in s[first:] for s in shapes)

    return Condition("an extent is 0", holds)


def _at(node: Node, index: int) -> Value | None:
    return node.operands[index] if index < len(node.operands) else None


def cautious(reason: str, holds: Callable[[Node], bool] = lambda _: False) -> Condition:
    """Where ``holds`` does not, a bug of the runtime gives wrong results: ``reason`` says which. A target that is not
    cautious, for finding bugs again, walks into it."""
    return Condition(reason, lambda node, target: not target.cautious or holds(node))


def since(opset: int) -> Condition:
    """The target's ``opset`` is at least this."""
    return Condition(f"it takes opset {opset}", lambda _, target: target.opset >= opset)


@dataclass(frozen=True, slots=True)
class Row:
    """One op that a backend lowers."""

    op: type[Op]
    lower: Lower
    conditions: tuple[Condition, ...]

    def refusal(self, node: Node, target: Any) -> str | None:
        """Why the node may not be lowered, or ``None``."""
        return next((reason for c in self.conditions if (reason := c.refusal(node, target)) is not None), None)


class Lowerings:
    """Rows by op class. An op may have several rows; the first whose conditions hold is taken."""

    def __init__(self) -> None:
        self.rows: dict[type[Op], list[Row]] = {}

    def lower(self, *ops: type[Op], when: Iterable[Condition] = ()) -> Callable[[Lower], Lower]:
        """Register the lowering of ``ops`` under the conditions ``when``."""
        conditions = tuple(when)

        def register(function: Lower) -> Lower:
            for op in ops:
                rows = self.rows.setdefault(op, [])
                if any(not row.conditions for row in rows):
                    raise DuplicateName(
                        f"{op.name} has an unconditional lowering already: a later row is never reached"
                    )
                rows.append(Row(op, function, conditions))
            return function

        return register

    def find(self, node: Node, target: Any) -> Row | str:
        """The row that lowers ``node``, or the reason why there is none."""
        reasons = []
        for row in self.rows.get(type(node.op), ()):
            reason = row.refusal(node, target)
            if reason is None:
                return row
            reasons.append(reason)
        return "; ".join(reasons) if reasons else "no lowering"

    def interface(self, module: Module, target: Any) -> Iterable[Refusal]:
        """Inputs and outputs of ``module`` that the target cannot have."""
        return ()


def merge(tables: Iterable[Lowerings]) -> Lowerings:
    """One table of all rows, in order."""
    merged = Lowerings()
    for table in tables:
        for op, rows in table.rows.items():
            merged.rows.setdefault(op, []).extend(rows)
    return merged
