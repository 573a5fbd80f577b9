"""Writes in place as new values.

A program as exported may write into tensors that have other names: a view of it, or what it is a view of. Every tensor
hangs on the one whose memory it shares, by the view that made it. A write gives the written tensor a new value; what it
is a view of gets one as well, by the inverse of the view; and other views of the same memory are taken anew when they
are next looked at. Where it is not certain whether an operator gave a view or a copy, where a view has no inverse here,
and where a parameter or an input is written, PyTorch's own functionalization does it.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from interlingua.frontends.torch.schema import aliased, bind, mutated, overload_name
from interlingua.frontends.torch.views import CERTAIN, invertible

_HIDDEN = frozenset({"aten::dropout", "aten::feature_dropout", "aten::alpha_dropout", "aten::feature_alpha_dropout"})
"""Operators that may hand back what they were given without their schema saying so."""


@dataclass(frozen=True, slots=True)
class Write:
    """One write in place.

    Attributes:
        target: the tensor that is written.
        through: its views, from ``target`` to the tensor that holds the memory, where somebody looks at that later.
    """

    target: Any
    through: tuple[Any, ...]


class Aliases:
    """Which tensors of one graph share memory, and what its writes change."""

    def __init__(self, graph: Any) -> None:
        self.same: dict[Any, Any] = {}
        """The node that holds the tensor, by a node that names the result of a write into it."""
        self.parent: dict[Any, Any] = {}
        """What a view is a view of."""
        self.writes: dict[Any, Write] = {}
        self.entangled: list[Any] = []
        """Writes that are not resolved here."""
        self._doubtful: set[Any] = set()
        self._members: dict[Any, list[Any]] = {}
        self._place = {node: i for i, node in enumerate(graph.nodes)}
        self._last: dict[Any, int] = {}
        for node in graph.nodes:
            if node.op == "call_function":
                self._take(node)

    def holder(self, node: Any) -> Any:
        """The node under which the tensor's newest value is kept."""
        return self.same.get(node, node)

    def root(self, node: Any) -> Any:
        """The tensor that holds the memory of ``node``."""
        return self._path(node)[-1]

    def _path(self, node: Any) -> list[Any]:
        found = [self.holder(node)]
        while found[-1] in self.parent:
            found.append(self.parent[found[-1]])
        return found

    def _take(self, node: Any) -> None:
        written = list(_arguments(node, mutated))
        if written:
            self._write(node, written)
        for argument in (*_arguments(node, aliased), *_hidden(node)):
            if node not in self.same:
                self._view(node, self.holder(argument))

    def _view(self, node: Any, of: Any) -> None:
        self.parent[node] = of
        if node.target is not operator.getitem and overload_name(node.target) not in CERTAIN:
            self._doubtful.add(node)
        self._members.setdefault(self.root(of), []).append(node)

    def _write(self, node: Any, written: list[Any]) -> None:
        target = self.holder(written[0])
        path = self._path(target)
        self.same[node] = target
        if len(written) > 1 or path[-1].op != "call_function":
            self.entangled.append(node)
            return
        now = self._place[node]
        others = [m for m in (path[-1], *self._members.get(path[-1], ())) if m is not target and self._looked(m, now)]
        outside = [m for m in others if target not in self._path(m)]
        if any(self._uncertain(path, m) for m in others) or (outside and not all(map(invertible, path[:-1]))):
            self.entangled.append(node)
            return
        self.writes[node] = Write(target, tuple(path[:-1]) if outside else ())

    def _looked(self, member: Any, now: int) -> bool:
        """Whether a tensor is looked at after a place in the program, under any of its names."""
        names = [member, *(n for n, holder in self.same.items() if holder is member)]
        return any(self._place[user] > now for name in names for user in name.users)

    def _uncertain(self, path: list[Any], member: Any) -> bool:
        """Whether a view that may be a copy lies between two tensors."""
        other = self._path(member)
        return any(n in self._doubtful for n in {*path, *other} - ({*path} & {*other}))


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


def _hidden(node: Any) -> Iterator[Any]:
    schema = getattr(node.target, "_schema", None)
    return _nodes(node.args[0]) if schema is not None and schema.name in _HIDDEN else iter(())


def _nodes(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for each in value:
            yield from _nodes(each)
    elif hasattr(value, "users"):
        yield value
