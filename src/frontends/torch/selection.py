"""What ``x[i, :, mask]`` selects: rows of indices into some axes, and where their dims go in the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interlingua.frontends.torch.along import common_shape, from_front, front_order, to_front
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import Gather, GatherNd, NonZero
from interlingua.ir.ops.layout import Stack
from interlingua.ir.ops.shape import BroadcastTo, Transpose
from interlingua.ir.ops.shaping import dims_of, vector

MASKS = frozenset({DType.BOOL, DType.U8})


@dataclass(frozen=True)
class Selection:
    """A selection from ``x``.

    Attributes:
        axes: those that are indexed.
        rows: an index for each of them along the last axis.
        place: at which axis of the result the dims of the indices begin: where the indexed axes are, if they are next
            to each other, else at the front.
    """

    x: Value
    axes: tuple[int, ...]
    rows: Value
    place: int

    @property
    def dims(self) -> int:
        """How many axes the indices add to the result."""
        return self.rows.tensor.rank - 1

    def get(self, b: Builder) -> Value:
        """The elements selected."""
        picked = b(GatherNd(), to_front(b, self.x, self.axes), self.rows)
        return _moved(b, picked, self._order(), back=True)

    def updates(self, b: Builder, values: Value) -> Value:
        """Values that broadcast to the result of :meth:`get`, in the order that scattering takes: the dims of the
        indices first."""
        rest = [i for i in range(self.x.tensor.rank) if i not in self.axes]
        others = dims_of(b, self.x, *rest)
        index = dims_of(b, self.rows, *range(self.dims))
        shape = [*others[: self.place], *index, *others[self.place :]]
        whole = b(BroadcastTo(), values, vector(b, shape))
        return _moved(b, whole, self._order(), back=False)

    def front(self, b: Builder) -> Value:
        """``x`` with the indexed axes first."""
        return to_front(b, self.x, self.axes)

    def back(self, b: Builder, x: Value) -> Value:
        """The inverse of :meth:`front`."""
        return from_front(b, x, self.axes)

    def _order(self) -> tuple[int, ...]:
        return tuple(range(self.place, self.place + self.dims))


def _moved(b: Builder, x: Value, axes: Sequence[int], back: bool) -> Value:
    if list(axes) == list(range(len(axes))):
        return x
    order = front_order(axes, x.tensor.rank)
    perm = [order.index(i) for i in range(len(order))] if back else order
    return b(Transpose(perm=tuple(perm)), x)


def selection(b: Builder, x: Value, items: Sequence[Value | None]) -> Selection:
    """What ``x[items]`` selects; a mask stands for as many axes as it has, ``None`` for one that is kept whole."""
    axes: list[int] = []
    given = [item for item in items if item is not None]
    vectors: list[Value] = []
    rows, place = None, 0
    for item in items:
        if item is None:
            place += 1
        elif item.tensor.dtype in MASKS:
            rank = item.tensor.rank
            axes += range(place, place + rank)
            place += rank
            found = b(NonZero(), item)
            if len(given) == 1:
                rows = b(Transpose(perm=(1, 0)), found)
            else:
                vectors += [b(Gather(axis=0), found, b.constant(i, DType.I64)) for i in range(rank)]
        else:
            axes.append(place)
            place += 1
            vectors.append(item if item.tensor.dtype is DType.I64 else b(Cast(to=DType.I64), item))
    if rows is None:
        rows = b(Stack(axis=-1), *common_shape(b, vectors))
    together = axes == list(range(axes[0], axes[0] + len(axes))) if axes else False
    return Selection(x, tuple(axes), rows, axes[0] if together else 0)
