"""The graph: SSA values, nodes in an ordered linked list, regions, and the module around them.

Everything here is read freely and changed through :class:`~interlingua.ir.rewriter.Rewriter` alone (the builder uses it
too): methods and fields with a leading underscore belong to it. Uses are exact ``(user, index)`` pairs, where the
user is a node or, for a graph's outputs, the graph itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from interlingua.ir.op import Op
from interlingua.ir.types import Signature, Tensor, Type
from interlingua.ir.weights import Weight


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a node came from: the source framework's node name and op, and file:line where known."""

    name: str = ""
    op: str = ""
    location: str = ""

    def __str__(self) -> str:
        label = f"{self.name} ({self.op})" if self.op and self.name else self.name or self.op
        return f"{label} at {self.location}" if self.location else label


NO_ORIGIN = Origin()


class Value:
    """A result of a node or an input of a graph; defined once."""

    __slots__ = ("_type", "_uses", "index", "name", "owner")

    def __init__(self, owner: Node | Graph, index: int, type_: Type, name: str = "") -> None:
        self.owner = owner
        self.index = index
        self.name = name
        self._type = type_
        self._uses: dict[tuple[Node | Graph, int], None] = {}

    @property
    def type(self) -> Type:
        return self._type

    @property
    def tensor(self) -> Tensor:
        """The type, where a tensor is expected."""
        if not isinstance(self._type, Tensor):
            raise TypeError(f"%{self.name} is a {self._type}, not a tensor")
        return self._type

    @property
    def uses(self) -> tuple[Use, ...]:
        """Every (user, operand index), in the order in which they came."""
        return tuple(self._uses)

    @property
    def node(self) -> Node | None:
        """The node that defines it; ``None`` for a graph input."""
        return self.owner if isinstance(self.owner, Node) else None

    def __repr__(self) -> str:
        return f"%{self.name or '?'}: {self._type}"


class Node:
    """One application of an op. ``operands`` may hold ``None`` for an optional operand that is absent."""

    __slots__ = ("_graph", "_next", "_operands", "_prev", "op", "origin", "regions", "results", "scope")

    def __init__(self, op: Op, operands: tuple[Value | None, ...], regions: tuple[Graph, ...]) -> None:
        self.op = op
        self.regions = regions
        self.results: tuple[Value, ...] = ()
        self.scope = ""
        self.origin = NO_ORIGIN
        self._operands = operands
        self._graph: Graph | None = None
        self._prev: Node | None = None
        self._next: Node | None = None

    @property
    def operands(self) -> tuple[Value | None, ...]:
        return self._operands

    @property
    def graph(self) -> Graph | None:
        """The graph that holds the node; ``None`` once it is erased."""
        return self._graph

    def operand(self, index: int) -> Value:
        """The operand at ``index``, which must be there."""
        value = self._operands[index]
        if value is None:
            raise IndexError(f"operand {index} of {self.op.name} is absent")
        return value

    @property
    def result(self) -> Value:
        """The only result."""
        (value,) = self.results
        return value

    @property
    def place(self) -> str:
        """Where the node is, for messages: its origin, scope and first result."""
        parts = [str(self.origin)] if self.origin != NO_ORIGIN else [f"%{r.name}" for r in self.results[:1]]
        if self.scope:
            parts.append(f"in {self.scope}")
        return " ".join(parts)

    def __repr__(self) -> str:
        return f"<{self.op.name} {self.place}>"


Use: TypeAlias = "tuple[Node | Graph, int]"


class Graph:
    """A single block: inputs, nodes in order, outputs."""

    __slots__ = ("_first", "_last", "_outputs", "inputs", "length", "name", "output_names", "parent")

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.parent: Node | None = None
        self.inputs: list[Value] = []
        self.output_names: list[str] = []
        self.length = 0
        self._outputs: list[Value] = []
        self._first: Node | None = None
        self._last: Node | None = None

    @property
    def outputs(self) -> tuple[Value, ...]:
        return tuple(self._outputs)

    @property
    def nodes(self) -> Iterator[Node]:
        """The nodes in order; safe while the current node, or any that comes later, is erased or replaced."""
        node = self._first
        while node is not None:
            following = node._next
            yield node
            node = following if node._graph is not self else node._next
            while node is not None and node._graph is not self:  # erased too: its link still leads on
                node = node._next

    def nodes_after(self, node: Node) -> Iterator[Node]:
        """The nodes that come after ``node``, in order; not to be changed meanwhile."""
        following = node._next
        while following is not None:
            yield following
            following = following._next

    @property
    def reversed_nodes(self) -> Iterator[Node]:
        """The nodes from last to first; safe while the current node, or any before it, is erased."""
        node = self._last
        while node is not None:
            following = node._prev
            yield node
            node = following if node._graph is not self else node._prev
            while node is not None and node._graph is not self:
                node = node._prev

    def walk(self) -> Iterator[Node]:
        """All nodes in order, those of regions after the node that carries them; no recursion, however deep."""
        stack = [self.nodes]
        while stack:
            node = next(stack[-1], None)
            if node is None:
                stack.pop()
                continue
            yield node
            if node._graph is not None:
                stack.extend(region.nodes for region in reversed(node.regions))

    @property
    def signature(self) -> Signature:
        return Signature(tuple(v.type for v in self.inputs), tuple(v.type for v in self._outputs))

    def __len__(self) -> int:
        return self.length

    def __repr__(self) -> str:
        return f"<graph {self.name}: {len(self.inputs)} inputs, {self.length} nodes, {len(self._outputs)} outputs>"


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a model as its source declared it.

    ``dims`` keeps what the source wrote: an integer, a name, or ``None`` for an anonymous dim; ``None`` as a whole
    where even the rank was not declared. ``default`` is the value of an input that a caller may leave out.
    """

    name: str
    dims: tuple[int | str | None, ...] | None
    default: Weight | None = field(default=None, compare=False)
    doc: str = ""


@dataclass(slots=True)
class Module:
    """A model: its functions (``main`` is the model itself), its declared interface, and its metadata."""

    functions: dict[str, Graph] = field(default_factory=dict)
    inputs: list[Port] = field(default_factory=list)
    outputs: list[Port] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def main(self) -> Graph:
        return self.functions["main"]

    def walk(self) -> Iterator[Node]:
        """All nodes of all functions, regions included."""
        for function in self.functions.values():
            yield from function.walk()

    @property
    def input_names(self) -> list[str]:
        return [port.name for port in self.inputs]

    @property
    def output_names(self) -> list[str]:
        return [port.name for port in self.outputs]

    def __str__(self) -> str:
        from interlingua.ir.text.printer import print_module

        return print_module(self)
