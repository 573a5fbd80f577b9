"""Loops as LiteRT's WHILE: what is carried is its state, and results are put into tensors made before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.kernels import NoKernel
from interlingua.ir.dims import UNKNOWN, DimLike
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.types import Shape, join


@dataclass(slots=True)
class Loop:
    """The state of a loop: of each slot the tensor before it, and its shape inside.

    A constant that does not change is none of it: every subgraph reads constants.
    """

    before: list[Edge] = field(default_factory=list[Edge])
    shapes: list[Shape] = field(default_factory=list[Shape])

    def slot(self, edge: Edge, shape: Shape | None = None) -> int:
        """Another slot."""
        self.before.append(edge)
        self.shapes.append(edge.shape if shape is None else shape)
        return len(self.before) - 1

    def held(self, edge: Edge) -> int | Edge:
        """A slot for what does not change, or the constant itself."""
        return edge if edge.weight is not None else self.slot(edge)

    def formal(self, inner: Context) -> list[Edge]:
        """Inputs of a subgraph of the loop, of the types of its state."""
        pairs = zip(self.before, self.shapes, strict=True)
        inner.graph.inputs = [Edge(inner.names.fresh("state"), e.dtype, s) for e, s in pairs]
        return inner.graph.inputs


MOST = 1 << 20
"""Trips for which room is made: a limit beyond it is none."""


def known_as(inputs: Sequence[Edge], values: Sequence[Value]) -> None:
    """Give extents that differ from trip to trip the names that the body has for them."""
    for edge, value in zip(inputs, values, strict=True):
        shape = value.tensor.shape
        if shape is not None and len(shape) == edge.rank:
            edge.shape = tuple(d if isinstance(d, int) else own for d, own in zip(edge.shape, shape, strict=True))


def read(inputs: Sequence[Edge], slot: int | Edge) -> Edge:
    """What stands in a slot, in a subgraph with these inputs."""
    return slot if isinstance(slot, Edge) else inputs[slot]


def run(ctx: Context, loop: Loop, cond: Context, body: Context) -> list[Edge]:
    """The loop; the tensors of its state after it."""
    options = {"cond_subgraph_index": cond.graph, "body_subgraph_index": body.graph}
    return ctx.add("WHILE", 1, loop.before, [e.dtype for e in loop.before], loop.shapes, options)


def close(inner: Context, after: dict[int, Edge], inputs: Sequence[Edge]) -> None:
    """Set the outputs of a body: what changes, each a tensor of its own, and the rest as it came."""
    made: list[Edge] = []
    for i, own in enumerate(inputs):
        edge = after.get(i, own)
        made.append(edge if edge is own else inner.copy(edge) if edge.producer is None or edge in made else edge)
    inner.graph.outputs = made


def loose(edge: Edge, *values: Value) -> Shape:
    """What is common to the extents of a tensor before, in and after a trip."""
    found: Any = values[0].tensor
    for value in values[1:]:
        found = join(found, value.tensor)
    return edge.shape if found.shape is None else tuple(found.shape)


def stack(ctx: Context, element: Value, length: DimLike, *sources: Edge, count: Edge | None = None) -> Edge:
    """Room for ``length`` elements (as many as the vector ``count`` says) along a new first axis.

    Raises:
        NoKernel: nothing before the loop says how large an element is.
    """
    type_ = element.tensor
    if type_.shape is None:
        raise NoKernel("what is stacked has no known rank")
    if not (type_.dtype.is_float or type_.dtype.is_integer or type_.dtype is DType.BOOL):
        raise NoKernel(f"nothing is stacked of {type_.dtype}")
    shape: Shape = (length, *type_.shape)
    sizes = ctx.sizes(shape if count is None else type_.shape, *sources)
    if count is not None:
        sizes = ctx.emit("CONCATENATION", count, sizes, shape=(len(shape),), axis=0) if type_.shape else count
    return ctx.emit("FILL", sizes, ctx.constant(0, type_.dtype), shape=shape)


def put(inner: Context, room: Edge, element: Edge, at: Edge) -> Edge:
    """``room`` with ``element`` at the place ``at`` of its first axis."""
    slab = element if element.rank == room.rank else inner.reshape(element, (1, *room.shape[1:]), element)
    zeros = [inner.constant([0] * (room.rank - 1))] if room.rank > 1 else []
    first = inner.reshape(at, (1,))
    start = inner.emit("CONCATENATION", first, *zeros, shape=(room.rank,), axis=0) if zeros else first
    return inner.emit("DYNAMIC_UPDATE_SLICE", room, slab, start, shape=room.shape)


def room(ctx: Context, loop: Loop, element: Value, trips: Edge | None, given: Sequence[Edge]) -> int:
    """Room for as many elements as there may be trips, and one at least: the body is prepared though none runs."""
    if trips is None or (trips.known is not None and trips.known[0] > MOST):
        raise NoKernel("how many results are stacked is known at its end alone")
    if trips.known is not None:
        return loop.slot(stack(ctx, element, trips.known[0], *given))
    count = ctx.emit("MAXIMUM", ctx.index(ctx.reshape(trips, (1,))), ctx.constant([1]))
    return loop.slot(stack(ctx, element, UNKNOWN, *given, count=count))


def front(ctx: Context, room: Edge, count: Edge) -> Edge:
    """What was put into it."""
    rest = room.rank - 1
    size = ctx.reshape(ctx.index(count), (1,))
    if rest:
        size = ctx.emit("CONCATENATION", size, ctx.constant([-1] * rest), shape=(room.rank,), axis=0)
    return ctx.emit("SLICE", room, ctx.constant([0] * room.rank), size, shape=(UNKNOWN, *room.shape[1:]))
