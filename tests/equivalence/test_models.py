"""The judgement of whole models: within the error that the graph itself makes, and no further."""

from __future__ import annotations

import numpy as np
import pytest

import interlingua
from interlingua.equivalence.models import MEASURED, ModelJudge
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.ops.binary import Mul
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.norm import LayerNorm
from interlingua.ir.ops.quant import Dequantize, Quantize
from interlingua.ir.ops.reduction import ArgMax
from interlingua.ir.ops.resize import Resize
from interlingua.ir.types import Tensor
from interlingua.report import Verdict

WIDTH = 32


def network(epsilon=1e-5, depth=6):
    """Normalised layers in a row, and the place of the largest element."""
    rng = np.random.default_rng(0)
    b = Builder(Graph("main"))
    x = b.input(Tensor(DType.F32, (16, WIDTH)), "x")
    y = x
    for _ in range(depth):
        y = b(MatMul(), y, b.constant((rng.standard_normal((WIDTH, WIDTH)) / WIDTH**0.5).astype(np.float32)))
        y = b(Mul(), y, b.scalar(0.05, y))
        y = b(LayerNorm(axis=-1, epsilon=epsilon), y, None, None)
    b.outputs([y, b(ArgMax(axis=-1, keepdims=False), y)], ["y", "i"])
    ports = [Port("y", (16, WIDTH)), Port("i", (16,))]
    return Module({"main": b.graph}, [Port("x", (16, WIDTH))], ports)


def draw(seed):
    return {"x": np.random.default_rng(seed).standard_normal((16, WIDTH)).astype(np.float32)}


@pytest.fixture(scope="module")
def source():
    return network()


def verdicts(judge, module, other, seed):
    inputs = draw(seed)
    want, got = interlingua.evaluate(module, inputs), interlingua.evaluate(other, inputs)
    return {c.output: c.verdict for c in judge.judge(inputs, want, got, str(seed))}


def test_the_same_network_in_another_order_of_sums_is_verified(source):
    judge = ModelJudge(source)
    for seed in range(MEASURED + 2):
        inputs = draw(seed)
        want = interlingua.evaluate(source, inputs)
        exact = interlingua.evaluate(source, inputs, precision="float64")
        got = {"y": exact["y"].astype(np.float32), "i": want["i"]}
        assert all(c.verdict is Verdict.VERIFIED for c in judge.judge(inputs, want, got, str(seed)))


def test_an_epsilon_that_is_off_by_half_is_found_in_every_case(source):
    judge = ModelJudge(source)
    for seed in range(MEASURED + 2):
        assert verdicts(judge, source, network(epsilon=1.5e-5), seed)["y"] is Verdict.MISMATCH


def test_only_the_first_cases_are_measured(source):
    judge = ModelJudge(source)
    for seed in range(MEASURED + 3):
        assert verdicts(judge, source, source, seed)["y"] is Verdict.VERIFIED
    assert len(judge._scatters) == MEASURED


def test_an_index_that_hangs_on_the_last_bit_is_excused():
    """Two columns of equal value: which is the larger is a matter of rounding."""
    rng = np.random.default_rng(1)
    weights = rng.standard_normal((WIDTH, 3)).astype(np.float32)
    weights[:, 2] = weights[:, 1]
    b = Builder(Graph("main"))
    x = b.input(Tensor(DType.F32, (16, WIDTH)), "x")
    y = b(MatMul(), x, b.constant(weights))
    b.outputs([b(ArgMax(axis=-1, keepdims=False), y)], ["i"])
    module = Module({"main": b.graph}, [Port("x", (16, WIDTH))], [Port("i", (16,))])
    inputs = draw(2)
    want = interlingua.evaluate(module, inputs)
    flipped = {"i": np.where(want["i"] == 1, 2, want["i"])}
    (found,) = ModelJudge(module).judge(inputs, want, flipped, "flipped")
    assert found.passed
    assert 0 < found.excused < 1
    (found,) = ModelJudge(module).judge(inputs, want, {"i": np.where(want["i"] == 0, 1, 0)}, "wrong")
    assert not found.passed


def test_the_explanation_finds_the_op_that_rounds_most(source):
    judge = ModelJudge(source)
    shares = judge.explain(draw(0), "y", (0, 0))
    assert shares[0].share > 0
    assert 0.9 < sum(c.share for c in shares[1:]) < 1.1


def leveled(scale=0.125):
    """A product, rounded to levels and scaled back."""
    rng = np.random.default_rng(0)
    b = Builder(Graph("main"))
    x = b.input(Tensor(DType.F32, (16, WIDTH)), "x")
    y = b(MatMul(), x, b.constant(rng.standard_normal((WIDTH, 512)).astype(np.float32)))
    y = b(Dequantize(axis=0), b(Quantize(dtype=DType.I8), y, b.scalar(scale, y)), b.scalar(scale, y))
    b.outputs([y], ["y"])
    return Module({"main": b.graph}, [Port("x", (16, WIDTH))], [Port("y", (16, 512))])


