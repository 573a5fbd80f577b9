"""Replacing composites by what they are made of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

from interlingua.errors import ConstraintError
from interlingua.ir.builder import Builder, Symbols, symbols_of
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor, UnknownRank

Decomposition: TypeAlias = Callable[..., Any]
"""``(op, b, *operands)`` to a value or several, as :meth:`Op.decompose`."""


def decompose(node: Node, rewriter: Rewriter, symbols: Symbols, by: Decomposition | None = None) -> list[Node]:
    """Replace ``node`` by its decomposition, or by another one; gives the new nodes. The node keeps its place where it
    has none.

    Raises:
        UnknownRank: the decomposition needs a rank that is not known; the graph is as it was but for dead nodes.
        ConstraintError: it needs to know more of a shape than is known; likewise.
    """
    if node.graph is None or node.op.decompose is None:
        raise ValueError(f"{node!r} does not decompose")
    made = _Recorder()
    recording = Rewriter((*rewriter.listeners, made))
    b = Builder(node.graph, before=node, rewriter=recording, symbols=symbols)
    with b.at(node.origin, node.scope):
        found = node.op.decompose(b, *node.operands) if by is None else by(node.op, b, *node.operands)
    results: list[Value] = list(found) if isinstance(found, tuple | list) else [found]
    for old, new in zip(node.results, results, strict=False):
        if new.type != old.type and new.node is not None:
            recording.refine(new, _sharper(new.type, old.type))
    rewriter.replace_node(node, results[: len(node.results)])
    return [n for n in made.nodes if n.graph is not None]


def decompose_all(
    module: Module, keep: Collection[str] = (), by: Mapping[str, Decomposition] | None = None
) -> None:
    """Replace every composite, in place, until only core ops are left, those named in ``keep``, and those that need to
    know more of a shape than is known; ops named in ``by`` as that has it."""
    others = by or {}

    def wanted(node: Node) -> bool:
        return node.op.decompose is not None and node.op.name not in keep

    rewriter, symbols = Rewriter(), symbols_of(module)
    pending = [n for n in module.walk() if wanted(n)]
    while pending:
        node = pending.pop()
        if node.graph is None:
            continue
        try:
            made = decompose(node, rewriter, symbols, others.get(node.op.name))
        except (UnknownRank, ConstraintError):
            continue
        inner = (n for m in made for n in (m, *(i for r in m.regions for i in r.walk())))
        pending.extend(n for n in inner if wanted(n))


def _sharper(new: Any, old: Any) -> Any:
    """A decomposition may know less of the shape than the rule of the composite did: keep what was known."""
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
