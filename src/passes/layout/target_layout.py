"""What a target has channels last, though the model has it channels first: parts of the interface, kernels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from interlingua.ir.dims import same
from interlingua.ir.graph import Graph, Module, Node, Value
from interlingua.ir.op import Op
from interlingua.ir.ops.resize import Resize
from interlingua.ir.ops.shape import Transpose
from interlingua.passes.base import Pass
from interlingua.passes.layout.permuted import Perm, to_first, to_last


@dataclass(frozen=True, slots=True)
class TargetLayout:
    """What it has of one graph.

    Attributes:
        inputs: inputs that are there channels last: their transposes are none.
        outputs: outputs, by index, that are to be.
        resizes: whether it resizes images channels last alone: channels first, that takes two transposes.
    """

    inputs: frozenset[Value] = frozenset()
    outputs: frozenset[int] = frozenset()
    resizes: bool = False

    def free(self, graph: Graph) -> frozenset[Node]:
        """The transposes that are none: of an input, or of nothing but such outputs."""
        first = [user for value in self.inputs for user, _ in value.uses if _turns(user, to_last)]
        ends = {graph.outputs[index] for index in self.outputs}
        inner = {v for v in ends if any(user is not graph or i not in self.outputs for user, i in v.uses)}
        last = [value.node for value in ends - inner if _turns(value.node, to_first)]
        return frozenset(node for node in (*first, *last) if isinstance(node, Node))

    def inner(self, node: Node, op: Op) -> bool:
        """Whether the target, where ``op`` takes the place of the node, transposes its operand and its result."""
        if not self.resizes or not isinstance(op, Resize):
            return False
        before, after = node.operand(0).tensor.dims, node.result.tensor.dims
        pairs = zip(op.axes, _op(node).axes, strict=True)
        changed = {axis % IMAGE for axis, own in pairs if same(before[own], after[own]) is not True}
        return len(before) == IMAGE and changed <= {2, 3} and not changed <= {1, 2}


IMAGE = 4
"""The rank of a batch of images."""


def _op(node: Node) -> Resize:
    assert isinstance(node.op, Resize)
    return node.op


def _turns(node: Node | Graph | None, turn: Callable[[int], Perm]) -> bool:
    """Whether the node is that transpose."""
    if not isinstance(node, Node) or not isinstance(node.op, Transpose):
        return False
    return node.op.perm == turn(node.operand(0).tensor.rank)


@dataclass(frozen=True, slots=True)
class LayoutPass(Pass):
    """A pass that weighs transposes.

    Attributes:
        inputs, outputs: names of inputs and outputs that the target takes and gives channels last.
        resizes: whether it resizes images channels last alone.
    """

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    resizes: bool = False

    def target(self, module: Module, graph: Graph) -> TargetLayout:
        """What the target has of ``graph``."""
        if graph is not module.main:
            return TargetLayout(resizes=self.resizes)
        inputs = zip(module.input_names, graph.inputs, strict=True)
        return TargetLayout(
            frozenset(value for name, value in inputs if name in self.inputs),
            frozenset(index for index, name in enumerate(module.output_names) if name in self.outputs),
            self.resizes,
        )