@pytest.mark.parametrize("known", [True, False], ids=["known", "of the run"])
@pytest.mark.parametrize("coordinates", ["half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel"])
def test_resizing_is_off_by_its_coordinates_and_no_more(coordinates, known):
    """Coordinates in float32 are off by 1e-6 at 17, which the largest step of the data multiplies."""
    x = np.random.default_rng(0).standard_normal((1, 3, 17, 9)).astype(np.float32)
    b = Builder(Graph("main"))
    given = b.input(Tensor(DType.F32, x.shape), "x")
    sizes = b.constant(np.array([1, 3, 29, 5])) if known else b.input(Tensor(DType.I64, (4,)), "sizes")
    b.outputs([b(Resize((0, 1, 2, 3), None, "linear", coordinates), given, sizes)], ["y"])
    module = Module({"main": b.graph}, [Port(n, None) for n in (["x"] if known else ["x", "sizes"])], [Port("y", None)])
    inputs = {"x": x} if known else {"x": x, "sizes": np.array([1, 3, 29, 5])}
    want = interlingua.evaluate(module, inputs)
    (found,) = ModelJudge(module).judge(inputs, want, {"y": want["y"] + np.float32(1e-3)}, "")
    assert found.verdict is Verdict.MISMATCH
    assert 1e-7 < found.bound < 3e-4


def test_resizing_of_float64_has_coordinates_of_float64():
    x = np.random.default_rng(0).standard_normal((1, 3, 17, 9))
    b = Builder(Graph("main"))
    given = b.input(Tensor(DType.F64, x.shape), "x")
    b.outputs([b(Resize((2, 3), None, "linear"), given, b.constant(np.array([29, 5])))], ["y"])
    module = Module({"main": b.graph}, [Port("x", None)], [Port("y", None)])
    want = interlingua.evaluate(module, {"x": x})
    (found,) = ModelJudge(module).judge({"x": x}, want, {"y": want["y"] + 1e-8}, "")
    assert found.verdict is Verdict.MISMATCH


def test_a_step_that_is_near_may_be_taken_and_no_other():
    """An output on a grid has no small errors: what lies by the border of two levels may be either, no other may."""
    module, inputs = leveled(), draw(3)
    want = interlingua.evaluate(module, inputs)["y"]
    weight = next(n.op.weight.view() for n in module.walk() if n.op.name == "core.constant" and n.op.weight.size > 1)
    exact = inputs["x"].astype(np.float64) @ weight.astype(np.float64) / 0.125
    border = np.abs(np.abs(exact - np.floor(exact)) - 0.5)
    near = np.unravel_index(border.argmin(), border.shape)
    far = np.unravel_index(border.argmax(), border.shape)
    assert border[near] < 1e-4
    for place, verdict in ((near, Verdict.VERIFIED), (far, Verdict.MISMATCH)):
        got = want.copy()
        got[place] += 0.125 if exact[place] > np.rint(exact[place]) else -0.125
        (comparison,) = ModelJudge(module).judge(inputs, {"y": want}, {"y": got}, "step")
        assert comparison.verdict is verdict, str(comparison)


def product_in_double(unit):
    """A product of matrices in float64, what goes in scaled by ``unit``: the graph, and its inputs."""
    rng = np.random.default_rng(0)
    b = Builder(Graph("main"))
    x = b.input(Tensor(DType.F64, (4, WIDTH)), "x")
    b.outputs([b(MatMul(), x, b.constant(rng.standard_normal((WIDTH, WIDTH))))], ["y"])
    module = Module({"main": b.graph}, [Port("x", (4, WIDTH))], [Port("y", (4, WIDTH))])
    return module, {"x": rng.standard_normal((4, WIDTH)) * unit}


@pytest.mark.parametrize("unit", [2.0**-600, 2.0**600, 2.0**1000])
def test_numbers_whose_squares_no_dtype_holds_are_judged_alike(unit):
    module, inputs = product_in_double(unit)
    plain, small = product_in_double(1.0)
    judge, usual = ModelJudge(module), ModelJudge(plain)
    scatter, expected = judge.scatter(inputs), usual.scatter(small)
    assert scatter is not None and expected is not None
    np.testing.assert_array_equal(scatter.rms["y"], expected.rms["y"] * unit)
    want = interlingua.evaluate(module, inputs)
    off = {"y": want["y"] * (1 + np.array([0.0, 0.0, 0.0, 1e-9])[:, None])}
    assert [c.passed for c in judge.judge(inputs, want, want, "case")] == [True]
    assert [c.passed for c in judge.judge(inputs, want, off, "case")] == [False]
