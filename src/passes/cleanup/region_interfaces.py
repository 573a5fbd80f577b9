"""What regions are given and give back: only what is needed, each value once, small constants not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Graph, Module, Node, Value
from interlingua.ir.op import Op
from interlingua.ir.ops.control import Call, If, Scan, While
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.base import Pass
from interlingua.passes.rewrite.values import CONTENTS, same_type, weight_of

CAPTURED: dict[type[Op], Callable[[Any], tuple[int, int]]] = {
    If: lambda op: (1, 0),
    Call: lambda op: (0, 0),
    While: lambda op: (2 + op.carried, 2 + op.carried),
    Scan: lambda op: (op.states + op.scanned, op.states + op.scanned),
}
"""Where the captured values begin, among the operands and among the inputs of a region."""
FREE: dict[type[Op], Callable[[Any], tuple[int, int]]] = {
    If: lambda op: (0, 0),
    Call: lambda op: (0, 0),
    While: lambda op: (op.carried, 1 + op.carried),
    Scan: lambda op: (op.states, op.states),
}
"""Where the values begin that are only given back, among the results and among the outputs of a region."""


def _less_scan(op: Scan, index: int) -> Scan:
    def without(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*values[: index - op.states], *values[index - op.states + 1 :])

    return replace(op, out_axes=without(op.out_axes), out_reverse=without(op.out_reverse))


LESS: dict[type[Op], Callable[[Any, int], Op]] = {
    If: lambda op, _: op,
    Call: lambda op, _: op,
    While: lambda op, _: replace(op, stacked=op.stacked - 1),
    Scan: _less_scan,
}
"""The op that gives one result less."""


@dataclass(frozen=True, slots=True)
class RegionInterfaces(Pass):
    """Exact. A region is not given what it does not use, nor a value twice; a small constant stands inside. A result
    that nobody uses is not computed, and one that both branches of an ``if`` only hand through is what they were given.
    """

    name: ClassVar[str] = "trim-regions"

    def run(self, module: Module, rewriter: Rewriter) -> int:
        return sum(_trim(function, rewriter) for function in module.functions.values())


def _trim(graph: Graph, rewriter: Rewriter) -> int:
    changed = 0
    for node in graph.nodes:
        if node.regions:
            changed += _hand_through(node, rewriter) + _drop_results(node, rewriter)
            changed += sum(_trim(region, rewriter) for region in node.regions)
            changed += _drop_operands(node, rewriter)
    return changed


def _hand_through(node: Node, rewriter: Rewriter) -> int:
    changed = 0
    for k, result in enumerate(node.results if isinstance(node.op, If) else ()):
        then, orelse = (_source(node, region.outputs[k]) for region in node.regions)
        if result.uses and then is not None and then is orelse and same_type(then.type, result.type):
            rewriter.replace(result, then)
            changed += 1
    return changed


def _source(node: Node, value: Value) -> Value | None:
    """What was given for an input of a branch."""
    return node.operands[1 + value.index] if value.node is None else None


def _drop_results(node: Node, rewriter: Rewriter) -> int:
    first, shift = FREE[type(node.op)](node.op)
    idle = [k for k in range(first, len(node.results)) if not node.results[k].uses]
    if len(idle) == len(node.results):
        return 0  # a matter of dead code
    for k in reversed(idle):
        for region in node.regions:
            place = k - first + shift
            names = [n for i, n in enumerate(region.output_names) if i != place]
            rewriter.set_outputs(region, [v for i, v in enumerate(region.outputs) if i != place], names)
        node.op = LESS[type(node.op)](node.op, k)
        rewriter.drop_result(node, k)
    return len(idle)


def _drop_operands(node: Node, rewriter: Rewriter) -> int:
    first, inputs = CAPTURED[type(node.op)](node.op)
    changed = 0
    for k in reversed(range(first, len(node.operands))):
        outside, place = node.operand(k), k - first + inputs
        weight = weight_of(outside)
        for region in node.regions:
            inside = region.inputs[place]
            if inside.uses and weight is not None and weight.size <= CONTENTS:
                b = Builder(region, before=next(region.nodes, None), rewriter=rewriter)
                rewriter.replace(inside, b.weight(weight, inside.name))
            elif inside.uses and outside in node.operands[first:k]:
                rewriter.replace(inside, region.inputs[node.operands.index(outside, first) - first + inputs])
        if not any(region.inputs[place].uses for region in node.regions):
            for region in node.regions:
                rewriter.drop_input(region, place)
            rewriter.set_operands(node, [o for i, o in enumerate(node.operands) if i != k])
            changed += 1
    return changed
