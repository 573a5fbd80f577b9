"""How many steps of a scan stand one after the other, as measured.

A trip of a WHILE copies what it changes, so a short loop is faster unrolled, and a long one with several steps a trip.
But XNNPACK packs the weights of every operator for itself: too many copies of them leave the cache, and unrolled steps
become slower than the loop. Results are put into room made before the loop, which every trip copies as a whole: a loop
that needs much of it is one of blocks, each a loop with little room of its own.
"""

from __future__ import annotations

import math
from typing import TypeAlias

from interlingua.backends.litert.graph import Edge
from interlingua.ir.dims import DimLike, same
from interlingua.ir.graph import Graph, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor

Pace: TypeAlias = tuple[int, ...]
"""Steps a trip, of the outermost loop first. The steps of an innermost trip are unrolled."""

CACHED, CACHED_LOOP = 5 << 18, 5 << 17
"""Bytes of constants, those of a step times its copies, up to which steps were faster unrolled, and in a loop."""
OPERATORS = 1 << 10
"""Nodes that unrolled steps may come to."""
STRAIGHT, TRIP = 32, 4
"""Steps up to which no loop was faster, and steps a trip beyond which loops became no faster."""
ROOM = 1 << 15
"""Bytes of the room that a trip copies beside the rest of its work."""
BLOCKS = 16
"""Blocks of a loop whose blocks are too many for one."""


def pace_of(length: DimLike, body: Graph, states: int, held: list[Edge]) -> Pace:
    """The pace of a scan of so many ``states``, whose steps all read what is ``held``.

    A source of random numbers is one operator, which goes on from trip to trip: copies of it would all draw the same.
    An extent that changes from step to step has one name for all of them.
    """
    steady = all(_alike(*pair) for pair in zip(body.inputs[:states], body.outputs[:states], strict=True))
    if not isinstance(length, int) or not steady or any(node.op.effects for node in body.walk()):
        return (1,)
    nodes = list(body.nodes)
    inside = [node.op.weight.nbytes for node in nodes if isinstance(node.op, Constant)]
    size = sum(inside) + sum(e.weight.nbytes for e in held if e.weight is not None)
    most = 1 if any(node.regions for node in nodes) else max(1, OPERATORS // max(len(nodes), 1))
    if length <= min(STRAIGHT, most, CACHED // max(size, 1)):
        return ()
    trip = max(n for n in (1, 2, TRIP) if n == 1 or n <= min(most, CACHED_LOOP // max(size, 1)))
    return (*_blocks(length, trip, [v.tensor for v in body.outputs[states:]]), trip)


def _alike(before: Value, after: Value) -> bool:
    """Whether all extents are the same for certain."""
    a, b = before.tensor.shape, after.tensor.shape
    if a is None or b is None or len(a) != len(b):
        return False
    return all(same(*pair) is True for pair in zip(a, b, strict=True))


def _blocks(length: int, trip: int, elements: list[Tensor]) -> Pace:
    """Steps of the blocks, those of the largest first; none where room is small, or not known."""
    shapes = [t.static_shape for t in elements]
    total = sum(math.prod(s) * t.dtype.bits // 8 for s, t in zip(shapes, elements, strict=True) if s is not None)
    if None in shapes or not total:
        return ()
    found: Pace = ()
    block, count = trip, max(1, ROOM // total // trip)
    while length > 3 * block * count and block * count > trip:
        block *= _even(count, length // block if length % block == 0 else 0)
        found = (block, *found)
        count = BLOCKS
    return found


def _even(size: int, length: int) -> int:
    """A number near ``size`` that leaves no rest of ``length``, or ``size`` itself."""
    near = sorted(range(max(2, size * 2 // 3), size * 3 // 2 + 1), key=lambda n: abs(n - size))
    return next((n for n in near if length % n == 0), size) if length else size
