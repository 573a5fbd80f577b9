"""Let chosen nodes run on permuted data: each between transposes, which then meet and go."""

from __future__ import annotations

from collections.abc import Mapping

from interlingua.ir.builder import Builder, Symbols
from interlingua.ir.graph import Node, Value
from interlingua.ir.ops.shape import Transpose
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.cleanup.transposes import Transposes
from interlingua.passes.layout.permuted import Perm, Permuted, inverse
from interlingua.passes.rewrite.driver import sweep

CAUSE = "permute"
MEETING = Transposes(only=("merge-transposes", "drop-transpose"))
"""What becomes of the transposes around nodes that were permuted."""


def permute(moved: Mapping[Node, Permuted], perms: Mapping[int, Perm], rewriter: Rewriter, symbols: Symbols) -> None:
    """Replace each node, in place, by one on permuted data between transposes."""
    done: dict[Value, Value] = {}
    spare: list[Node] = []
    with rewriter.because(CAUSE):
        for node, plan in moved.items():
            spare += [v.node for v in node.operands if v is not None and v.node is not None]
            perm = perms[node.operand(plan.data[0]).tensor.rank]
            spare += _replace(node, plan, perm, rewriter, symbols, done)
    sweep(spare, rewriter)


def _replace(
    node: Node, plan: Permuted, perm: Perm, rewriter: Rewriter, symbols: Symbols, done: dict[Value, Value]
) -> list[Node]:
    """Gives the transposes that bring the results back."""
    assert node.graph is not None
    b = Builder(node.graph, before=node, rewriter=rewriter, symbols=symbols)
    with b.at(node.origin, node.scope):
        operands = [
            None if v is None else _moved(b, v, perm, done) if i in plan.data else _other(b, v, i, plan)
            for i, v in enumerate(node.operands)
        ]
        results = b.add_all(plan.op, *operands)
        back = results if plan.keeps else [b(Transpose(perm=inverse(perm)), r) for r in results]
    for new, old in zip(back, node.results, strict=True):
        if new.type != old.type:
            rewriter.refine(new, old.type)
    rewriter.replace_node(node, back)
    return [] if plan.keeps else [v.node for v in back if v.node is not None]


def _moved(b: Builder, value: Value, perm: Perm, done: dict[Value, Value]) -> Value:
    node = value.node
    if node is not None and isinstance(node.op, Transpose) and node.op.perm == inverse(perm):
        return node.operand(0)
    if value not in done or done[value].node is None:
        done[value] = b(Transpose(perm=perm), value)
    return done[value]


def _other(b: Builder, value: Value, index: int, plan: Permuted) -> Value:
    rebuild = plan.rebuilt.get(index)
    return value if rebuild is None else rebuild(b, value)
