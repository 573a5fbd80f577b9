"""The families of rules: correct results are within their bounds, faults are not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from interlingua.equivalence.bounds.explain import explain
from interlingua.equivalence.expect import expect
from interlingua.equivalence.judge import judge
from interlingua.errors import EvaluationError
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.ops.activation import LeakyRelu
from interlingua.ir.ops.binary import Add, Div, Mul, Rem
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.control import If, While
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import Gather, NonZero, TopK
from interlingua.ir.ops.logic import Lt, Select, ShiftLeft
from interlingua.ir.ops.norm import LayerNorm
from interlingua.ir.ops.quant import Quantize
from interlingua.ir.ops.reduction import ArgMax, CumSum, ReduceMax, ReduceProd, ReduceSum
from interlingua.ir.ops.scatter import ScatterAlong
from interlingua.ir.ops.shape import Concat, Transpose
from interlingua.ir.ops.source import ShapeOf
from interlingua.ir.ops.unary import Abs, Cos, Exp, Floor, Neg, Round, Sqrt
from interlingua.ir.types import Tensor
from interlingua.report import Verdict
from interlingua.runtimes.numerics import IEEE, Numerics, largest, unit_roundoff

RNG = np.random.default_rng(7)
U32 = unit_roundoff(DType.F32)


def model(build, *arrays):
    """A module whose inputs are like ``arrays``, and the inputs."""
    b = Builder(Graph("main"))
    module = Module({"main": b.graph})
    values = []
    for i, array in enumerate(arrays):
        values.append(b.input(Tensor(DType.of(array), array.shape), f"x{i}"))
        module.inputs.append(Port(f"x{i}", array.shape))
    results = build(b, *values)
    results = results if isinstance(results, tuple) else (results,)
    names = [f"y{i}" for i in range(len(results))]
    b.outputs(results, names)
    module.outputs = [Port(n, None) for n in names]
    return module, {f"x{i}": a for i, a in enumerate(arrays)}


def bound(build, *arrays, numerics=IEEE, **more):
    module, inputs = model(build, *arrays)
    return expect(module, inputs, numerics, **more)


def verdict(expectation, *outputs):
    found = judge(expectation, dict(zip(expectation.outputs, outputs, strict=True)), "case")
    return [c.verdict for c in found]


def single(build, *arrays, **more):
    expectation = bound(build, *arrays, **more)
    return expectation, expectation.outputs["y0"]


def op(instance):
    return lambda b, *xs: b(instance, *xs)


def normal(*shape, dtype=np.float32):
    return RNG.standard_normal(shape).astype(dtype)


# contractions


@pytest.mark.parametrize("terms", [1, 8, 256, 4096])
@pytest.mark.parametrize("order", ["forwards", "sorted", "blocks"])
def test_a_dot_product_is_right_in_any_order(terms, order):
    a, b = normal(3, terms), normal(terms, 2)
    expectation = bound(op(MatMul()), a, b)
    products = a[:, :, None] * b[None]
    if order == "sorted":
        products = np.take_along_axis(products, np.argsort(products, axis=1), axis=1)
    if order == "blocks":
        products = np.add.reduceat(products, np.arange(0, terms, 16), axis=1)
    total = np.zeros((3, 2), np.float32)
    for k in range(products.shape[1]):
        total = total + products[:, k]
    assert verdict(expectation, total) == [Verdict.VERIFIED]


@pytest.mark.parametrize("terms", [8, 256, 4096])
def test_a_dropped_term_is_seen(terms):
    a, b = normal(3, terms), normal(terms, 2)
    short = (a[:, :-1].astype(float) @ b[:-1].astype(float)).astype(np.float32)
    assert verdict(bound(op(MatMul()), a, b), short) == [Verdict.MISMATCH]


def test_a_coarser_accumulator_has_to_be_declared():
    a, b = normal(4, 64), normal(64, 4)
    coarse = a.astype(np.float16).astype(np.float32) @ b.astype(np.float16).astype(np.float32)
    assert verdict(bound(op(MatMul()), a, b), coarse) == [Verdict.MISMATCH]
    declared = Numerics(accumulators={DType.F32: unit_roundoff(DType.F16)})
    assert verdict(bound(op(MatMul()), a, b, numerics=declared), coarse) == [Verdict.VERIFIED]


def test_worst_case_bounds_are_wider():
    a, b = normal(2, 1024), normal(1024, 2)
    _, usual = single(op(MatMul()), a, b)
    _, strict = single(op(MatMul()), a, b, strict=True)
    assert np.all(strict.error > 4 * usual.error)


def test_sums_of_small_integers_are_exact():
    a = RNG.integers(-4, 5, (3, 40)).astype(np.float32) / 8
    b = RNG.integers(-4, 5, (40, 3)).astype(np.float32)
    expectation, found = single(op(MatMul()), a, b)
    assert not found.error.any()
    right = a @ b
    assert verdict(expectation, right) == [Verdict.VERIFIED]
    assert verdict(expectation, np.nextafter(right, np.float32(99))) == [Verdict.MISMATCH]


def test_narrow_floats_are_summed_in_float32_and_rounded_once():
    x = normal(4, 512, dtype=np.float16)
    expectation = bound(op(ReduceSum((1,))), x)
    assert verdict(expectation, x.astype(np.float32).sum(1).astype(np.float16)) == [Verdict.VERIFIED]
    narrow = np.zeros(4, np.float16)
    for k in range(x.shape[1]):
        narrow = narrow + x[:, k]
    assert verdict(expectation, narrow) == [Verdict.MISMATCH]


def test_running_sums_and_products():
    x = np.abs(normal(3, 20)) + np.float32(0.5)
    assert verdict(bound(op(CumSum(1)), x), np.cumsum(x[:, ::1], axis=1)) == [Verdict.VERIFIED]
    expectation = bound(op(ReduceProd((1,))), x)
    assert verdict(expectation, np.prod(x[:, ::-1], axis=1)) == [Verdict.VERIFIED]
    assert verdict(expectation, np.prod(x[:, :-1], axis=1)) == [Verdict.MISMATCH]


def test_a_partial_product_may_overflow_though_the_whole_does_not():
    x = np.array([[3e38, 10.0, 1e-3]], np.float32)
    expectation, found = single(op(ReduceProd((1,))), x)
    assert np.isinf(found.error).all()
    assert {c.kind for c in expectation.causes} == {"overflow"}


def test_updates_that_add_up():
    x, updates = np.zeros(3, np.float32), normal(50)
    index = RNG.integers(0, 3, 50)
    expectation = bound(op(ScatterAlong(0, "add")), x, index, updates)
    right = x.copy()
    np.add.at(right, index[::-1], updates[::-1])
    assert verdict(expectation, right) == [Verdict.VERIFIED]
    wrong = x.copy()
    wrong[index] = updates
    assert verdict(expectation, wrong) == [Verdict.MISMATCH]


# elementwise


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("instance", [Exp(), Cos(), Sqrt()])
def test_a_rounded_result_passes_and_a_shifted_one_does_not(instance, dtype):
    x = np.abs(normal(40, dtype=dtype)) + dtype(0.5)
    expectation, found = single(op(instance), x)
    right = found.value.astype(dtype)
    assert verdict(expectation, right) == [Verdict.VERIFIED]
    assert verdict(expectation, right + dtype(16) * np.spacing(right)) == [Verdict.MISMATCH]


def test_basic_arithmetic_rounds_once():
    a, b = normal(50), normal(50)
    expectation = bound(op(Mul()), a, b)
    assert verdict(expectation, a * b) == [Verdict.VERIFIED]
    assert verdict(expectation, np.nextafter(np.nextafter(a * b, np.float32(9)), np.float32(9))) == [Verdict.MISMATCH]


def test_errors_are_carried_by_the_slope():
    x = np.array([3.0], np.float32)
    _, found = single(lambda b, v: b(Mul(), b(Exp(), v), b.scalar(1000.0, v)), x)
    _, first = single(op(Exp()), x)
    assert 1000 * first.error < found.error < 1200 * first.error


def test_cancellation_shows():
    x = np.array([1.0], np.float32)

    def build(b, v):
        large = b(Add(), b(Exp(), v), b.scalar(1e6, v))
        return b(Add(), large, b.scalar(-1e6, v))

    _, found = single(build, x)
    assert 1e6 * U32 < found.error < 4e6 * U32


def test_a_divisor_that_may_be_zero_leaves_the_quotient_open():
    x = np.array([2.0, 1.0], np.float32)

    def build(b, v):
        rest = b(Add(), b(Mul(), b(Sqrt(), v), b(Sqrt(), v)), b.scalar(-2.0, v))
        return b(Div(), b.scalar(1.0, v), rest)

    _, found = single(build, x)
    assert np.isinf(found.error).tolist() == [True, False]


def test_an_extremum_between_the_ends_of_an_interval_counts():
    """cos(1000·√2·…): both ends may be equal while the middle is 1."""
    x = np.array([0.0], np.float32)
    _, found = single(lambda b, v: b(Cos(), b(Mul(), b(Exp(), v), b.scalar(1e4, v))), x)
    assert found.error <= 2.0
    _, wide = single(lambda b, v: b(Cos(), b(Mul(), b(Exp(), v), b.scalar(1e9, v))), x)
    assert 2.0 <= wide.error < 2.001


def test_special_values_stand_where_they_are_expected():
    a = np.array([np.inf, np.nan, 1.0, -0.0, 0.0], np.float32)
    b = np.array([0.0, 1.0, np.inf, 2.0, np.inf], np.float32)
    expectation, found = single(op(Mul()), a, b)
    assert np.isfinite(found.error).all()
    with np.errstate(invalid="ignore"):
        assert verdict(expectation, a * b) == [Verdict.VERIFIED]
    assert verdict(expectation, np.array([0, np.nan, np.inf, -0.0, np.nan], np.float32)) == [Verdict.MISMATCH]


def test_the_sign_of_zero_counts_on_exact_paths():
    x = np.array([-0.0, 1.0], np.float32)
    expectation, found = single(lambda b, v: b(Transpose((0,)), b(Neg(), v)), x)
    assert found.signed
    assert verdict(expectation, np.array([-0.0, -1.0], np.float32)) == [Verdict.MISMATCH]
    assert not single(lambda b, v: b(Exp(), v), x)[1].signed


# choices and discontinuities


def test_a_condition_within_the_error_allows_both_sides():
    x = np.array([4.0, 9.0], np.float32)

    def build(b, v):
        root = b(Sqrt(), b(Add(), v, b.scalar(0.1, v)))
        inside = b(Lt(), root, b.scalar(2.0248456731316584, v))
        return b(Select(), inside, b.scalar(5.0, v), b.scalar(7.0, v))

    expectation, found = single(build, x)
    assert found.error.tolist() == [2.0, 0.0]
    assert [c.kind for c in expectation.causes] == ["ambiguous"] * len(expectation.causes)
    for first in (5.0, 7.0):
        assert verdict(expectation, np.array([first, 7.0], np.float32)) == [Verdict.VERIFIED]
    assert verdict(expectation, np.array([5.0, 5.0], np.float32)) == [Verdict.MISMATCH]


@pytest.mark.parametrize("instance", [Floor(), Round()])
def test_a_step_within_the_error_is_one_step(instance):
    start = 1.0 if isinstance(instance, Floor) else 0.5
    x = np.array([0.1, 0.26], np.float32)

    def build(b, v):
        return b(instance, b(Add(), b(Mul(), v, b.scalar(10.0, v)), b.scalar(start - 1.0, v)))

    expectation, found = single(build, x)
    assert found.error.tolist() == [1.0, 0.0]
    assert expectation.causes[0].kind == "ambiguous"


def test_the_remainder_jumps_by_the_divisor():
    x = np.array([0.3], np.float32)
    _, found = single(lambda b, v: b(Rem(), b(Mul(), v, b.scalar(10.0, v)), b.scalar(3.0, v)), x)
    assert 3.0 <= found.error < 3.1


def test_near_ties_leave_the_place_open():
    x = np.array([[1.0, 1.0, 0.5], [1.0, 2.0, 0.5]], np.float32)
    assert not single(op(ArgMax(1)), x)[1].error
    _, found = single(lambda b, v: b(ArgMax(1), b(Exp(), v)), x)
    assert np.isinf(found.error).tolist() == [True, False]
    expectation = bound(lambda b, v: b.add_all(TopK(), b(Exp(), v), b.constant([2])), x)
    assert np.isinf(expectation.outputs["y1"].error).tolist() == [[True, True], [False, False]]
    assert np.isfinite(expectation.outputs["y0"].error).all()


def test_a_shape_that_hangs_on_a_discontinuity_is_fluid():
    x = np.array([3.0, 2.0], np.float32)

    def build(b, v):
        rest = b(Add(), b(Mul(), v, b.scalar(0.1, v)), b.scalar(-0.3, v))
        return b(NonZero(), rest)

    expectation, found = single(build, x)
    assert found.fluid
    assert verdict(expectation, np.array([[1]])) == [Verdict.AMBIGUOUS]


def test_open_indices_open_what_they_pick():
    x = np.array([0.1, 5.0, 7.0], np.float32)

    def build(b, v):
        place = b(Cast(DType.I64), b(Mul(), v, b.scalar(10.0, v)))
        return b(Gather(), v, b(Cast(DType.I64), b(Lt(), place, b.scalar(1, DType.I64))))

    assert np.isinf(single(build, x)[1].error).all()


def test_kinks_are_no_jumps():
    x = np.array([3.0], np.float32)

    def build(b, v):
        zero = b(Add(), b(Mul(), v, b.scalar(0.1, v)), b.scalar(-0.3, v))
        return b(LeakyRelu(), zero)

    _, found = single(build, x)
    assert 0 < found.error < 8 * U32


def test_extrema_move_no_further_than_their_elements():
    x = normal(3, 5)
    _, found = single(lambda b, v: b(ReduceMax((1,)), b(Exp(), v)), x)
    _, each = single(op(Exp()), x)
    assert np.all(found.error <= each.error.max(axis=1) * (1 + U32))


def test_movement_takes_errors_along():
    x = normal(2, 3)
    _, found = single(lambda b, v: b(Concat(0), b(Transpose((1, 0)), b(Exp(), v)), b(Transpose((1, 0)), v)), x)
    _, each = single(op(Exp()), x)
    assert np.array_equal(found.error[:3], each.error.T)
    assert not found.error[3:].any()
    assert not single(lambda b, v: b(ShapeOf(), b(Exp(), v)), x)[1].error


# undefined, overflow


@pytest.mark.parametrize(
    ("build", "arrays", "mask"),
    [
        (op(Div()), (np.array([1, 4]), np.array([0, 2])), [True, False]),
        (op(Rem()), (np.array([-(2**31), 4], np.int32), np.array([-1, -1], np.int32)), [True, False]),
        (op(ShiftLeft()), (np.array([1, 1], np.uint8), np.array([8, 7], np.uint8)), [True, False]),
        (op(Cast(DType.I8)), (np.array([np.nan, 128.0, 127.5, -128.9], np.float32),), [True, True, False, False]),
    ],
)
def test_what_an_op_does_not_define_is_not_judged(build, arrays, mask):
    with np.errstate(all="ignore"):
        expectation, found = single(build, *arrays)
    assert np.isinf(found.error).tolist() == mask
    assert expectation.undefined
    assert expectation.causes[0].count == sum(mask)


def test_saturating_casts_are_defined_everywhere():
    expectation, found = single(op(Cast(DType.I8, saturate=True)), np.array([np.nan, 1e9], np.float32))
    assert found.error is None
    assert verdict(expectation, np.array([0, 127], np.int8)) == [Verdict.VERIFIED]


def test_an_output_beyond_the_largest_number_is_infinite_and_what_follows_is_open():
    x = np.array([100.0, 1.0], np.float32)
    assert largest(DType.F32) < np.exp(100.0)
    assert verdict(bound(op(Exp()), x), np.array([np.inf, np.e], np.float32)) == [Verdict.VERIFIED]
    assert verdict(bound(op(Exp()), x), np.array([1e38, np.e], np.float32)) == [Verdict.MISMATCH]
    expectation, found = single(lambda b, v: b(Sqrt(), b(Exp(), v)), x)
    assert np.isinf(found.error).tolist() == [True, False]
    assert expectation.causes[0].kind == "overflow"


# composites, quantization, control flow


def test_layer_norm_by_either_formula_and_with_the_right_epsilon():
    x = normal(4, 64)
    expectation = bound(op(LayerNorm(epsilon=1e-3)), x)

    def norm(epsilon):
        mean = x.mean(1, keepdims=True)
        square = (x * x).mean(1, keepdims=True)
        return (x - mean) / np.sqrt(square - mean * mean + np.float32(epsilon))

    assert verdict(expectation, norm(1e-3)) == [Verdict.VERIFIED]
    assert verdict(expectation, norm(1.5e-3)) == [Verdict.MISMATCH]


def test_quantized_levels_are_off_by_one_only_where_they_may_be():
    x = np.array([0.5, 1.2, 2.5, -3.0], np.float32)
    scale = np.array(1.0, np.float32)

    def build(b, v, s):
        tenth = b.scalar(0.1, v)
        return b(Quantize(DType.I8), b(Mul(), v, tenth), b(Mul(), s, tenth))

    _, found = single(build, x, scale)
    assert found.error.tolist() == [1.0, 0.0, 1.0, 0.0]
    exact = bound(op(Quantize(DType.I8)), x, scale)
    assert verdict(exact, np.array([0, 1, 2, -3], np.int8)) == [Verdict.VERIFIED]
    assert verdict(exact, np.array([1, 1, 2, -3], np.int8)) == [Verdict.MISMATCH]


def test_a_rounding_mode_is_seen():
    x = normal(64)
    expectation = bound(op(Cast(DType.F16)), x)
    assert verdict(expectation, x.astype(np.float16)) == [Verdict.VERIFIED]
    truncated = np.where(np.abs(x.astype(np.float16)) > np.abs(x), np.nextafter(x.astype(np.float16), np.float16(0)), x)
    assert verdict(expectation, truncated.astype(np.float16)) == [Verdict.MISMATCH]


def test_regions_carry_errors():
    x = np.array([0.5], np.float32)

    def loop(b, v):
        body = b.region("body")
        _, going = (body.input(b.constant(c).type, n) for c, n in ((np.int64(0), "i"), (np.bool_(True), "c")))
        state = body.input(v.type, "s")
        body.outputs([going, body(Exp(), state)])
        return b.add_all(While(1, 0), b.constant(np.int64(2)), b.constant(np.bool_(True)), v, regions=(body.graph,))

    _, found = single(loop, x)
    _, plain = single(lambda b, v: b(Exp(), b(Exp(), v)), x)
    assert np.array_equal(found.error, plain.error)


def test_an_open_condition_opens_the_results():
    x = np.array(3.0, np.float32)

    def branch(b, v):
        low = b(Lt(), b(Mul(), v, b.scalar(0.1, v)), b.scalar(0.3, v))
        regions = []
        for instance in (Abs(), Neg()):
            inner = b.region("branch")
            regions.append(inner.outputs([inner(instance, inner.input(v.type, "v"))]))
        return b.add_all(If(), low, v, regions=regions)

    expectation, found = single(branch, x)
    assert found.fluid
    assert verdict(expectation, x) == [Verdict.AMBIGUOUS]


# explain


def test_explain_names_the_op_whose_rounding_counts():
    x, w = normal(4, 512), normal(512, 3) / np.float32(64)
    module, inputs = model(lambda b, v, m: b(Add(), b(Exp(), b(MatMul(), v, m)), b.scalar(0.5, v)), x, w)
    first, *rest = explain(module, inputs, "y0")
    assert first.op == "core.matmul"
    assert first.share > Fraction(9, 10)
    assert {c.op for c in rest} == {"core.exp", "core.add"}
    assert abs(sum(c.share for c in (first, *rest)) - 1) < U32


def test_explain_of_an_exact_element_is_empty_and_of_none_an_error():
    module, inputs = model(op(Neg()), normal(3))
    assert explain(module, inputs, "y0") == []
    with pytest.raises(EvaluationError, match="no output 'z'"):
        explain(module, inputs, "z")


def test_explain_of_what_is_open_names_who_is_to_blame():
    module, inputs = model(op(Div()), np.array([1]), np.array([0]))
    assert [(c.op, c.share) for c in explain(module, inputs, "y0")] == [("core.div", 1.0)]
