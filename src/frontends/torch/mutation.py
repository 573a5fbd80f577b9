"""Writes in place: which of them are no more than a new value under an old name.

A program as exported may write into tensors. Where nothing else that shares the memory is looked at afterwards, what
was written is a new value that takes the place of the old one. Anything beyond that (a write through a view, into a
parameter or an input) is for PyTorch's own functionalization.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from typing import Any

from interlingua.frontends.torch.schema import aliased, bind, mutated

_HIDDEN = frozenset({"aten::dropout", "aten::feature_dropout", "aten::alpha_dropout", "aten::feature_alpha_dropout"})
"""Operators that may hand back what they were given without their schema saying so."""


class Aliases:
    """Which nodes of one graph share memory, and which stand for one tensor."""

    def __init__(self, graph: Any) -> None:
        self.same: dict[Any, Any] = {}
        """The node that holds the tensor, by a node that names the result of a write into it."""
        self._groups: dict[Any, set[Any]] = {}
        self._place = {node: i for i, node in enumerate(graph.nodes)}
        self.entangled = [node for node in graph.nodes if node.op == "call_function" and not self._take(node)]
        """Writes that others can see."""

    def holder(self, node: Any) -> Any:
        """The node under which the tensor's newest value is kept."""
        return self.same.get(node, node)

    def _take(self, node: Any) -> bool:
        written = list(_arguments(node, mutated))
        for argument in written:
            if self._seen(argument, node):
                return False
            self.same[node] = self.holder(argument)
        for argument in (*written, *_arguments(node, aliased), *_hidden(node)):
            group = self._group(argument) | self._group(node)
            for member in group:
                self._groups[member] = group
        return True

    def _group(self, node: Any) -> set[Any]:
        return self._groups.setdefault(node, {node})

    def _seen(self, argument: Any, write: Any) -> bool:
        """Whether a write into ``argument`` shows anywhere but in what is named after it."""
        if self.holder(argument).op != "call_function" or len(list(_arguments(write, mutated))) > 1:
            return True
        now = self._place[write]
        others = (n for n in self._group(argument) if self.holder(n) is not self.holder(argument))
        return any(n.op != "call_function" or any(self._place[u] > now for u in n.users) for n in others)


def _arguments(node: Any, choose: Any) -> Iterator[Any]:
    """The nodes among the arguments of a call that ``choose`` names."""
    if node.target is operator.getitem:
        if choose is aliased:
            yield node.args[0]
        return
    names = choose(node.target) if hasattr(node.target, "_schema") else ()
    if names:
        found = bind(node.target, node.args, node.kwargs)
        for name in names:
            yield from _nodes(found[name])


def _hidden(node: Any) -> Iterable[Any]:
    schema = getattr(node.target, "_schema", None)
    return _nodes(node.args[0]) if schema is not None and schema.name in _HIDDEN else ()


def _nodes(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for each in value:
            yield from _nodes(each)
    elif hasattr(value, "users"):
        yield value
