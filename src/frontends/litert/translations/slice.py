"""Slices.

Semantics: ``tensorflow/lite/kernels/{slice,strided_slice}.cc`` and ``internal/strided_slice_logic.h``;
``ellipsis_mask`` and ``new_axis_mask`` as TensorFlow defines them (``BuildDenseSpec``), which the kernel follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import LEVELS, Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.layout import ExpandDims, Squeeze
from interlingua.ir.ops.logic import Lt, Select
from interlingua.ir.ops.shape import Slice

TABLE = Table()

_FIRST, _LAST = np.iinfo(np.int64).min, np.iinfo(np.int64).max


@TABLE.translate("SLICE", quantized=LEVELS)
def slice_(n: LiteRtNode, b: Builder) -> Value:
    """``size`` elements from ``begin`` on; all that are left where the size is -1."""
    axes = tuple(range(n.rank(0)))
    begin = n[1] if n.tensor(1).dtype is DType.I64 else b(Cast(to=DType.I64), n[1])
    size = n[2] if n.tensor(2).dtype is DType.I64 else b(Cast(to=DType.I64), n[2])
    known = n.constant(1), n.constant(2)
    if known[0] is not None and known[1] is not None:
        ends = [_LAST if s == -1 else int(f + s) for f, s in zip(known[0], known[1], strict=True)]
        return b(Slice(axes=axes), n[0], b.constant(known[0], DType.I64), b.constant(ends, DType.I64))
    open_ended = b(Lt(), size, b.scalar(0, size))
    return b(Slice(axes=axes), n[0], begin, b(Select(), open_ended, b.scalar(_LAST, size), b(Add(), begin, size)))


_Steps: TypeAlias = "Sequence[int] | None"
"""Strides of the places that are cut; ``None`` where only the run knows them."""


@dataclass
class _Dense:
    """A strided slice with an entry for each axis that it cuts: its place in the specification."""

    axes: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    shrunk: list[int] = field(default_factory=list)
    added: list[int] = field(default_factory=list)


def _dense(n: LiteRtNode, count: int) -> _Dense:
    """What each place of the specification means. Results axes are counted with the shrunk ones in place."""
    rank = n.rank(0)
    masks = {name: int(n.required(f"{name}_mask")) for name in ("ellipsis", "new_axis", "shrink_axis")}
    added = sum(1 for i in range(count) if masks["new_axis"] >> i & 1 and not masks["ellipsis"] >> i & 1)
    ellipses = [i for i in range(count) if masks["ellipsis"] >> i & 1]
    covered = count - added - len(ellipses)
    if len(ellipses) > 1 or covered > rank:
        raise InvalidModel(f"STRIDED_SLICE of {n[0].type} by {count} places, {len(ellipses)} of them ellipses")
    found, axis, out = _Dense(), 0, 0
    for place in range(count):
        if place in ellipses:
            axis, out = axis + rank - covered, out + rank - covered
        elif masks["new_axis"] >> place & 1:
            found.added.append(out)
            out += 1
        else:
            found.axes.append(axis)
            found.places.append(place)
            if masks["shrink_axis"] >> place & 1:
                found.shrunk.append(axis)
            else:
                out += 1
            axis += 1
    return found


def _length(n: LiteRtNode, index: int) -> int | None:
    """Of a vector; ``None`` where the run alone knows it."""
    dims = n.tensor(index).dims
    if len(dims) != 1:
        raise InvalidModel(f"{n.op} reads {n[index].type}, which is no vector")
    return dims[0] if isinstance(dims[0], int) else None


@TABLE.translate("STRIDED_SLICE", quantized=LEVELS)
def strided_slice(n: LiteRtNode, b: Builder) -> Value:
    """Axes that shrink are taken at ``begin``; the others go from ``begin`` to ``end`` as Python slices do, open where
    the masks say."""
    known, count = n.constant(3), _length(n, 3)
    strides = None if known is None else [int(s) for s in known]
    if count is None:
        n.unsupported("how many axes it cuts only the run knows")
    if any(_length(n, i) not in (None, count) for i in (1, 2)) or 0 in (strides or ()):
        raise InvalidModel(f"STRIDED_SLICE from {n[1].type} to {n[2].type} by {n[3].type if known is None else known}")
    dense = _dense(n, count)
    x = n[0]
    cut = [(a, p) for a, p in zip(dense.axes, dense.places, strict=True) if a not in dense.shrunk]
    if n.option("offset"):
        n.unsupported("ends that are offsets are not read")
    if cut:
        steps = None if strides is None else [strides[p] for _, p in cut]
        by = _given(n, b, 3, cut) if steps is None else b.constant(steps, DType.I64)
        starts, stops = (_bounds(n, b, which, cut, steps, by) for which in (1, 2))
        x = b(Slice(axes=tuple(a for a, _ in cut)), x, starts, stops, by)
    for axis, place in zip(dense.axes, dense.places, strict=True):
        if axis in dense.shrunk:
            x = _taken(n, b, x, axis, place)
    if dense.shrunk:
        x = b(Squeeze(axes=tuple(dense.shrunk)), x)
    return b(ExpandDims(axes=tuple(dense.added)), x) if dense.added else x


def _given(n: LiteRtNode, b: Builder, which: int, cut: list[tuple[int, int]]) -> Value:
    """What an operand says of the axes that are cut."""
    found = b(Gather(axis=0), n[which], b.constant([p for _, p in cut]))
    return found if found.tensor.dtype is DType.I64 else b(Cast(to=DType.I64), found)


def _bounds(
    n: LiteRtNode, b: Builder, which: int, cut: list[tuple[int, int]], steps: _Steps, by: Value
) -> Value:  # fmt: skip
    """Starts or stops of the axes that are cut; an open one is the end at which a walk by its step begins or stops."""
    mask = int(n.required("begin_mask" if which == 1 else "end_mask"))
    forwards, backwards = (_FIRST, _LAST) if which == 1 else (_LAST, _FIRST)
    opened = [bool(mask >> p & 1) for _, p in cut]
    known = n.constant(which)
    if steps is None:
        ends = b(Select(), b(Lt(), by, b.scalar(0, by)), b.scalar(backwards, by), b.scalar(forwards, by))
    else:
        ways = [forwards if s > 0 else backwards for s in steps]
        if known is not None:
            pairs = zip(cut, opened, ways, strict=True)
            return b.constant([end if open_ else int(known[p]) for (_, p), open_, end in pairs], DType.I64)
        ends = b.constant(ways, DType.I64)
    given = _given(n, b, which, cut)
    return b(Select(), b.constant(opened), ends, given) if any(opened) else given


def _taken(n: LiteRtNode, b: Builder, x: Value, axis: int, place: int) -> Value:
    """One element along an axis, which stays."""
    known = n.constant(1)
    mask = int(n.required("begin_mask"))
    if mask >> place & 1:
        if n.constant(3) is None:
            n.unsupported("from which end it takes one element only the run knows")
        first = 0 if n.ints(3)[place] > 0 else -1
        start = b.constant([first], DType.I64)
        stop = b.constant([_LAST if first == -1 else 1], DType.I64)
        return b(Slice(axes=(axis,)), x, start, stop)
    if known is not None:
        first = int(known[place])
        return b(Slice(axes=(axis,)), x, b.constant([first]), b.constant([_LAST if first == -1 else first + 1]))
    given = b(Slice(axes=(0,)), n[1], b.constant([place]), b.constant([place + 1]))
    return b(Gather(axis=axis), x, given)
