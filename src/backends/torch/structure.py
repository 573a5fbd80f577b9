"""Parts of a graph by their scopes: what becomes a module inside another.

The nodes of one scope form a part where they can be done one after the other. A scope that is entered again has several
parts: if they do the same with the same constants, they are one module that is called again; if not, there is no such
module, and what is in it belongs to the module around it.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from interlingua.backends.torch.constants import is_view, weight_of
from interlingua.ir.graph import Graph, Node, Value
from interlingua.ir.types import Tensor

Path: TypeAlias = tuple[str, ...]
Keys: TypeAlias = tuple[Path, ...]
DEEPEST = 24
"""Scopes inside each other that are told apart: programs nest no deeper."""


@dataclass(slots=True)
class Part:
    """Nodes of one scope, to be done one after the other.

    Attributes:
        path: names of attributes, from the part around it: ``("layers", "3")``.
        scope: the whole scope.
        items: nodes and parts, in the order in which they are done.
        nodes: all nodes, those of inner parts too.
    """

    path: Path
    scope: Path
    items: list[Node | Part] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)


Flat: TypeAlias = Callable[[Part, bool], bool]
"""Whether a part makes no module of its own: ``flat(part, inner)``; ``inner`` is whether it has parts inside."""


def parts_of(graph: Graph, needed: Collection[Node], flat: Flat) -> Part:
    """What is needed of the graph, as a part."""
    nodes = [n for n in graph.nodes if n in needed]
    return _arranged(Part((), (), nodes=nodes), {n: keys_of(n.scope) for n in nodes}, flat)


def keys_of(scope: str) -> Keys:
    """The steps of a scope; a number belongs to the name before it: ``layers.3.attn`` has two steps.

    Of several scopes, as converters write them for a node that they made of several, the last counts.
    """
    found: list[Path] = []
    for word in filter(None, scope.rpartition(";")[2].split(".")):
        if found and word.isdecimal():
            found[-1] += (word,)
        else:
            found.append((word,))
    return tuple(found[:DEEPEST])


def _arranged(part: Part, keys: dict[Node, Keys], flat: Flat) -> Part:
    while True:
        groups = _groups(part.nodes, keys)
        wrong = {key for key, each in groups.items() if _dissolves(part, key, each, keys, flat)}
        if not wrong:
            break
        keys = {n: _merged(k) if k and k[0] in wrong else k for n, k in keys.items()}
    units: list[Node | Part] = [n for n in part.nodes if not keys[n]]
    for key, each in groups.items():
        for nodes in each:
            inner = Part(key, (*part.scope, *key), nodes=nodes)
            units.append(_arranged(inner, {n: keys[n][1:] for n in nodes}, flat))
    part.items = _ordered(part.nodes, units)
    return part


def _merged(keys: Keys) -> Keys:
    return ((*keys[0], *keys[1]), *keys[2:]) if len(keys) > 1 else ()


def _dissolves(part: Part, key: Path, groups: Sequence[list[Node]], keys: dict[Node, Keys], flat: Flat) -> bool:
    inner = any(len(keys[n]) > 1 for nodes in groups for n in nodes)
    made = [Part(key, (*part.scope, *key), nodes=nodes) for nodes in groups]
    if all(flat(each, inner) for each in made):
        return True
    return len(groups) > 1 and len({_signature(nodes) for nodes in groups}) > 1


def _signature(nodes: Sequence[Node]) -> Any:
    """What nodes do, and with which constants."""
    place = {r: (i, j) for i, n in enumerate(nodes) for j, r in enumerate(n.results)}
    outside: dict[Value, int] = {}

    def operand(value: Value | None) -> Any:
        if value is None:
            return None
        if value in place:
            return place[value]
        if value.node is not None and is_view(value.node):
            return (repr(value.node.op), *map(operand, value.node.operands))
        if (weight := weight_of(value)) is not None:
            return id(weight)
        shape = value.type.shape if isinstance(value.type, Tensor) else None
        rank = None if shape is None else len(shape)
        return ("outside", outside.setdefault(value, len(outside)), rank)

    return tuple(
        (type(n.op), repr(n.op), tuple(map(operand, n.operands)), id(n) if n.regions else None) for n in nodes
    )


def _groups(nodes: Sequence[Node], keys: dict[Node, Keys]) -> dict[Path, list[list[Node]]]:
    """The nodes of each first step, in as few runs as dependencies allow: joining nodes makes no circle."""
    tracker = _Tracker()
    for node in nodes:
        tracker.add(node, keys[node][0] if keys[node] else None)
    return tracker.groups


class _Tracker:
    """Runs of nodes, and what each unit (a run, or a node by itself) depends on, as sets of bits over the runs."""

    def __init__(self) -> None:
        self.groups: dict[Path, list[list[Node]]] = {}
        self._runs: dict[Path, list[int]] = {}
        self._unit: dict[Node, int] = {}
        self._needs: list[int] = []
        self._bit: dict[int, int] = {}
        self._needed = 0
        self._effect: Node | None = None

    def add(self, node: Node, key: Path | None) -> None:
        """The next node, in order."""
        units = {self._unit[p] for p in self._before(node)}
        unit = self._joined(node, key, units) if key is not None else None
        if unit is None:
            unit = len(self._needs)
            self._needs.append(0)
            if key is not None:
                self._bit[unit] = 1 << len(self._bit)
                self._runs.setdefault(key, []).append(unit)
                self.groups.setdefault(key, []).append([node])
        self._unit[node] = unit
        self._depend(unit, units - {unit})
        if node.op.effects:
            self._effect = node

    def _before(self, node: Node) -> list[Node]:
        found = [o.node for o in node.operands if o is not None and o.node in self._unit]
        if node.op.effects and self._effect is not None:
            found.append(self._effect)
        return [n for n in found if n is not None]

    def _joined(self, node: Node, key: Path, units: set[int]) -> int | None:
        """The last run of the key that the node can join: nothing that it needs comes after that run."""
        for index in reversed(range(len(self._runs.get(key, ())))):
            run = self._runs[key][index]
            if all(u == run or not self._needs[u] & self._bit[run] for u in units):
                self.groups[key][index].append(node)
                return run
        return None

    def _depend(self, unit: int, others: Iterable[int]) -> None:
        more = 0
        for other in others:
            more |= self._needs[other] | self._bit.get(other, 0)
        if more & ~self._needs[unit]:
            self._needs[unit] |= more
            bit = self._bit.get(unit, 0)
            self._needed |= more
            if bit & self._needed:
                self._needs = [n | self._needs[unit] if n & bit else n for n in self._needs]


def _ordered(nodes: Sequence[Node], units: Sequence[Node | Part]) -> list[Node | Part]:
    """Units in an order that dependencies allow, else by their first nodes."""
    place = {n: i for i, n in enumerate(nodes)}
    unit_of = {n: i for i, u in enumerate(units) for n in (u.nodes if isinstance(u, Part) else [u])}
    needs: list[set[int]] = [set() for _ in units]
    last: Node | None = None
    for node in nodes:
        for operand in node.operands:
            if operand is not None and operand.node in unit_of:
                needs[unit_of[node]].add(unit_of[operand.node])
        if node.op.effects:
            if last is not None:
                needs[unit_of[node]].add(unit_of[last])
            last = node
    users: list[list[int]] = [[] for _ in units]
    for index, found in enumerate(needs):
        found.discard(index)
        for other in found:
            users[other].append(index)
    first = [place[u.nodes[0] if isinstance(u, Part) else u] for u in units]
    ready = [(first[i], i) for i, found in enumerate(needs) if not found]
    heapq.heapify(ready)
    order: list[Node | Part] = []
    while ready:
        _, index = heapq.heappop(ready)
        order.append(units[index])
        for user in users[index]:
            needs[user].discard(index)
            if not needs[user]:
                heapq.heappush(ready, (first[user], user))
    assert len(order) == len(units), "the parts depend on each other in a circle"
    return order
