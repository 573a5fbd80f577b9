"""Legality: which nodes a backend can take, and legalization: decomposing the others until it can."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from interlingua.backends.lowering import Lowerings
from interlingua.errors import Refusal, UnsupportedOps
from interlingua.ir.builder import Builder, symbols_of
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.rewriter import Rewriter


def illegal_nodes(module: Module, lowerings: Lowerings, target: Any) -> Iterator[tuple[Node, str]]:
    """Every node without a lowering, with the reason. Constants are the emitter's own business."""
    for node in module.walk():
        if isinstance(node.op, Constant):
            continue
        found = lowerings.find(node, target)
        if isinstance(found, str):
            yield node, found


def legalize(module: Module, lowerings: Lowerings, target: Any, *, subject: str) -> None:
    """Decompose, in place, every node that the target cannot take.

    Raises:
        UnsupportedOps: what cannot be taken and does not decompose, all at once.
    """
    rewriter = Rewriter()
    symbols = symbols_of(module)
    refusals: list[Refusal] = []
    pending = list(illegal_nodes(module, lowerings, target))
    while pending:
        node, reason = pending.pop()
        if node.op.decompose is None:
            refusals.append(Refusal(node.op.name, reason, node.place))
            continue
        for new in decompose(node, rewriter, Builder(_graph_of(node), before=node, rewriter=rewriter, symbols=symbols)):
            for inner in (new, *(n for r in new.regions for n in r.walk())):
                found = None if isinstance(inner.op, Constant) else lowerings.find(inner, target)
                if isinstance(found, str):
                    pending.append((inner, found))
    if refusals:
        raise UnsupportedOps(sorted(refusals, key=lambda r: (r.op, r.reason, r.where)), subject=subject)


def _graph_of(node: Node) -> Any:
    if node.graph is None:
        raise ValueError(f"{node!r} was erased")
    return node.graph


def decompose(node: Node, rewriter: Rewriter, b: Builder) -> list[Node]:
    """Replace ``node`` by its decomposition; gives the new nodes."""
    made = _Recorder()
    b.rewriter = Rewriter((*rewriter.listeners, made))
    with b.at(node.origin, node.scope):
        found = node.op.decompose(b, *node.operands)  # type: ignore[misc]
    results: list[Value] = list(found) if isinstance(found, tuple | list) else [found]
    for old, new in zip(node.results, results, strict=False):
        new_type = new.type
        if new_type != old.type and new.node is not None:
            b.rewriter.refine(new, _sharper(new_type, old.type))
    rewriter.replace_node(node, results[: len(node.results)])
    return [n for n in made.nodes if n.graph is not None]


def _sharper(new: Any, old: Any) -> Any:
    """A decomposition may know less of the shape than the rule of the composite did: keep what was known."""
    from interlingua.ir.types import Tensor

    if isinstance(new, Tensor) and isinstance(old, Tensor) and new.dtype == old.dtype and old.shape is not None:
        return Tensor(old.dtype, old.shape, new.elements if new.elements is not None else old.elements)
    return new


class _Recorder:
    def __init__(self) -> None:
        self.nodes: list[Node] = []

    def inserted(self, node: Node) -> None:
        self.nodes.append(node)

    def erased(self, node: Node) -> None: ...

    def replaced(self, old: Value, new: Value) -> None: ...
