"""Ranks that type rules alone cannot tell, since a value has one in this branch and another in that.

A run that fails gives nothing, so a value has one of the ranks with which nothing fails. ``torch.squeeze`` comes as an
If that gives a matrix or the tensor as it was; where an LSTM reads what came of it, one of the two cannot have been.
Which ranks go together is not written down here: a node is asked, through its own type rule, about each in turn.

A run goes through every node of ``main`` and of one branch of an If it comes to, but maybe not once through the body
of a loop: what a loop needs says nothing about what stands before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from interlingua.errors import ConstraintError
from interlingua.ir.builder import Symbols
from interlingua.ir.dims import UNKNOWN, DimLike, is_unknown, symbol
from interlingua.ir.graph import Graph, Module, Node, Value
from interlingua.ir.infer import infer_types
from interlingua.ir.ops.control import Call, If, Scan, While
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor, Type, join

MOST = 8
"""The largest rank that is tried; where it is possible, so are larger ones."""
_ANY = frozenset(range(MOST + 1))
_SWEEPS = 16
_TOGETHER = 2
"""Operands of a node whose ranks are tried in all combinations."""


def settle_ranks(module: Module, symbols: Symbols) -> None:
    """Give the values of unknown rank in ``main`` the rank that they must have, and what follows from it to others."""
    if any(_unranked(v) for v in _values(module.main)):
        ranks = _Ranks(module.main)
        if ranks.solve():
            _Assignment(ranks, symbols).attempt(module.main, live=True)


def _values(graph: Graph) -> Iterator[Value]:
    yield from graph.inputs
    for node in graph.walk():
        yield from node.results
        for region in node.regions:
            yield from region.inputs


def _unranked(value: Value | None) -> bool:
    if value is None:
        return False
    type_ = value.type
    return isinstance(type_, Tensor) and type_.shape is None


def _is_open(node: Node) -> bool:
    """Whether the node has a value of unknown rank, or a region has one."""
    if any(_unranked(v) for v in (*node.operands, *node.results)):
        return True
    return any(_unranked(v) for region in node.regions for v in _values(region))


def outer(node: Node) -> list[Value | None]:
    """For each input of a region of ``node`` the operand that it is, where it is one on every trip."""
    if isinstance(node.op, If):
        return list(node.operands[1:])
    if isinstance(node.op, Call):
        return list(node.operands)
    own = 2 + node.op.carried if isinstance(node.op, While) else 0
    if isinstance(node.op, Scan):
        own = node.op.states + node.op.scanned
    return [None] * own + list(node.operands[own:])


class _Impossible(Exception):
    """A value has no rank with which the graph runs through."""


class _Ranks:
    """The ranks that each value of unknown rank may have."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.possible: dict[Value, frozenset[int]] = {}
        self.dead: set[Graph] = set()
        """Regions that no run goes through."""
        self._changed = False
        self._open: dict[Graph, list[Node]] = {}
        """The nodes of each graph that have a value of unknown rank, or a region with one."""
        self._seen: dict[Node, tuple[frozenset[int], ...]] = {}
        """What each node was last asked with."""
        self._answers: dict[tuple[Node, tuple[int | None, ...]], list[frozenset[int]] | None] = {}
        """What its type rule said of operands of these ranks."""

    def solve(self) -> bool:
        """Narrow until nothing changes; whether any run is possible."""
        try:
            for sweep in range(_SWEEPS):
                self._changed = False
                self._sweep(self.graph, backwards=bool(sweep % 2))
                if not self._changed and sweep:
                    break
        except _Impossible:
            return False
        return True

    def of(self, value: Value) -> frozenset[int]:
        """What is left of the ranks of a value; :data:`MOST` stands for all from there on."""
        return self.possible[value] if value in self.possible else _ranks(value.type)

    def settled(self, value: Value) -> int | None:
        """The one rank that is left of those that a value of unknown rank may have."""
        left = self.possible.get(value, _ANY)
        return next(iter(left)) if len(left) == 1 and MOST not in left else None

    def narrow(self, value: Value, ranks: Iterable[int]) -> None:
        before = self.of(value)
        after = before & frozenset(ranks)
        if not after:
            raise _Impossible
        if after != before:
            self.possible[value] = after
            self._changed = True

    def _sweep(self, graph: Graph, backwards: bool) -> None:
        nodes = self._open.get(graph)
        if nodes is None:
            nodes = self._open[graph] = [node for node in graph.nodes if _is_open(node)]
        for node in reversed(nodes) if backwards else nodes:
            if node.regions:
                self._carrier(node, backwards)
            else:
                self._node(node)

    def _node(self, node: Node) -> None:
        """Keep the ranks of operands and results that go together by the type rule."""
        now = tuple(self.of(v) for v in (*node.operands, *node.results) if v is not None)
        if self._seen.get(node) == now:
            return
        asked = list(dict.fromkeys(v for v in node.operands if v is not None and _unranked(v)))
        for group in [asked] if len(asked) <= _TOGETHER else [[v] for v in asked]:
            ways = [(way, self._results(node, group, way)) for way in product(*map(self.of, group))]
            kept = [(way, found) for way, found in ways if found is not None]
            for k, value in enumerate(group):
                self.narrow(value, {way[k] for way, _ in kept})
            for k, value in enumerate(node.results):
                if _unranked(value) and group:
                    self.narrow(value, frozenset[int]().union(*(found[k] for _, found in kept)))
        self._seen[node] = tuple(self.of(v) for v in (*node.operands, *node.results) if v is not None)

    def _results(self, node: Node, group: Sequence[Value], ranks: Sequence[int]) -> list[frozenset[int]] | None:
        """The ranks that the results can have where those of ``group`` are ``ranks``; ``None`` where that fails."""
        given = dict(zip(group, ranks, strict=True))
        asked = tuple(
            None if v is None or not _unranked(v) else given[v] if v in given else self.settled(v)
            for v in node.operands
        )
        key = node, asked
        if key not in self._answers:
            self._answers[key] = _answer(node, asked)
        found = self._answers[key]
        if found is None:
            return None
        larger = {MOST} if MOST in ranks else set()
        results = [r | larger for r in found]
        return results if all(r & self.of(v) for v, r in zip(node.results, results, strict=True)) else None

    def _carrier(self, node: Node, backwards: bool) -> None:
        """A node with regions. What its branches agree on holds outside, what holds outside holds in each."""
        branches = isinstance(node.op, If | Call)
        given = outer(node)
        for region in node.regions:
            if region in self.dead:
                continue
            try:
                for inside, outside in zip(region.inputs, given, strict=False):
                    if outside is not None and _unranked(inside):
                        self.narrow(inside, self.of(outside))
                if branches:
                    for inside, outside in zip(region.outputs, node.results, strict=True):
                        if _unranked(inside) or _unranked(outside):
                            self.narrow(inside, self.of(outside))
                self._sweep(region, backwards)
            except _Impossible:
                self.dead.add(region)
                self._changed = True
        if branches:
            self._joined(node, given)

    def _joined(self, node: Node, given: Sequence[Value | None]) -> None:
        live = [r for r in node.regions if r not in self.dead]
        if not live:
            raise _Impossible
        for k, outside in enumerate(given):
            if outside is not None and _unranked(outside):
                self.narrow(outside, set().union(*(self.of(r.inputs[k]) for r in live)))
        for k, result in enumerate(node.results):
            if _unranked(result):
                self.narrow(result, set().union(*(self.of(r.outputs[k]) for r in live)))


