"""Samples that break a rule: valid ones with one thing about them changed.

What is changed is generic (a dtype, a rank, a dim, a value that the type rule reads, an attribute, the number of
operands), so that every op gets its error samples from its own valid ones. Not everything that is changed breaks
something: either the type rule refuses, or the reference computes what the type rule says.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import UnionType
from typing import Any, TypeAlias

import numpy as np

from interlingua.ir.draw import FINITE, Draw, Held, Sample, values
from interlingua.ir.dtypes import DType
from interlingua.ir.op import attribute_types

Change: TypeAlias = Callable[[Sample, Draw], "Sample | None"]

NUMBERS = (-1, 0, 1, 2, 3, 7, -7)
"""What integer attributes are set to."""


def draw_broken(sample: Sample, draw: Draw) -> Sample:
    """``sample`` with one thing changed.

    Raises:
        ConstraintError: an attribute is refused by the op itself.
    """
    first = draw.integer(0, len(CHANGES) - 1)
    for change in (*CHANGES[first:], *CHANGES[:first]):
        changed = change(sample, draw)
        if changed is not None:
            return changed
    return sample


def _dtype(sample: Sample, draw: Draw) -> Sample | None:
    """One operand of another dtype."""
    index, array = _picked(sample, draw)
    if array is None:
        return None
    others = [d for d in DType if d is not DType.of(array)]
    kind = draw.choice(FINITE)
    return _with(sample, index, values(array.shape, draw.choice(others), kind, 0))


def _all_dtypes(sample: Sample, draw: Draw) -> Sample | None:
    """Every operand of the dtype of one of them, of another dtype."""
    _, array = _picked(sample, draw)
    if array is None:
        return None
    now, other = DType.of(array), draw.choice(list(DType))
    made = [
        values(o.shape, other, "small", i) if isinstance(o, np.ndarray) and DType.of(o) is now else o
        for i, o in enumerate(sample.operands)
    ]
    return Sample(sample.op, tuple(made), sample.known)


def _rank(sample: Sample, draw: Draw) -> Sample | None:
    """One operand of a rank more or less."""
    index, array = _picked(sample, draw)
    if array is None:
        return None
    axis = draw.integer(0, array.ndim)
    if draw.boolean() or not array.ndim or not array.shape[min(axis, array.ndim - 1)]:
        return _with(sample, index, np.expand_dims(array, axis))
    return _with(sample, index, np.asarray(np.take(array, 0, axis=min(axis, array.ndim - 1))))


def _dim(sample: Sample, draw: Draw) -> Sample | None:
    """One dim of one operand larger or smaller."""
    index, array = _picked(sample, draw)
    if array is None or not array.ndim:
        return None
    axis = draw.integer(0, array.ndim - 1)
    size = max(0, array.shape[axis] + draw.choice((1, -1, 2, -array.shape[axis], 1 - array.shape[axis])))
    if not array.shape[axis]:
        shape = (*array.shape[:axis], size, *array.shape[axis + 1 :])
        return _with(sample, index, values(shape, DType.of(array), "small", 0))
    return _with(sample, index, np.take(array, np.arange(size) % array.shape[axis], axis=axis))


def _value(sample: Sample, draw: Draw) -> Sample | None:
    """Integers that the type rule reads, others than they were."""
    known = [i for i in sorted(sample.known) if _is_integer(sample.operands[i])]
    integers = [i for i, o in enumerate(sample.operands) if _is_integer(o)]
    if not integers:
        return None
    index = draw.choice(known or integers)
    array = sample.operands[index].astype(np.int64)
    step = draw.choice((1, -1, 5, -9))
    moved = draw.choice((array + step, -array, array * 0, array * 3 + step))
    if array.size and draw.boolean():
        one = array.copy()
        place = draw.integer(0, array.size - 1)
        one.reshape(-1)[place] = moved.reshape(-1)[place]
        moved = one
    made = _with(sample, index, moved.astype(sample.operands[index].dtype))
    return replace(made, known=made.known | {index})


def _attribute(sample: Sample, draw: Draw) -> Sample | None:
    """One attribute out of its range, of another length or sign."""
    types = attribute_types(type(sample.op))
    if not types:
        return None
    name = draw.choice(list(types))
    return _set(sample, name, _other(getattr(sample.op, name), types[name], draw))


def _attribute_rank(sample: Sample, draw: Draw) -> Sample | None:
    """Every attribute that lists something a place longer or shorter, as of another rank."""
    lists = {n: v for n, v in sample.op.attributes().items() if isinstance(v, tuple) and v}
    if not lists:
        return None
    more = draw.boolean()
    made = replace(sample.op, **{n: (*v, v[-1]) if more else v[:-1] for n, v in lists.items()})  # type: ignore[type-var]
    return Sample(made, sample.operands, sample.known)


def _missing(sample: Sample, draw: Draw) -> Sample | None:
    """One operand absent, or the last one left out."""
    if not sample.operands:
        return None
    if draw.boolean():
        kept = len(sample.operands) - 1
        return Sample(sample.op, sample.operands[:-1], frozenset(k for k in sample.known if k < kept))
    index = draw.integer(0, len(sample.operands) - 1)
    made = _with(sample, index, None)
    return replace(made, known=made.known - {index})


def _extra(sample: Sample, draw: Draw) -> Sample | None:
    """An operand too many."""
    _, array = _picked(sample, draw)
    extra = np.zeros((2, 3), np.float32) if array is None else array
    return Sample(sample.op, (*sample.operands, extra), sample.known)


def _kind(sample: Sample, draw: Draw) -> Sample | None:
    """One operand of another kind: a sequence or an optional for a tensor, a tensor for one of those."""
    if not sample.operands:
        return None
    index = draw.integer(0, len(sample.operands) - 1)
    value = sample.operands[index]
    if isinstance(value, np.ndarray):
        made = _with(sample, index, [value] if draw.boolean() else Held(value))
    else:
        made = _with(sample, index, np.zeros((2, 3), np.float32))
    return replace(made, known=made.known - {index})


CHANGES: tuple[Change, ...] = (
    _attribute, _attribute, _dtype, _all_dtypes, _rank, _dim, _value, _attribute_rank, _missing, _extra, _kind,
)  # fmt: skip
"""What can be changed about a sample; ``None`` where there is nothing of the sort."""


def _picked(sample: Sample, draw: Draw) -> tuple[int, np.ndarray[Any, Any] | None]:
    """One of the tensors among the operands."""
    tensors = [i for i, o in enumerate(sample.operands) if isinstance(o, np.ndarray)]
    if not tensors:
        return 0, None
    index = draw.choice(tensors)
    return index, sample.operands[index]


def _is_integer(operand: Any) -> bool:
    return isinstance(operand, np.ndarray) and DType.of(operand) in (DType.I32, DType.I64)


def _with(sample: Sample, index: int, value: Any) -> Sample:
    operands = (*sample.operands[:index], value, *sample.operands[index + 1 :])
    return Sample(sample.op, operands, sample.known)


def _set(sample: Sample, name: str, value: Any) -> Sample:
    made = replace(sample.op, **{name: value})  # type: ignore[type-var]
    return Sample(made, sample.operands, sample.known)


def _other(value: Any, annotation: Any, draw: Draw) -> Any:
    """Another value for an attribute, most often one that its annotation allows."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return draw.choice((*NUMBERS, value + 1, -value))
    if isinstance(value, float):
        return draw.choice((-value, 0.0, -1.0, value + 0.5))
    if isinstance(value, DType):
        return draw.choice(list(DType))
    if isinstance(value, tuple):
        return _other_tuple(value, draw)
    if isinstance(value, str):
        return draw.choice((*_literals(annotation), value[::-1] + "!", value[:-1], "->" + value))
    return draw.choice((*_examples(annotation), None))


