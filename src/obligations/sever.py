"""Cutting a graph into pieces that know nothing of each other: what one piece gives, the next gets from outside.

Put side by side in one module, all pieces of a model are run at once, each on the values that it should have been
given. What then comes out wrong is wrong by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from interlingua.ir.clone import clone_graph
from interlingua.ir.extract import port_of
from interlingua.ir.graph import Graph, Module, Node, Value
from interlingua.ir.ops.control import If
from interlingua.ir.ops.source import Constant
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor


class Severed:
    """Pieces, added one by one. They are copies: the graphs that they were cut from may change afterwards.

    Attributes:
        feeds: by name of an input, the value whose place it takes.
        wanted: by name of an output, the value that it is to be.
        random: the names of outputs that hang on random numbers.
    """

    def __init__(self, functions: dict[str, Graph] | None = None) -> None:
        self.feeds: dict[str, Value] = {}
        self.wanted: dict[str, Value] = {}
        self.random: set[str] = set()
        self._functions = functions or {}
        self._graph = Graph("main")
        self._rewriter = Rewriter()
        self._inputs: dict[Value, Value] = {}
        self._outputs: list[Value] = []
        self._names: set[str] = set()

    def give(self, values: Iterable[Value]) -> None:
        """Inputs for ``values``, in this order, whether or not anything will need them."""
        for value in values:
            self._input(value)

    def cut(self, value: Value, given: Collection[Value], name: str) -> None:
        """A piece that computes ``value``, an output called ``name``; where it is given itself, it is that input.

        Raises:
            Unreachable: it needs a value that is neither given nor computed.
        """
        if value in given or value.node is None:
            piece = self._input(value)
        else:
            piece = self._computed(value.node, given, {})[value.index]
        self.wanted[name] = value
        self._outputs.append(piece)
        if _random(piece):
            self.random.add(name)

    def add(self, values: Iterable[Value], given: Collection[Value]) -> list[str]:
        """Pieces that compute ``values``, each from ``given`` (as of :func:`givable`) and constants alone; gives the
        names of the outputs.

        A value that is given is computed all the same, by the node that makes it. Nodes are shared among the pieces of
        one call.

        Raises:
            Unreachable: a piece needs a value that is neither given nor computed.
        """
        made: dict[Value, Value] = {}
        names = []
        for value in values:
            names.append(name := self._fresh(value.name or "v"))
            self.wanted[name] = value
            piece = self._input(value) if value.node is None else self._computed(value.node, given, made)[value.index]
            self._outputs.append(piece)
            if _random(piece):
                self.random.add(name)
        return names

    def module(self) -> Module:
        """All pieces so far."""
        names = list(self.wanted)
        self._rewriter.set_outputs(self._graph, self._outputs, names)
        ports = [port_of(n, v.type) for n, v in zip(self.feeds, self._graph.inputs, strict=True)]
        ends = [port_of(n, v.type) for n, v in zip(names, self._outputs, strict=True)]
        return Module({**self._functions, "main": self._graph}, ports, ends)

    def _computed(self, node: Node, given: Collection[Value], made: dict[Value, Value]) -> tuple[Value, ...]:
        """The results of a copy of ``node``, everything that it needs before it."""
        stack, waiting = [node], set[Node]()
        while stack:
            current = stack[-1]
            if current.results[0] in made:
                stack.pop()
                continue
            needs = [o.node for o in current.operands if o is not None and o not in given and o not in made]
            if None in needs:
                raise Unreachable(f"{current!r} needs a value that was not recorded")
            if needs:
                if current in waiting:
                    raise Unreachable(f"{current!r} needs itself")
                waiting.add(current)
                stack.extend(n for n in needs if n is not None)
                continue
            stack.pop()
            self._copy(current, given, made)
        return tuple(made[r] for r in node.results)

    def _copy(self, node: Node, given: Collection[Value], made: dict[Value, Value]) -> None:
        operands = [None if o is None else self._operand(o, given, made) for o in node.operands]
        regions = [clone_graph(region, self._rewriter) for region in node.regions]
        types, names = [r.type for r in node.results], [r.name for r in node.results]
        copy = self._rewriter.create(node.op, operands, types, regions, names)
        copy.origin, copy.scope = node.origin, node.scope
        self._rewriter.insert(copy, self._graph)
        made.update(zip(node.results, copy.results, strict=True))

    def _operand(self, value: Value, given: Collection[Value], made: dict[Value, Value]) -> Value:
        return self._input(value) if value in given else made[value]

    def _input(self, value: Value) -> Value:
        if value not in self._inputs:
            name = self._fresh(f"{value.name or 'v'}.given")
            self._inputs[value] = self._rewriter.add_input(self._graph, value.type, name)
            self.feeds[name] = value
        return self._inputs[value]

    def _fresh(self, hint: str) -> str:
        name, number = hint, 1
        while name in self._names:
            name, number = f"{hint}.{number}", number + 1
        self._names.add(name)
        return name


class Unreachable(Exception):
    """A piece needs a value that nobody has."""


def givable(values: Iterable[Value]) -> set[Value]:
    """The values that can be given from outside: tensors, but for constants, which stay where they are."""
    return {
        v for v in values if isinstance(v.type, Tensor) and not (v.node is not None and isinstance(v.node.op, Constant))
    }


def _random(value: Value) -> bool:
    """Whether a value hangs on random numbers."""
    seen: set[Node] = set()
    stack = [value.node]
    while stack:
        node = stack.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        inside = (n for region in node.regions for n in region.walk())
        if "random" in node.op.effects or any("random" in n.op.effects for n in inside):
            return True
        stack.extend(o.node for o in node.operands if o is not None)
    return False


def outer_values(module: Module) -> dict[Value, Value]:
    """By input of a branch of an ``if``: the value of the outermost graph that it is."""
    found: dict[Value, Value] = {}
    for node in module.walk():
        if isinstance(node.op, If):
            for region in node.regions:
                for inside, outside in zip(region.inputs, node.operands[1:], strict=True):
                    if outside is not None:
                        found[inside] = found.get(outside, outside)
    return found


def flattened(module: Module) -> list[Node]:
    """All nodes of ``main``, those inside a node before the node itself: what is wrong inside is found before what it
    makes wrong around it."""
    found: list[Node] = []

    def visit(graph: Graph) -> None:
        for node in graph.nodes:
            for region in node.regions:
                visit(region)
            found.append(node)

    visit(module.main)
    return found