def _answer(node: Node, ranks: Sequence[int | None]) -> list[frozenset[int]] | None:
    """The ranks of the results where operands of unknown rank have ``ranks``; ``None`` where that fails."""
    try:
        found = infer_types(node.op, [_of_rank(v, rank) for v, rank in zip(node.operands, ranks, strict=True)])
    except ConstraintError:
        return None
    except (IndexError, TypeError, ValueError):  # a rule that does not expect such a rank
        return [_ANY] * len(node.results)
    return [_ranks(type_) for type_ in found]


def _of_rank(value: Value | None, rank: int | None) -> Type | None:
    if value is None or rank is None or not isinstance(value.type, Tensor):
        return None if value is None else value.type
    return Tensor(value.type.dtype, _DIMS[:rank])


_DIMS = tuple(symbol(f"?{axis}") for axis in range(MOST))


def _ranks(type_: Type) -> frozenset[int]:
    if not isinstance(type_, Tensor) or type_.shape is None:
        return _ANY
    return frozenset((min(type_.rank, MOST),))


class _Assignment:
    """Writes what was found into the types, in order, and infers again what depends on it."""

    def __init__(self, ranks: _Ranks, symbols: Symbols) -> None:
        self.ranks = ranks
        self.symbols = symbols
        self.rewriter = Rewriter()
        self.changed: dict[Value, Type] = {}
        """The types as they were."""

    def attempt(self, graph: Graph, live: bool) -> bool:
        """Write the types of a graph, or none of them where they do not go together: no run goes through it."""
        before = set(self.changed)
        try:
            self._graph(graph, live)
        except _Impossible:
            for value in [v for v in self.changed if v not in before]:
                self.rewriter.refine(value, self.changed.pop(value))
            return False
        return True

    def _graph(self, graph: Graph, live: bool) -> None:
        for value in graph.inputs:
            self._settle(value, value.type, live)
        for node in graph.nodes:
            self._node(node, live)

    def _node(self, node: Node, live: bool) -> None:
        for region in node.regions:
            self._region(node, region, live and region not in self.ranks.dead)
        touched = any(v in self.changed for v in node.operands if v is not None)
        touched = touched or any(v in self.changed for r in node.regions for v in r.outputs)
        if touched or any(r in self.ranks.dead for r in node.regions):
            for value, type_ in zip(node.results, self._inferred(node), strict=True):
                self._settle(value, type_, live)
            return
        for value in node.results:
            if _unranked(value):
                self._settle(value, value.type, live)

    def _region(self, node: Node, region: Graph, live: bool) -> None:
        before = set(self.changed)
        for inside, outside in zip(region.inputs, outer(node), strict=False):
            if outside is not None and outside in self.changed:
                self._settle(inside, outside.type, live)
        if not self.attempt(region, live):
            if live:
                raise _Impossible
            for inside in region.inputs:
                if inside in self.changed and inside not in before:
                    self.rewriter.refine(inside, self.changed.pop(inside))

    def _inferred(self, node: Node) -> Sequence[Type]:
        if isinstance(node.op, If):
            live = [r for r in node.regions if r not in self.ranks.dead] or node.regions
            first, *others = (r.signature.outputs for r in live)
            for other in others:
                first = tuple(join(p, q) for p, q in zip(first, other, strict=True))
            return first
        try:
            operands = [None if o is None else o.type for o in node.operands]
            return infer_types(node.op, operands, [r.signature for r in node.regions])
        except ConstraintError:
            raise _Impossible from None

    def _settle(self, value: Value, found: Type, live: bool) -> None:
        old = value.type
        if not isinstance(old, Tensor) or not isinstance(found, Tensor):
            return
        shape = found.shape if old.shape is None or found.shape is None else _sharper(old.shape, found.shape)
        if found.shape is None:
            shape = old.shape
        rank = self.ranks.settled(value)
        if shape is None and live and rank is not None:
            shape = (UNKNOWN,) * rank
        elements = found.elements if found.elements is not None else old.elements
        new = self.symbols.name(Tensor(old.dtype, shape, elements))
        if new != old or (old.elements is None and elements is not None):
            self.rewriter.refine(value, new)
            self.changed.setdefault(value, old)


def _sharper(old: Sequence[DimLike], new: Sequence[DimLike]) -> tuple[DimLike, ...]:
    if len(old) != len(new):
        return tuple(old)
    return tuple(p if is_unknown(q) else q for p, q in zip(old, new, strict=True))
