"""Legality: which nodes a backend can take, and legalization: decomposing the others until it can.

Where a backend leaves its target open (an opset), the module decides: the first target that takes all of it is it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from interlingua.backends.base import Target
from interlingua.backends.lowering import Lowerings
from interlingua.backends.settled import settled
from interlingua.errors import ConstraintError, Refusal, UnsupportedOps
from interlingua.ir.builder import Builder, symbols_of
from interlingua.ir.clone import clone_module
from interlingua.ir.decompose import decompose
from interlingua.ir.graph import Module, Node
from interlingua.ir.ops.source import Constant
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import UnknownRank


def illegal_nodes(module: Module, lowerings: Lowerings, target: Any) -> Iterator[tuple[Node, str]]:
    """Every node without a lowering, with the reason. Constants are the emitter's own business."""
    yield from _illegal(module.walk(), lowerings, target)


def _illegal(nodes: Iterable[Node], lowerings: Lowerings, target: Any) -> Iterator[tuple[Node, str]]:
    for node in nodes:
        found = None if isinstance(node.op, Constant) else lowerings.find(node, target)
        if isinstance(found, str):
            yield node, found


def legalize(
    module: Module,
    lowerings: Lowerings,
    target: Any,
    *,
    subject: str,
    rewriter: Rewriter | None = None,
    nodes: Iterable[Node] | None = None,
) -> None:
    """Decompose, in place (by ``rewriter``, where somebody listens), every node that the target cannot take; of
    ``nodes`` alone, where they are given.

    Raises:
        UnsupportedOps: what cannot be taken and does not decompose, all at once.
    """
    rewriter = Rewriter() if rewriter is None else rewriter
    symbols = symbols_of(module)
    refusals = list(lowerings.interface(module, target))
    pending = list(illegal_nodes(module, lowerings, target) if nodes is None else _illegal(nodes, lowerings, target))
    while pending:
        node, reason = pending.pop()
        if node.graph is None:
            continue  # replaced since it was noted
        if node.op.decompose is None:
            if not _settle(node, rewriter):
                refusals.append(Refusal(node.op.label, reason, node.place))
            continue
        try:
            made = decompose(node, rewriter, symbols)
        except UnknownRank:
            refusals.append(
                Refusal(node.op.name, f"{reason}; and without a known rank it does not decompose", node.place)
            )
            continue
        except ConstraintError as error:
            refusals.append(Refusal(node.op.name, f"{reason}; and it does not decompose: {error.what}", node.place))
            continue
        for new in made:
            inner = (new, *(n for r in new.regions for n in r.walk()))
            pending.extend(_illegal(inner, lowerings, target))
    if refusals:
        raise UnsupportedOps(sorted(refusals, key=lambda r: (r.op, r.reason, r.where)), subject=subject)


def _settle(node: Node, rewriter: Rewriter) -> bool:
    """Put in what ``node`` gives, where that is known; whether it is."""
    found = settled(node)
    if found is None or node.graph is None:
        return False
    b = Builder(node.graph, before=node, rewriter=rewriter)
    with b.at(node.origin, node.scope):
        rewriter.replace_node(node, [b.constant(f) for f in found])
    return True


def legalize_for_one(
    module: Module, lowerings: Lowerings, targets: Sequence[Target], *, subject: str
) -> tuple[Target, UnsupportedOps | None]:
    """Legalize, in place, for the first of ``targets`` that takes the module.

    Gives the target, and what kept the module from the preferred one.

    Raises:
        UnsupportedOps: no target takes it; says what the one that refuses least of it refuses.
    """
    spare = clone_module(module) if len(targets) > 1 else module
    failures: list[tuple[Target, UnsupportedOps]] = []
    for target in targets:
        try:
            if failures:
                module.functions = clone_module(spare).functions
                places = {r.where for _, error in failures for r in error.refusals}
                doubtful = [n for n in module.walk() if n.place in places]
                legalize(module, lowerings, target, subject=subject, nodes=doubtful)  # no use to look at all, mostly
            legalize(module, lowerings, target, subject=subject)
        except UnsupportedOps as error:
            failures.append((target, error))
        else:
            return target, failures[0][1] if failures else None
    best, failure = min(failures, key=lambda each: len(each[1].refusals))
    if len(targets) > 1:
        legalize(spare, lowerings, best, subject=subject)  # raises what it refuses of all nodes
    raise failure
