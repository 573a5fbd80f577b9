"""Types: what is compatible, what broadcasts, what covers both."""

import re

import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.broadcasting import broadcast_dim
from interlingua.ir.dims import UNKNOWN, symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.types import Optional, Sequence, Tensor, Type, UnknownRank, broadcast, compatible, join

n, m = symbol("n"), symbol("m")


def f32(*dims: object) -> Tensor:
    return Tensor(DType.F32, dims)  # type: ignore[arg-type]


ANY = Tensor(DType.F32, None)


@pytest.mark.parametrize(
    ("shapes", "wanted"),
    [
        (((2, 1), (3,)), (2, 3)),
        (((n, 1), (1, m)), (n, m)),
        (((n,), (n,)), (n,)),
        (((n,), (3,)), (3,)),
        (((3,), (n,)), (3,)),
        (((n,), (m,)), (broadcast_dim(m, n),)),
        (((n,), (UNKNOWN,)), (UNKNOWN,)),
        (((n + 2,), (UNKNOWN,)), (n + 2,)),
        (((n,), (m,), (4,)), (4,)),
        (((), (2, 0)), (2, 0)),
        (((1,), (0,)), (0,)),
    ],
)
def test_broadcasting(shapes: tuple[tuple[object, ...], ...], wanted: tuple[object, ...]) -> None:
    assert broadcast(*(f32(*s) for s in shapes)) == wanted


def test_what_differs_for_certain_does_not_broadcast() -> None:
    with pytest.raises(ConstraintError, match=re.escape("axis -1 is both 2 and 3")):
        broadcast(f32(2), f32(3))
    with pytest.raises(UnknownRank):
        broadcast(f32(2), ANY)


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        (f32(n, 2), f32(n, 2), f32(n, 2)),
        (f32(n, 2), f32(3, 2), f32(UNKNOWN, 2)),
        (f32(2), f32(2, 2), ANY),
        (f32(2), ANY, ANY),
        (Sequence(f32(2)), Sequence(f32(3)), Sequence(f32(UNKNOWN))),
        (Optional(ANY), Optional(f32(1)), Optional(ANY)),
    ],
)
def test_join_covers_both(a: Type, b: Type, wanted: Type) -> None:
    assert join(a, b) == join(b, a) == wanted


@pytest.mark.parametrize("b", [Tensor(DType.F16, (2,)), Sequence(f32(2)), Optional(f32(2))])
def test_other_kinds_have_no_join(b: Type) -> None:
    with pytest.raises(ConstraintError, match="no common type"):
        join(f32(2), b)
    assert not compatible(f32(2), b)


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        (f32(n), f32(3), True),
        (f32(n + 1), f32(0), False),
        (f32(2), f32(3), False),
        (f32(2), f32(2, 1), False),
        (ANY, f32(7), True),
        (Sequence(ANY), Sequence(f32(1)), True),
        (Optional(f32(1)), Optional(f32(2)), False),
    ],
)
def test_compatible_unless_certain(a: Type, b: Type, wanted: bool) -> None:
    assert compatible(a, b) is compatible(b, a) is wanted


def test_elements_take_no_part_in_equality() -> None:
    plain = Tensor(DType.I64, (2,))
    known = plain.with_elements(np.array([1, n], dtype=object))
    assert known == plain
    assert hash(known) == hash(plain)
    assert known.known() is None
    assert plain.with_elements([1, 2]).known() == [1, 2]
    assert known.with_shape((3,)).elements is None
    assert Tensor(DType.I64, ()).with_elements(7).known() == [7]


def test_printing() -> None:
    assert str(f32(n * 2, 3)) == "f32[n*2, 3]"
    assert str(Optional(Sequence(ANY))) == "optional<sequence<f32[*]>>"


def test_every_dtype_is_found_again() -> None:
    for dtype in DType:
        assert DType.of(dtype.numpy) is dtype or dtype is DType.STRING
        assert DType(dtype.value) is dtype
    assert DType.of(np.array(["a"])) is DType.STRING
    with pytest.raises(TypeError, match="no element type"):
        DType.of(np.dtype("datetime64[s]"))
