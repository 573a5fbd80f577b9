"""Compute what is known before the model runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from interlingua.errors import EvaluationError
from interlingua.ir.builder import Builder
from interlingua.ir.dims import product
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Node, Value
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Add, Div, Mul, Sub
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.layout import ExpandDims, Flatten, Split, Squeeze, Stack, Tile
from interlingua.ir.ops.shape import BroadcastTo, Concat, Pad, Reshape, Reverse, Slice, Transpose
from interlingua.ir.ops.source import Constant
from interlingua.ir.ops.unary import Abs, Neg, Sqrt
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor
from interlingua.ir.weights import ArrayWeight, LazyWeight, RoundedWeight, Weight, trains
from interlingua.passes.base import Contract, Pass

MOVING: frozenset[type[Op]] = frozenset({
    Reshape, ExpandDims, Squeeze, Flatten, Transpose, Slice, Concat, Stack, Reverse, Split, BroadcastTo, Tile, Pad,
})  # fmt: skip
"""What keeps every bit, of any dtype, and cannot fail once its types are known."""
EXACT: frozenset[type[Op]] = frozenset({Add, Sub, Mul, Div, Neg, Abs, Sqrt, Cast})
"""What IEEE 754 fixes to the last bit, in these dtypes."""
EXACT_DTYPES = frozenset({DType.F16, DType.BF16, DType.F32, DType.F64})
INTEGRAL = ("int", "uint", "bool")
DEPTH = 64
"""Weights that may be computed one inside the other when they are written: models have a few, the stack takes many."""


@dataclass(frozen=True, slots=True)
class FoldConstants(Pass):
    """Exact: the value is what shapes determine, what a move of elements or an op that IEEE 754 fixes gives, or what
    the op's own reference gives on integer constants.

    Other ops on floats are left to the runtime: its kernels may round otherwise than the reference does. The model does
    not grow: what is put in takes no more room than the constants that go, or ``small`` bytes. Levels are not widened,
    rows not repeated, nothing that somebody else needs is kept twice. ``limit`` is the largest number of elements that
    are computed at once; moves and exact ops of more are computed when the weight is written.
    """

    name: ClassVar[str] = "fold-constants"
    limit: int = 1024
    small: int = 512

    def run(self, module: Module, rewriter: Rewriter) -> int:
        return sum(self._fold_graph(f, rewriter) for f in module.functions.values())

    def foldable(self, node: Node) -> bool:
        """Whether a node may be computed here where its operands are constants."""
        operands = [o.type for o in node.operands if o is not None]
        types = [t for t in (*operands, *(r.type for r in node.results)) if isinstance(t, Tensor)]
        if type(node.op) in MOVING or isinstance(node.op, Gather):
            return True
        if all(t.dtype.kind in INTEGRAL for t in types):
            return True
        return type(node.op) in EXACT and all(t.dtype in EXACT_DTYPES or t.dtype.kind in INTEGRAL for t in types)

    def _fold_graph(self, graph: Graph, rewriter: Rewriter) -> int:
        folded = 0
        folder = _Folder(self)
        for node in graph.nodes:
            folded += sum(self._fold_graph(region, rewriter) for region in node.regions)
            folder.visit(node)
        for node, weights in folder.chosen():
            b = Builder(graph, before=node, rewriter=rewriter)
            with b.at(node.origin, node.scope):
                name = node.operand(0).name if isinstance(node.op, Transpose) else ""
                rewriter.replace_node(
                    node, [b.weight(w, r.name or name) for w, r in zip(weights, node.results, strict=True)]
                )
            folded += 1
        return folded


class _Folder:
    """What the constants of one graph determine, and which of it is worth its room."""

    def __init__(self, options: FoldConstants) -> None:
        self.options = options
        self.weights: dict[Value, Weight] = {}
        self.made: dict[Node, list[Weight]] = {}
        self.parent: dict[Node, Node] = {}

    def visit(self, node: Node) -> None:
        """Note what a node gives, if that is known."""
        if isinstance(node.op, Constant):
            self.weights[node.result] = node.op.weight
        elif not node.op.effects and not node.regions:
            found = self._known(node) or self._computed(node)
            if found is not None:
                self.made[node] = found
                self.weights.update(zip(node.results, found, strict=True))

    def _known(self, node: Node) -> list[Weight] | None:
        """What the types say of a single result."""
        type_ = node.results[0].type if len(node.results) == 1 else None
        if not isinstance(type_, Tensor) or type_.dtype.kind not in INTEGRAL or type_.known() is None:
            return None
        assert type_.elements is not None
        return [ArrayWeight(type_.elements.astype(type_.dtype.numpy))]

    def _computed(self, node: Node) -> list[Weight] | None:
        operands = [None if o is None else self.weights.get(o) for o in node.operands]
        types = [r.type for r in node.results if isinstance(r.type, Tensor) and r.type.static_shape is not None]
        absent = any(w is None and o is not None for w, o in zip(operands, node.operands, strict=True))
        if absent or not any(w is not None for w in operands) or len(types) != len(node.results):
            return None
        if not self.options.foldable(node):
            return None
        largest = max(w.size for w in (*operands, *map(_Empty, types)) if w is not None)
        if largest <= self.options.limit:
            return _evaluated(node.op, operands, types)
        return _deferred(node.op, operands, types) if type(node.op) in MOVING | EXACT else None

    def chosen(self) -> list[tuple[Node, list[Weight]]]:
        """The nodes to replace: those whose results others need, where the model does not grow by them."""
        return [(n, w) for group in self._groups() for n, w in self._worth(group)]

    def _groups(self) -> list[list[Node]]:
        """Nodes that have a constant in common, directly or by way of each other."""
        for node in self.made:
            for operand in node.operands:
                if operand is not None and operand.node is not None and operand in self.weights:
                    self.parent[self._find(operand.node)] = self._find(node)
        groups: dict[Node, list[Node]] = {}
        for node in self.made:
            groups.setdefault(self._find(node), []).append(node)
        return list(groups.values())

    def _find(self, node: Node) -> Node:
        path = []
        while (up := self.parent.get(node, node)) is not node:
            path.append(node)
            node = up
        for each in path:
            self.parent[each] = node
        return node

    def _worth(self, group: list[Node]) -> list[tuple[Node, list[Weight]]]:
        wanted = [n for n in group if any(_outside(u, self.made) for r in n.results for u, _ in r.uses)]
        large = [n for n in wanted if self._bytes(n) > self.options.small]
        operands = dict.fromkeys(o for n in group for o in n.operands if o is not None and o.node not in self.made)
        gone = [o for o in operands if o in self.weights and all(u in self.made for u, _ in o.uses)]
        grows = sum(map(self._bytes, large)) > sum(self.weights[o].nbytes for o in gone)
        return [(n, self.made[n]) for n in wanted if not grows or self._bytes(n) <= self.options.small]

    def _bytes(self, node: Node) -> int:
        return sum(w.nbytes for w in self.made[node])


def _outside(user: Node | Graph, made: dict[Node, list[Weight]]) -> bool:
    return user not in made


@dataclass(frozen=True, slots=True)
class _Empty:
    """A weight that is still to be made."""

    type: Tensor

    @property
    def size(self) -> int:
        return int(product(self.type.dims))  # type: ignore[arg-type]


def _evaluated(op: Op, operands: Sequence[Weight | None], types: Sequence[Tensor]) -> list[Weight] | None:
    try:
        found = _apply(op, operands)
    except (EvaluationError, ArithmeticError, LookupError, ValueError):
        return None  # an error of the model's own, if the node is ever reached: it stays for the run
    if len(found) != len(types) or not all(map(_fits, found, types)):
        return None
    return _moved(op, operands, types) or [ArrayWeight(f) for f in found]


def _moved(op: Op, operands: Sequence[Weight | None], types: Sequence[Tensor]) -> list[Weight] | None:
    """What was computed in float64 stays so where it is only moved."""
    if type(op) not in MOVING or not any(w is not None and w.unrounded() is not None for w in operands):
        return None
    exact = [None if w is None else ArrayWeight(_in_float64(w)) for w in operands]
    return [RoundedWeight(t.dtype, e) for t, e in zip(types, _apply(op, exact), strict=True)]


def _in_float64(weight: Weight) -> np.ndarray[Any, Any]:
    exact = weight.unrounded()
    if exact is not None:
        return exact
    return weight.view().astype(np.float64) if weight.dtype.is_float else weight.view()


def _fits(found: Any, type_: Tensor) -> bool:
    return isinstance(found, np.ndarray) and found.shape == type_.static_shape and DType.of(found) is type_.dtype


def _apply(op: Op, operands: Sequence[Weight | None]) -> tuple[Any, ...]:
    with np.errstate(all="ignore"):
        found = op.reference(*(None if w is None else w.view() for w in operands))
    return found if isinstance(found, tuple) else (found,)


class _Deferred(LazyWeight):
    """A result that is computed when it is looked at; ``depth`` of these are computed one inside the other."""

    def __init__(self, type_: Tensor, compute: Callable[[], Any], depth: int) -> None:
        super().__init__(type_.dtype, type_.static_shape or (), compute)
        self.depth = depth


def _deferred(op: Op, operands: Sequence[Weight | None], types: Sequence[Tensor]) -> list[Weight] | None:
    if type(op) is Transpose and isinstance(operands[0], ArrayWeight):
        return [ArrayWeight(view) for view in _apply(op, operands)]  # of the same memory
    depth = 1 + max((w.depth for w in operands if isinstance(w, _Deferred)), default=0)
    if depth > DEPTH or any(w is not None and w.size == 0 for w in operands):
        return None  # nothing may fail when a weight is written, as a reflection of no elements does

    def result(index: int, type_: Tensor) -> Weight:
        return _Deferred(type_, lambda: _apply(op, operands)[index], depth)

    if (moved := _moved(op, operands, types)) is not None:
        return moved

    return [result(i, t) for i, t in enumerate(types)]


@dataclass(frozen=True, slots=True)
class FoldRounded(FoldConstants):
    """As ``fold-constants``, and every other op on constants besides, by its own reference: equal over the reals, but a
    runtime's kernels may round otherwise. Weights that are levels and scales stay so."""

    name: ClassVar[str] = "fold-rounded"
    contract: ClassVar[Contract] = "rounding"

    def foldable(self, node: Node) -> bool:
        """As :meth:`FoldConstants.foldable`."""
        return not node.op.name.startswith("quant.")


@dataclass(frozen=True, slots=True)
class FoldKnown(FoldConstants):
    """As ``fold-constants``, but for what is computed of parameters: they are what is trained."""

    name: ClassVar[str] = "fold-known"

    def foldable(self, node: Node) -> bool:
        """As :meth:`FoldConstants.foldable`."""
        weights = [o.node.op.weight for o in node.operands if o and o.node and isinstance(o.node.op, Constant)]
        return not any(map(trains, weights)) and FoldConstants.foldable(self, node)
