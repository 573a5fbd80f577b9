"""Branches that are always or never taken, loops of no or one trip, calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Graph, Module, Node, Value
from interlingua.ir.ops.control import Call, If, While
from interlingua.ir.ops.layout import ExpandDims
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor, compatible
from interlingua.passes.base import Pass
from interlingua.passes.rewrite.values import integers_of


@dataclass(frozen=True, slots=True)
class ControlFlow(Pass):
    """Exact. The region that a node runs once, for certain, takes the node's place: the branch of a known condition,
    the body of a call, that of a loop which makes one trip. A loop that makes none gives what it was given.

    A branch whose results cannot be of the types that the node gives is one that no run takes: the other one is.
    """

    name: ClassVar[str] = "simplify-control-flow"

    def run(self, module: Module, rewriter: Rewriter) -> int:
        return sum(_simplify(function, rewriter) for function in module.functions.values())


def _simplify(graph: Graph, rewriter: Rewriter) -> int:
    changed = 0
    for node in graph.nodes:
        changed += sum(_simplify(region, rewriter) for region in node.regions)
        b = Builder(graph, before=node, rewriter=rewriter)
        with b.at(node.origin, node.scope):
            found = _unfolded(node, b)
        if found is not None:
            _replace(node, found, rewriter)
            changed += 1
    return changed


def _unfolded(node: Node, b: Builder) -> list[Value] | None:
    """What the results of a node are, where no region is needed for that."""
    if isinstance(node.op, Call):
        return _inlined(node.regions[0], node.operands, b)
    if isinstance(node.op, If):
        branch = _branch(node)
        return None if branch is None else _inlined(branch, node.operands[1:], b)
    return _looped(node, node.op, b) if isinstance(node.op, While) else None


def _branch(node: Node) -> Graph | None:
    """The branch that is taken."""
    then, orelse = node.regions
    known = integers_of(node.operand(0))
    if known is not None:
        return then if known == [1] else orelse
    possible = [r for r in (then, orelse) if _possible(r, node)]
    return possible[0] if len(possible) == 1 else None


def _possible(region: Graph, node: Node) -> bool:
    return all(compatible(v.type, r.type) for v, r in zip(region.outputs, node.results, strict=True))


def _looped(node: Node, op: While, b: Builder) -> list[Value] | None:
    trips, cond = (integers_of(o) for o in node.operands[:2])
    if (trips is not None and trips[0] <= 0) or cond == [0]:
        initial = [o for o in node.operands[2 : 2 + op.carried] if o is not None]
        return initial if op.stacked == 0 else None
    if trips != [1] or not (cond == [1] or node.operands[1] is None):
        return None
    body = node.regions[0]
    given = [_filled(b, body.inputs[0], 0), _filled(b, body.inputs[1], 1), *node.operands[2:]]
    _, *found = _inlined(body, given, b)
    return [*found[: op.carried], *(b(ExpandDims((0,)), v) for v in found[op.carried :])]


def _filled(b: Builder, like: Value, number: int) -> Value:
    """A constant of the type of ``like``."""
    return b.constant(np.full(like.tensor.static_shape or (), number, like.tensor.dtype.numpy))


def _inlined(region: Graph, given: Sequence[Value | None], b: Builder) -> list[Value]:
    """The outputs of a region whose nodes now stand where ``b`` is, with ``given`` in the place of its inputs."""
    for inside, outside in zip(region.inputs, given, strict=True):
        assert outside is not None
        b.rewriter.replace(inside, outside)
    for node in region.nodes:
        b.rewriter.move_before(node, b.graph, b.before)
    return list(region.outputs)


def _replace(node: Node, values: Sequence[Value], rewriter: Rewriter) -> None:
    for region in node.regions:
        rewriter.set_outputs(region, [])
    for old, new in zip(node.results, values, strict=True):
        unranked = isinstance(new.type, Tensor) and new.type.shape is None
        if unranked and new.node is not None and compatible(old.type, new.type):
            rewriter.refine(new, old.type)
    rewriter.replace_node(node, values)
