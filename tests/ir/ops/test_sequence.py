"""Sequences and optionals: types, and positions from both ends."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.dtypes import DType
from interlingua.ir.ops import sequence as sq
from interlingua.ir.types import Optional, Sequence, Tensor
from support.single import f32, infer

XS = [np.full(2, i, np.float32) for i in range(3)]


def test_positions_count_from_both_ends():
    def firsts(xs):
        return [int(x[0]) for x in xs]

    new = np.full(2, 9, np.float32)
    insert, erase = sq.SequenceInsert().reference, sq.SequenceErase().reference
    assert firsts(insert(XS, new)) == [0, 1, 2, 9]
    assert firsts(insert(XS, new, np.array(-1))) == [0, 1, 9, 2]
    assert firsts(insert(XS, new, np.array(0))) == [9, 0, 1, 2]
    assert firsts(erase(XS)) == [0, 1] and firsts(erase(XS, np.array(-3))) == [1, 2]
    assert sq.SequenceAt().reference(XS, np.array(-1))[0] == 2
    with pytest.raises(IndexError):
        insert(XS, new, np.array(4))


def test_elements_keep_what_they_share_and_lose_their_symbols():
    sequence = infer(sq.SequenceConstruct(), f32(2, "n"), f32(2, "n"))
    assert sequence == Sequence(f32(2, "n"))
    element = infer(sq.SequenceAt(), sequence, Tensor(DType.I64, ()))
    assert element.dims[0] == 2 and element.dims[1] != sequence.element.dims[1]
    assert infer(sq.SequenceConstruct(), f32(2), f32(2, 3)).element.shape is None


def test_what_is_no_sequence_is_refused():
    with pytest.raises(ConstraintError, match="C1"):
        infer(sq.SequenceLength(), f32(2))
    with pytest.raises(ConstraintError):
        infer(sq.SequenceInsert(), Sequence(f32(2)), Tensor(DType.I32, (2,)))


@pytest.mark.parametrize(
    ("sizes", "wanted"), [(np.array(2), [2, 2, 1]), (np.array([1, 4]), [1, 4]), (None, [1, 1, 1, 1, 1])]
)
def test_splits(sizes, wanted):
    x = np.arange(10, dtype=np.float32).reshape(5, 2)
    pieces = sq.SequenceSplit().reference(*((x,) if sizes is None else (x, sizes)))
    assert [len(p) for p in pieces] == wanted
    assert np.array_equal(sq.SequenceConcat(axis=0).reference(pieces), x)


def test_dropped_axes_come_back_by_a_new_axis():
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    pieces = sq.SequenceSplit(axis=1, keepdims=False).reference(x)
    assert [p.shape for p in pieces] == [(2,)] * 3
    assert np.array_equal(sq.SequenceConcat(axis=1, new_axis=True).reference(pieces), x)


def test_optionals():
    assert infer(sq.OptionalGet(), Optional(f32(2))) == f32(2)
    assert not sq.OptionalHasElement().reference(None) and sq.OptionalHasElement().reference(XS[0])
    with pytest.raises(ValueError, match="nothing"):
        sq.OptionalGet().reference(None)
