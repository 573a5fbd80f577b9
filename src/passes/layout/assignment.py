"""Which values of a graph are kept permuted, so that the transposes that are left cost least.

Every node either works on its data as it is or on permuted data; wherever a value is made in one form and wanted in the
other, a transpose is paid for, once a value. With two forms the cheapest choice for the graph as a whole is a minimum
cut: nodes on one side keep their form, nodes on the other are permuted, and the edges that are cut are the transposes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

from interlingua.ir.dims import Dim, evaluate
from interlingua.ir.graph import Graph, Node, Value
from interlingua.ir.ops.activation import Clip
from interlingua.ir.ops.elementwise import Unary
from interlingua.ir.ops.shape import Transpose
from interlingua.ir.types import Tensor
from interlingua.passes.layout.permuted import Perm, Permuted, in_place, inverse, permuted, to_last
from interlingua.passes.layout.target_layout import TargetLayout
from interlingua.passes.rewrite.values import is_constant

PLAIN, MOVED = "plain", "moved"
PRICE = 4
"""Of moving an element. What is below decides between places of equal cost."""
TYPICAL = 32
"""What a symbolic dim is taken for when transposes are weighed against each other."""


@dataclass(slots=True)
class Assignment:
    """What :func:`assign` decides.

    Attributes:
        moved: the nodes that are to run on permuted data, with how.
        saved: what the transposes of the graph cost now, less what those left will, in elements moved.
    """

    moved: dict[Node, Permuted] = field(default_factory=dict[Node, Permuted])
    saved: int = 0


def cost(value: Value, perm: Perm) -> int:
    """What a transpose of the value costs: its elements, or next to nothing where no element moves."""
    shape = value.tensor.dims
    if in_place(shape, perm):
        return 1
    bindings = {s.name: TYPICAL for d in shape if isinstance(d, Dim) for s in d.symbols}
    return max(2, prod(TYPICAL if (size := evaluate(d, bindings)) is None else size for d in shape))


def _preference(value: Value) -> int:
    """At the interface a transpose may turn out to be none; after a convolution it keeps an activation from it."""
    if value.node is None or any(isinstance(user, Graph) for user, _ in value.uses):
        return -1
    user = value.uses[0][0] if len(value.uses) == 1 else None
    return int(hasattr(value.node.op, "layout") and isinstance(user, Node) and isinstance(user.op, Unary | Clip))


def assign(
    graph: Graph,
    perms: Mapping[int, Perm],
    wants: Callable[[Node], bool | None],
    target: TargetLayout,
) -> Assignment:
    """The cheapest choice for one graph; its interface stays plain, and so do graphs inside it.

    Args:
        graph: one block.
        perms: the permutation, by rank.
        wants: whether a node has to be permuted (``True``), has to stay (``False``), or is free to.
        target: what the target has of its own.
    """
    return _Cut(graph, perms, wants, target).solve()


class _Cut:
    def __init__(
        self, graph: Graph, perms: Mapping[int, Perm], wants: Callable[[Node], bool | None], target: TargetLayout
    ) -> None:
        from networkx import DiGraph

        self.target = target
        self.free = target.free(graph)

        self.graph = graph
        self.perms = perms
        self.flow: Any = DiGraph()
        self.flow.add_nodes_from((PLAIN, MOVED))
        self.plans: dict[Node, Permuted] = {}
        self.now = 0
        for node in graph.nodes:
            found = (self._perm(operand) for operand in ([] if node.regions else node.operands))
            perm = next((p for p in found if p is not None), None)
            wanted = wants(node)
            if perm is None or wanted is False:
                continue
            plan = permuted(node, perm)
            if plan is not None:
                self.plans[node] = plan
                if wanted:
                    self._edge(node, MOVED)
                self._weigh_kernel(node, plan, perm)

    def _weigh_kernel(self, node: Node, plan: Permuted, perm: Perm) -> None:
        """The transposes that the target puts around the node in one of its forms."""
        before, after = self.target.inner(node, node.op), self.target.inner(node, plan.op)
        if before or after:
            price = PRICE * sum(cost(value, perm) for value in (node.operand(0), node.results[0]))
            self.now += price * before
            start, end = (node, MOVED) if before else (PLAIN, node)
            self._edge(start, end, price)

    def _perm(self, value: Value | None) -> Perm | None:
        """The permutation for a value: none where its rank has none, and for a constant, which is any."""
        if value is None or not isinstance(value.type, Tensor) or value.type.shape is None or is_constant(value):
            return None
        return self.perms.get(value.type.rank)

    def solve(self) -> Assignment:
        """The cheapest choice; of equally cheap ones the one that is preferred, then the one that leaves most as it
        is."""
        if not self.plans:
            return Assignment()
        for value in [*self.graph.inputs, *(r for n in self.graph.nodes for r in n.results)]:
            perm = self._perm(value)
            if perm is not None and value.uses:
                self._weigh(value, perm)
        from networkx import minimum_cut

        left, (plain, _) = minimum_cut(self.flow, PLAIN, MOVED)
        moved = {n: p for n, p in self.plans.items() if n in self.flow and n not in plain}
        return Assignment(moved, (self.now - int(left)) // PRICE)

    def _weigh(self, value: Value, perm: Perm) -> None:
        """One transpose, if the form in which the value is made is not the one that some user wants."""
        producer, price = self._producer(value, perm), PRICE * cost(value, perm) + _preference(value)
        uses = [(user, index) for user, index in value.uses if not self._ends(value, user)]
        users = dict.fromkeys(self._user(user, index, perm) for user, index in uses)
        self.now += price * any((producer is MOVED) is not (user is MOVED) for user in users)
        users.pop(producer, None)
        if not users:
            return
        down, up = ("down", value), ("up", value)
        self._edge(producer, down, price)
        self._edge(up, producer, price)
        for user in users:
            self._edge(down, user)
            self._edge(user, up)

    def _edge(self, start: object, end: object, price: int | None = None) -> None:
        """An edge that is cut where ``start`` is plain and ``end`` moved; at no price, which is never."""
        if end is not PLAIN and start is not MOVED:
            self.flow.add_edge(start, end, **({} if price is None else {"capacity": price}))

    def _producer(self, value: Value, perm: Perm) -> object:
        """Who decides the form in which a value is made: what a transpose gives is there in the other form already."""
        node = value.node
        if node is None:
            return MOVED if value in self.target.inputs and perm == to_last(len(perm)) else PLAIN
        if node in self.free:
            return PLAIN
        if isinstance(node.op, Transpose):
            return MOVED if node.op.perm == inverse(perm) and not (node.op.perm == perm and self._free(node)) else PLAIN
        plan = self.plans.get(node)
        return node if plan is not None and not plan.keeps else PLAIN

    def _user(self, user: Node | Graph, index: int, perm: Perm) -> object:
        """Who decides the form in which a value is used."""
        if isinstance(user, Graph):
            last = user is self.graph and index in self.target.outputs
            return MOVED if last and perm == to_last(len(perm)) else PLAIN
        if user in self.free:
            return PLAIN
        if isinstance(user.op, Transpose):
            return MOVED if user.op.perm == perm and (perm != inverse(perm) or self._free(user)) else PLAIN
        plan = self.plans.get(user)
        return user if plan is not None and index in plan.data else PLAIN

    def _ends(self, value: Value, user: Node | Graph) -> bool:
        """Whether the use is what a transpose that is free is for: there is nothing to weigh."""
        return (value.node is None and user in self.free) or (value.node in self.free and user is self.graph)

    def _free(self, transpose: Node) -> bool:
        """Whether the operand of a transpose may come permuted. One that is its own inverse either undoes that or gives
        what is permuted already: the one where this holds, the other where it does not."""
        return transpose.operand(0).node in self.plans
