"""Legality: which nodes a backend can take, and legalization: decomposing the others until it can."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from interlingua.backends.lowering import Lowerings
from interlingua.errors import ConstraintError, Refusal, UnsupportedOps
from interlingua.ir.builder import symbols_of
from interlingua.ir.decompose import decompose
from interlingua.ir.graph import Module, Node
from interlingua.ir.ops.source import Constant
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import UnknownRank


def illegal_nodes(module: Module, lowerings: Lowerings, target: Any) -> Iterator[tuple[Node, str]]:
    """Every node without a lowering, with the reason. Constants are the emitter's own business."""
    for node in module.walk():
        if isinstance(node.op, Constant):
            continue
        found = lowerings.find(node, target)
        if isinstance(found, str):
            yield node, found


def legalize(
    module: Module, lowerings: Lowerings, target: Any, *, subject: str, rewriter: Rewriter | None = None
) -> None:
    """Decompose, in place (by ``rewriter``, where somebody listens), every node that the target cannot take.

    Raises:
        UnsupportedOps: what cannot be taken and does not decompose, all at once.
    """
    rewriter = Rewriter() if rewriter is None else rewriter
    symbols = symbols_of(module)
    refusals: list[Refusal] = []
    pending = list(illegal_nodes(module, lowerings, target))
    while pending:
        node, reason = pending.pop()
        if node.graph is None:
            continue  # replaced since it was noted
        if node.op.decompose is None:
            refusals.append(Refusal(node.op.name, reason, node.place))
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
            for inner in (new, *(n for r in new.regions for n in r.walk())):
                found = None if isinstance(inner.op, Constant) else lowerings.find(inner, target)
                if isinstance(found, str):
                    pending.append((inner, found))
    if refusals:
        raise UnsupportedOps(sorted(refusals, key=lambda r: (r.op, r.reason, r.where)), subject=subject)