def _other_tuple(value: tuple[Any, ...], draw: Draw) -> tuple[Any, ...]:
    """Longer, shorter, doubled, or with one element another."""
    if not value:
        return draw.choice(((0,), (-1,), (0, 0), (9,)))
    place = draw.integer(0, len(value) - 1)
    now = value[place]
    other = _other(now, type(now), draw)
    changed = (*value[:place], other, *value[place + 1 :])
    return draw.choice((changed, changed, (*value, now), value[:-1], (*value, other), (*value, *value)))


def _literals(annotation: Any) -> Sequence[Any]:
    arms = typing.get_args(annotation) if typing.get_origin(annotation) in (typing.Union, UnionType) else (annotation,)
    return [v for arm in arms if typing.get_origin(arm) is typing.Literal for v in typing.get_args(arm)]


def _examples(annotation: Any) -> Sequence[Any]:
    """Values for an attribute that is absent."""
    arms = typing.get_args(annotation) or (annotation,)
    known: dict[Any, tuple[Any, ...]] = {int: NUMBERS, float: (1.5, 0.0, -1.0), DType: tuple(DType), str: ("x",)}
    plain = [v for arm in arms for v in known.get(arm, ())]
    lists = [(v,) for arm in arms if typing.get_origin(arm) is tuple for v in known.get(typing.get_args(arm)[0], ())]
    return [*plain, *lists, *_literals(annotation)]
