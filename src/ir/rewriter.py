"""The one door through which a graph changes.

A :class:`Rewriter` keeps uses, links and owners right, carries names over to what replaces a node, and tells
its listeners what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from interlingua.ir.graph import Graph, Module, Node, Value
from interlingua.ir.op import Op
from interlingua.ir.types import Type


class Listener(Protocol):
    """Is told of every change, after it happened."""

    def inserted(self, node: Node) -> None: ...
    def erased(self, node: Node) -> None: ...
    def replaced(self, old: Value, new: Value) -> None: ...


class Observer(Protocol):
    """Is told of rules, whichever graph they are applied to."""

    def tried(self, rule: str, seconds: float, applied: bool) -> None:
        """A rule was tried at a node."""

    def applied(self, rule: str, root: Node, made: Sequence[Node]) -> None:
        """A rule was applied at ``root``, which is erased by now where nothing needs it; ``made`` was put in."""


class Rewriter:
    """Edits graphs: one can serve many.

    Attributes:
        listeners: are told of every edit.
        observers: are told of every rule.
        accepts: whether a node may be put in by a rule; rules that would put in another do not apply.
        cause: the name of the rule at work, empty between rules.
        window: the nodes that the rule at work matched, its root first.
        around: is called with a pass and the module before (``False``) and after (``True``) the pass runs, also where
            it runs inside another.
    """

    def __init__(
        self,
        listeners: Iterable[Listener] = (),
        observers: Iterable[Observer] = (),
        accepts: Callable[[Node], bool] | None = None,
    ) -> None:
        self.listeners = tuple(listeners)
        self.observers = tuple(observers)
        self.accepts = accepts
        self.cause = ""
        self.window: tuple[Node, ...] = ()
        self.around: Callable[[Any, Module, bool], object] | None = None

    @contextmanager
    def because(self, cause: str, window: tuple[Node, ...] = ()) -> Iterator[None]:
        """Edits inside are those of the rule ``cause``, where it matched ``window``."""
        before = self.cause, self.window
        self.cause, self.window = cause, window
        try:
            yield
        finally:
            self.cause, self.window = before

    @contextmanager
    def told(self, listener: Listener) -> Iterator[None]:
        """Edits inside are told to one more listener."""
        before = self.listeners
        self.listeners = (*before, listener)
        try:
            yield
        finally:
            self.listeners = before

    @contextmanager
    def accepting(self, accepts: Callable[[Node], bool]) -> Iterator[None]:
        """Rules put in such nodes alone."""
        before, self.accepts = self.accepts, accepts
        try:
            yield
        finally:
            self.accepts = before

    def add_input(self, graph: Graph, type_: Type, name: str = "") -> Value:
        """A new last input of ``graph``."""
        value = Value(graph, len(graph.inputs), type_, name)
        graph.inputs.append(value)
        return value

    def create(
        self,
        op: Op,
        operands: Sequence[Value | None],
        types: Sequence[Type],
        regions: Sequence[Graph] = (),
        names: Sequence[str] = (),
    ) -> Node:
        """A node that is in no graph yet: insert it."""
        node = Node(op, tuple(operands), tuple(regions))
        node.results = tuple(Value(node, i, t, names[i] if i < len(names) else "") for i, t in enumerate(types))
        for region in regions:
            region.parent = node
        for index, operand in enumerate(operands):
            if operand is not None:
                operand._uses[(node, index)] = None
        return node

    def insert(self, node: Node, graph: Graph, before: Node | None = None) -> None:
        """Put ``node`` into ``graph``, before ``before`` or at the end."""
        if node._graph is not None:
            raise ValueError(f"{node!r} is in a graph already")
        if before is not None and before._graph is not graph:
            raise ValueError(f"{before!r} is not in {graph!r}")
        node._graph = graph
        node._next = before
        node._prev = graph._last if before is None else before._prev
        if node._prev is None:
            graph._first = node
        else:
            node._prev._next = node
        if before is None:
            graph._last = node
        else:
            before._prev = node
        graph.length += 1
        for listener in self.listeners:
            listener.inserted(node)

    def set_outputs(self, graph: Graph, values: Sequence[Value], names: Sequence[str] = ()) -> None:
        """Make ``values`` the outputs of ``graph``."""
        for index, old in enumerate(graph._outputs):
            del old._uses[(graph, index)]
        graph._outputs = list(values)
        graph.output_names = list(names) if names else [v.name for v in values]
        for index, value in enumerate(values):
            value._uses[(graph, index)] = None

    def set_operand(self, node: Node, index: int, value: Value | None) -> None:
        """Replace one operand."""
        old = node._operands[index]
        if old is not None:
            del old._uses[(node, index)]
        node._operands = (*node._operands[:index], value, *node._operands[index + 1 :])
        if value is not None:
            value._uses[(node, index)] = None

    def set_operands(self, node: Node, operands: Sequence[Value | None]) -> None:
        """Replace all operands, by as many as there may be."""
        self._drop_uses(node)
        node._operands = tuple(operands)
        for index, operand in enumerate(operands):
            if operand is not None:
                operand._uses[(node, index)] = None

    def drop_input(self, graph: Graph, index: int) -> None:
        """Remove an input of a region that nobody uses."""
        if graph.inputs[index]._uses:
            raise ValueError(f"{graph.inputs[index]!r} is in use")
        del graph.inputs[index]
        for place, value in enumerate(graph.inputs):
            value.index = place

    def drop_result(self, node: Node, index: int) -> None:
        """Remove a result that nobody uses."""
        if node.results[index]._uses:
            raise ValueError(f"{node.results[index]!r} is in use")
        node.results = (*node.results[:index], *node.results[index + 1 :])
        for place, value in enumerate(node.results):
            value.index = place

    def refine(self, value: Value, type_: Type) -> None:
        """Give ``value`` a more precise type."""
        value._type = type_

    def replace(self, old: Value, new: Value) -> None:
        """Let every user of ``old`` use ``new``."""
        if old is new:
            return
        for user, index in old.uses:
            if isinstance(user, Node):
                self.set_operand(user, index, new)
            else:
                del old._uses[(user, index)]
                user._outputs[index] = new
                new._uses[(user, index)] = None
        for listener in self.listeners:
            listener.replaced(old, new)

    def replace_node(self, node: Node, values: Sequence[Value]) -> None:
        """Let ``values`` take the place of the node's results, then erase it."""
        for old, new in zip(node.results, values, strict=True):
            if not new.name:
                new.name = old.name
            self.replace(old, new)
        self.erase(node)

    def erase(self, node: Node) -> None:
        """Remove a node that nobody uses, its regions with it."""
        graph = node._graph
        if graph is None:
            raise ValueError(f"{node!r} is in no graph")
        used = [r for r in node.results if r._uses]
        if used:
            raise ValueError(f"{node!r} cannot be erased: {used[0]!r} is in use")
        self._drop_uses(node)
        if node._prev is None:
            graph._first = node._next
        else:
            node._prev._next = node._next
        if node._next is None:
            graph._last = node._prev
        else:
            node._next._prev = node._prev
        node._graph = None
        graph.length -= 1
        for listener in self.listeners:
            listener.erased(node)

    def _drop_uses(self, node: Node) -> None:
        for index, operand in enumerate(node._operands):
            if operand is not None:
                operand._uses.pop((node, index), None)

    def move_before(self, node: Node, graph: Graph, before: Node | None) -> None:
        """Take a node out of its graph and put it elsewhere, uses unchanged."""
        source = node._graph
        if source is not None:
            if node._prev is None:
                source._first = node._next
            else:
                node._prev._next = node._next
            if node._next is None:
                source._last = node._prev
            else:
                node._next._prev = node._prev
            source.length -= 1
            node._graph = None
        self.insert(node, graph, before)
