"""Type rules of pointwise ops, and what they know of elements."""

import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.infer import infer_types
from interlingua.ir.ops.activation import Clip, Prelu
from interlingua.ir.ops.binary import Add, Div, Max, Mul, Rem, Sub
from interlingua.ir.ops.convert import Bitcast, Cast
from interlingua.ir.ops.logic import And, Eq, Le, Lt, Not, Select
from interlingua.ir.ops.math import FloorDiv, Ge, Mod
from interlingua.ir.ops.quant import Quantize
from interlingua.ir.ops.random import RandomUniform
from interlingua.ir.ops.unary import Abs, IsNan, Neg, Sin
from interlingua.ir.types import Tensor

N = symbol("n", 1)


def known(*elements, dtype=DType.I64):
    array = np.empty(len(elements), dtype=object)
    array[:] = elements
    return Tensor(dtype, array.shape, array)


def elements(op, *operands):
    (result,) = infer_types(op, operands)
    return result.elements.tolist()


@pytest.mark.parametrize(
    "op, a, b, expected",
    [
        (Add(), N, 1, N + 1),
        (Sub(), N, N, 0),
        (Mul(), N, 8, N * 8),
        (Div(), N * 8, 4, N * 2),
        (Div(), -7, 2, -3),
        (Div(), 7, 0, None),
        (Rem(), -7, 2, -1),
        (FloorDiv(), -7, 2, -4),
        (Mod(), -7, 2, 1),
        (Mod(), N * 4, 4, 0),
        (Max(), N, 1, N),
        (Eq(), N, -1, 0),
        (Eq(), N, 5, None),
        (Lt(), 0, N, 1),
        (Le(), N, 0, 0),
        (Ge(), N, 1, 1),
        (Add(), N, None, None),
    ],
)
def test_elements_of_binary_ops(op, a, b, expected):
    assert elements(op, known(a, 2), known(b, 2))[0] == expected


def test_elements_of_unary_ops():
    assert elements(Neg(), known(N, 3)) == [-N, -3]
    assert elements(Abs(), known(N, -3)) == [N, 3]
    assert elements(Not(), known(1, 0, None, dtype=DType.BOOL)) == [0, 1, None]
    assert elements(Cast(DType.I32), known(N, None, 2**32 + 5)) == [N, None, 5]
    assert elements(Cast(DType.BOOL), known(N, 0, None)) == [1, 0, None]
    assert elements(Clip(), known(N, -4), known(0, 0)) == [N, 0]


def test_scalar_elements_stay_arrays():
    (result,) = infer_types(Cast(DType.I32), [Tensor(DType.I64, (), np.array(N, dtype=object))])
    assert isinstance(result.elements, np.ndarray)
    assert result.elements.item() == N


def test_a_choice_needs_no_more_than_what_it_takes():
    condition = known(1, 0, None, None, dtype=DType.BOOL)
    assert elements(Select(), condition, known(N, None, 4, 1), known(None, 7, 4, 2)) == [N, 7, 4, None]
    assert elements(And(), condition, known(None, None, 0, 1, dtype=DType.BOOL)) == [None, 0, 0, None]


@pytest.mark.parametrize(
    "op, operands, quoted",
    [
        (Sin(), [Tensor(DType.I32, (2,))], "C1"),
        (IsNan(), [Tensor(DType.BOOL, (2,))], "C1"),
        (Add(), [Tensor(DType.F32, (2,)), Tensor(DType.F64, (2,))], "one dtype"),
        (Add(), [Tensor(DType.F32, (2,)), Tensor(DType.F32, (3,))], "broadcast"),
        (Select(), [Tensor(DType.I32, ()), Tensor(DType.F32, ()), Tensor(DType.F32, ())], "C1"),
        (Bitcast(DType.I64), [Tensor(DType.F32, (2,))], "C1"),
        (Prelu(), [Tensor(DType.F32, (2,)), Tensor(DType.F32, (3, 2))], "C2"),
        (Quantize(), [Tensor(DType.F32, (2, 3)), Tensor(DType.F32, (2,))], "C2"),
        (Quantize(dtype=DType.I64), [Tensor(DType.F32, (2, 3)), Tensor(DType.F32, ())], "C4"),
    ],
)
def test_broken_constraints_are_quoted(op, operands, quoted):
    with pytest.raises(ConstraintError, match=quoted):
        infer_types(op, operands)


def test_unknown_rank_keeps_the_dtype():
    x = Tensor(DType.F32, None)
    assert infer_types(Add(), [x, Tensor(DType.F32, (3,))]) == (x,)
    assert infer_types(Lt(), [x, x]) == (Tensor(DType.BOOL, None),)
    assert infer_types(Quantize(), [x, Tensor(DType.F32, ())]) == (Tensor(DType.U8, None),)


def test_random_takes_its_shape_from_the_elements():
    (result,) = infer_types(RandomUniform(), [known(N, 3)])
    assert result == Tensor(DType.F32, (N, 3))
