"""The graphs of a ``ModelProto``, gone through once: what is a message there is a field of a plain object here.

A field of a message costs a call each time that it is looked at, and every check and the importer look at the same
ones. Nothing here recurses: a model may nest deeper than the stack.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from interlingua.errors import InvalidModel

MAX_NESTING = 32
"""Graphs inside graphs: protobuf reads 100 messages deep, and a graph in a graph takes three."""

TENSOR, GRAPH = 4, 5
PLAIN = frozenset({1, 2, 3, 6, 7, 8})
"""FLOAT, INT, STRING, FLOATS, INTS, STRINGS: attributes that hold neither graphs nor tensors. The checker refuses one
that holds anything beside what its kind says."""


class Node:
    """A node as it is written. ``settings`` is for who reads the values of its attributes: they are read once."""

    __slots__ = ("attributes", "domain", "graphs", "inputs", "name", "op", "outputs", "settings")

    def __init__(self, proto: Any) -> None:
        self.op: str = proto.op_type
        self.domain: str = proto.domain
        self.name: str = proto.name
        self.inputs: list[str] = list(proto.input)
        self.outputs: list[str] = list(proto.output)
        self.attributes: list[tuple[str, Any]] = [(a.name, a) for a in proto.attribute]
        self.graphs: dict[str, Body] = {}
        self.settings: dict[str, Any] | None = None


class Body:
    """A graph or a function: all that has nodes.

    ``weights`` are the initializers by name, ``tensors`` these and those that its nodes hold, sparse ones in their two
    parts.
    """

    def __init__(self, proto: Any, depth: int, is_graph: bool) -> None:
        self.proto = proto
        self.depth = depth
        self.name: str = proto.name
        self.nodes = [Node(n) for n in proto.node]
        self.tensors: list[Any] = list(proto.initializer) if is_graph else []
        sparse = list(proto.sparse_initializer) if is_graph else []
        named = [*((t.name, t) for t in self.tensors), *((t.values.name, t) for t in sparse)]
        self.weights: dict[str, Any] = dict(named)
        self.weight_names = [name for name, _ in named]
        self._add_sparse(sparse)

    @property
    def is_graph(self) -> bool:
        return hasattr(self.proto, "initializer")

    @cached_property
    def infos(self) -> dict[str, Any]:
        """What is declared of the values of a graph, by name: where twice, what is said of them as interior ones."""
        return {info.name: info for info in (*self.proto.output, *self.proto.value_info)}

    def _add_sparse(self, sparse: list[Any]) -> None:
        self.tensors += [part for tensor in sparse for part in (tensor.values, tensor.indices)]

    def look_into(self) -> Iterator[Body]:
        """Note what tensors the attributes hold, and give the graphs that they hold."""
        for node in self.nodes:
            for name, attribute in node.attributes:
                kind = attribute.type
                if kind == TENSOR:
                    self.tensors.append(attribute.t)
                elif kind == GRAPH:
                    node.graphs[name] = found = Body(attribute.g, self.depth + 1, True)
                    yield found
                elif kind not in PLAIN:
                    yield from self._look_everywhere(attribute)

    def _look_everywhere(self, attribute: Any) -> Iterator[Body]:
        self.tensors += [*([attribute.t] if attribute.HasField("t") else []), *attribute.tensors]
        sparse = [attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else []
        self._add_sparse([*sparse, *attribute.sparse_tensors])
        for graph in [*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs]:
            yield Body(graph, self.depth + 1, True)


def read_bodies(proto: Any, label: str = "") -> list[Body]:
    """Every graph of the model and every function, the graphs inside them too; the main graph first.

    Raises:
        InvalidModel: they nest too deeply.
    """
    found = [Body(proto.graph, 0, True), *(Body(f, 0, False) for f in proto.functions)]
    for body in found:
        if body.depth > MAX_NESTING:
            raise InvalidModel(
                f"graph {body.name!r} lies in {body.depth} graphs; {MAX_NESTING} is the most that a file can hold",
                where=label,
                hint="flatten the If and Loop nodes of the model",
            )
        found.extend(body.look_into())
    return found
