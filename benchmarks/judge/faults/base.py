"""What a fault of an op is: another computation in its place, seeded as a rewrite or as a lowering.

A fault is written as a rule from a node to what stands wrongly for it. It becomes a pass that rewrites wrongly, or a
backend that lowers the op natively and emits it wrongly; either way the rest is the product's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

from interlingua.backends.base import Backend, Target
from interlingua.backends.legality import legalize
from interlingua.backends.lowering import Lowerings, Row, merge
from interlingua.errors import ConstraintError
from interlingua.ir.builder import Builder, symbols_of
from interlingua.ir.clone import clone_module
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.draw import RandomDraw, Sample
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.op import Op
from interlingua.ir.ops.expression import Expr
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import UnknownRank
from interlingua.passes.base import Contract, Pass
from interlingua.runtimes.base import Runner

Wrong: TypeAlias = "Callable[[Builder, Any, tuple[Value | None, ...]], Sequence[Value] | None]"
"""``wrong(b, op, operands)``: the results that stand for the op's, or ``None`` where it makes no difference here."""
Draws: TypeAlias = Callable[[int], Sample]


@dataclass(frozen=True)
class Fault:
    """One op computed wrongly.

    Attributes:
        kind: the family of the mistake, under which it is counted.
        op: the name of the op.
        detail: what is wrong.
        wrong: the rule.
        draws: a sample by seed, where those of the op itself cannot show it (long sums).
    """

    kind: str
    op: str
    detail: str
    wrong: Wrong
    draws: Draws | None = None

    @property
    def name(self) -> str:
        return f"{self.op}: {self.detail}"

    def sample(self, seed: int) -> Sample:
        """An op and operands to try it on."""
        return builtin_ops()[self.op].sample(RandomDraw(seed)) if self.draws is None else self.draws(seed)

    def put(self, module: Module, rewriter: Rewriter) -> int:
        """Put it in the place of every node that it is of; gives how many."""
        symbols, count = symbols_of(module), 0
        for node in [n for n in module.walk() if n.op.name == self.op]:
            assert node.graph is not None
            b = Builder(node.graph, before=node, rewriter=rewriter, symbols=symbols)
            results = self._results(b, node)
            if results is not None:
                rewriter.replace_node(node, results)
                count += 1
        return count

    def _results(self, b: Builder, node: Node) -> Sequence[Value] | None:
        try:
            return self.wrong(b, node.op, node.operands)
        except (ConstraintError, UnknownRank):
            return None  # here the mistake could not even be built


@dataclass(frozen=True, slots=True)
class WrongRewrite(Pass):
    """A pass that makes the mistake."""

    fault: Fault
    name: ClassVar[str] = "wrong_rewrite"
    contract: ClassVar[Contract] = "rounding"

    def run(self, module: Module, rewriter: Rewriter) -> int:
        """As of every pass."""
        return self.fault.put(module, rewriter)


class WrongLowering(Backend):
    """A backend that lowers one op natively, and wrongly."""

    def __init__(self, backend: Backend, fault: Fault) -> None:
        self.backend, self.fault = backend, fault
        self.name, self.extension = backend.name, backend.extension  # type: ignore[misc]

    @property
    def lowerings(self) -> Lowerings:
        """The backend's own, but for the op of the fault: that is taken as it is, whatever its dtype."""
        cls = builtin_ops()[self.fault.op]
        table = merge([self.backend.lowerings])
        table.rows[cls] = [Row(cls, _never, ())]
        return table

    def target(self, module: Module, **options: Any) -> Target:
        """As the backend's."""
        return self.backend.target(module, **options)

    def emit(self, module: Module, path: Path, target: Target) -> None:
        """As the backend, of a module with the fault in it."""
        copy = clone_module(module)
        self.fault.put(copy, Rewriter())
        legalize(copy, self.backend.lowerings, target, subject=f"the {self.name} backend")
        self.backend.emit(copy, path, target)

    def runner(self, path: Path) -> Runner:
        """The backend's."""
        return self.backend.runner(path)


def _never(*_: Any) -> Any:
    raise AssertionError("the fault has been put in the place of the op before it is emitted")


def attribute(**changes: Callable[[Any], Any]) -> Wrong:
    """The op with other attributes, each computed from what it was."""

    def wrong(b: Builder, op: Op, operands: tuple[Value | None, ...]) -> Sequence[Value] | None:
        values = {name: change(getattr(op, name)) for name, change in changes.items()}
        if all(values[name] == getattr(op, name) for name in values):
            return None
        return b.add_all(replace(op, **values), *operands)  # type: ignore[type-var]

    return wrong


def operand(index: int, change: Callable[[Expr], Expr]) -> Wrong:
    """The op on an operand that was changed; ``change`` gives what it got where it has nothing to change."""

    def wrong(b: Builder, op: Op, operands: tuple[Value | None, ...]) -> Sequence[Value] | None:
        value = operands[index] if index < len(operands) else None
        if value is None or (changed := change(Expr(b, value)).value) is value:
            return None
        return b.add_all(op, *operands[:index], changed, *operands[index + 1 :])

    return wrong


def only(holds: Callable[[Any], bool], wrong: Wrong) -> Wrong:
    """The mistake in ops of which this holds."""
    return lambda b, op, operands: wrong(b, op, operands) if holds(op) else None


def dropped(index: int) -> Wrong:
    """The op without an optional operand."""

    def wrong(b: Builder, op: Op, operands: tuple[Value | None, ...]) -> Sequence[Value] | None:
        if index >= len(operands) or operands[index] is None:
            return None
        return b.add_all(op, *operands[:index], None, *operands[index + 1 :])

    return wrong


def exchanged(first: int = 0, second: int = 1) -> Wrong:
    """The op with two operands in each other's place."""

    def wrong(b: Builder, op: Op, operands: tuple[Value | None, ...]) -> Sequence[Value] | None:
        if max(first, second) >= len(operands):
            return None
        order = list(operands)
        order[first], order[second] = order[second], order[first]
        return b.add_all(op, *order)

    return wrong


def result(change: Callable[[Expr], Expr]) -> Wrong:
    """What the op gives (the first of its results), changed; ``change`` as for :func:`operand`."""

    def wrong(b: Builder, op: Op, operands: tuple[Value | None, ...]) -> Sequence[Value] | None:
        first, *rest = b.add_all(op, *operands)
        changed = change(Expr(b, first)).value
        return None if changed is first else (changed, *rest)

    return wrong


def instead(other: Op) -> Wrong:
    """Another op on the same operands."""
    return lambda b, op, operands: b.add_all(other, *operands)


def formula(compute: Callable[..., Expr | None]) -> Wrong:
    """``compute(op, *operands)`` as formulas; an absent operand is ``None``."""

    def wrong(b: Builder, op: Op, operands: tuple[Value | None, ...]) -> Sequence[Value] | None:
        found = compute(op, *(None if o is None else Expr(b, o) for o in operands))
        return None if found is None else (found.value,)

    return wrong


def variants(kind: str, ops: str, detail: str, wrong: Wrong) -> Iterator[Fault]:
    """The same mistake in several ops, named in one string."""
    for name in ops.split():
        yield Fault(kind, name, detail, wrong)
