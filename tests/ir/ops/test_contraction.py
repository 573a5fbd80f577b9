"""Products of matrices."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.contraction import Einsum, Gemm, MatMul
from interlingua.ir.ops.matrix import Det, Eye, Trilu
from interlingua.ir.types import Tensor
from support.single import apply, apply_decomposed, close, f32, infer


def normal(*shape):
    return np.random.default_rng(shape).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize(
    ("p", "q"),
    [((3,), (3,)), ((3,), (2, 3, 4)), ((2, 4, 3), (3,)), ((5, 1, 2, 3), (4, 3, 2)), ((2, 0), (0, 3))],
)
def test_matmul_of_every_rank(p, q):
    a, b = normal(*p), normal(*q)
    exact = np.matmul(a.astype(np.float64), b.astype(np.float64))
    got = apply(MatMul(), a, b)
    assert got.shape == exact.shape and close(got, exact, times=8)
    assert infer(MatMul(), f32(*p), f32(*q)).dims == exact.shape


def test_matmul_of_narrow_floats_is_rounded_once():
    for dtype in (np.float16, ml_dtypes.bfloat16):
        a = np.full((1, 2048), 0.1, dtype)
        assert apply(MatMul(), a, a.T) == np.float32(2048 * float(a[0, 0]) ** 2).astype(dtype)


def test_matmul_of_integers_wraps():
    a = np.array([[100, 100]], np.int8)
    assert apply(MatMul(), a, a.T).item() == np.array(20000).astype(np.int8)


def test_matmul_checks_the_inner_dims():
    assert infer(MatMul(), f32("b", "n", 3), f32(3, "m")).dims == (symbol("b"), symbol("n"), symbol("m"))
    with pytest.raises(ConstraintError, match="C3"):
        infer(MatMul(), f32(2, 3), f32(4, 2))


@pytest.mark.parametrize("trans_a", [False, True])
@pytest.mark.parametrize("trans_b", [False, True])
@pytest.mark.parametrize("c", [None, (), (4,), (2, 1), (2, 4)])
def test_gemm(trans_a, trans_b, c):
    op = Gemm(0.5, 2.0, trans_a, trans_b)
    a, b = normal(3, 2) if trans_a else normal(2, 3), normal(4, 3) if trans_b else normal(3, 4)
    extra = [] if c is None else [normal(*c)]
    wide = [x.astype(np.float64) for x in (a, b, *extra)]
    exact = 0.5 * (wide[0].T if trans_a else wide[0]) @ (wide[1].T if trans_b else wide[1])
    exact = exact + 2 * wide[2] if extra else exact
    for run in (apply, apply_decomposed):
        assert close(run(op, a, b, *extra), exact, times=16)


EQUATIONS = {
    "ij,jk->ik": ((2, 3), (3, 4)),
    "ij,jk": ((2, 3), (3, 4)),
    "bij,bjk->bik": ((2, 3, 4), (2, 4, 5)),
    "i,j->ij": ((2,), (3,)),
    "i,i->": ((3,), (3,)),
    "ij->ji": ((2, 3),),
    "ij->": ((2, 3),),
    "ii->i": ((3, 3),),
    "ii": ((3, 3),),
    "bhqd,bhkd->bhqk": ((2, 2, 3, 4), (2, 2, 5, 4)),
    "ijkl,lm,kn->ijmn": ((2, 2, 3, 4), (4, 2), (3, 5)),
    "...ij,...jk->...ik": ((5, 1, 2, 3), (4, 3, 2)),
    "ij,jk,kl->il": ((2, 3), (3, 4), (4, 2)),
    "ijk,kj->i": ((2, 3, 4), (4, 3)),
    "ij,ij->ij": ((2, 3), (2, 3)),
    "...i->...": ((2, 3),),
}


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("equation", EQUATIONS)
def test_einsum_whole_and_decomposed(equation, dynamic):
    xs = [np.abs(normal(*shape)) for shape in EQUATIONS[equation]]  # nothing cancels: the bound is relative
    exact = np.einsum(equation, *(x.astype(np.float64) for x in xs))
    got = apply(Einsum(equation), *xs)
    assert got.shape == exact.shape and close(got, exact, times=32)
    assert close(apply_decomposed(Einsum(equation), *xs, dynamic=dynamic), exact, times=32)


@pytest.mark.parametrize("equation", ["ij,jk->iz", "ij,jk->ii", "i,jk->ijk", "ij->i", "ij,jk,kl->il"])
def test_einsum_refuses_nonsense(equation):
    with pytest.raises(ConstraintError):
        infer(Einsum(equation), *([f32(2, 3), f32(3, 4)] if equation != "ij->i" else [f32(2, 3, 4)]))


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("k", [None, -3, -1, 0, 2, 9])
def test_triangles(upper, k):
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    operands = (x,) if k is None else (x, np.array(k))
    wanted = (np.triu if upper else np.tril)(x, k or 0)
    assert np.array_equal(apply(Trilu(upper), *operands), wanted)
    assert np.array_equal(apply_decomposed(Trilu(upper), *operands, dynamic=True), wanted)


def test_the_triangle_of_nan_holds_zeros():
    assert np.isnan(apply(Trilu(), np.full((2, 2), np.nan, np.float32))).sum() == 3


def test_eye():
    for run in (apply, apply_decomposed):
        got = run(Eye(k=1, dtype=DType.I32), np.array(2), np.array(3))
        assert got.dtype == np.int32 and got.tolist() == [[0, 1, 0], [0, 0, 1]]


def test_determinants():
    x = normal(2, 4, 4)
    x[1, 0] = 0  # singular
    x[0, 0, 0] = 0  # needs a pivot
    exact = np.linalg.det(x.astype(np.float64))
    for run in (apply, apply_decomposed):
        assert close(run(Det(), x), exact, times=64)
    with pytest.raises(ConstraintError, match="C2"):
        infer(Det(), Tensor(DType.F32, (2, 3)))
