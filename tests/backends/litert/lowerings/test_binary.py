"""Remainders of floats in LiteRT: exact, with the sign of the dividend, of a zero too."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

import interlingua
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.ops.binary import Max, Min, Rem
from interlingua.ir.ops.math import Mod
from support.on_litert import in_litert
from support.single import apply

ENDS = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 5.5, -5.5, 3e38, 1e-30, 0.3, -7.0]


def pairs():
    return (m.ravel().astype(np.float32) for m in np.meshgrid(ENDS, ENDS))


@pytest.mark.parametrize("op", [Rem(), Mod()])
def test_every_pair_of_ends(op):
    a, b = pairs()
    (found,) = in_litert(op, a, b)[0]
    np.testing.assert_array_equal(found, apply(op, a, b))


def test_zero_has_the_sign_of_the_dividend():
    a, b = pairs()
    due = apply(Rem(), a, b)
    for (found,) in in_litert(Rem(), a, b):
        assert (np.signbit(found) == np.signbit(due))[due == 0].all()


def test_of_every_size():
    rng = np.random.default_rng(0)
    a, b = ((rng.standard_normal(2000) * np.exp2(rng.uniform(-20, m, 2000))).astype(np.float32) for m in (60, 20))
    for (found,) in in_litert(Rem(), a, b):
        np.testing.assert_array_equal(found, np.fmod(a, b))


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("op", [Max(), Min()])
@pytest.mark.parametrize(
    "shapes", [((5,), (1,)), ((1,), (5,)), ((1,), (1,)), ((3, 1), (3, 4)), ((3, 4), (3, 1)), ((8,), (8,))]
)
def test_extremes_are_nan_where_an_operand_is(op, dtype, shapes):
    """XNNPACK loses NaN of an operand that is one element, and in float16 of what that is compared with."""
    a, b = (np.arange(np.prod(s), dtype=dtype).reshape(s) for s in shapes)
    for x, y in ((a, np.full_like(b, np.nan)), (np.full_like(a, np.nan), b)):
        for constants in ((), (0,), (1,)):
            for (found,) in in_litert(op, x, y, constants=constants):
                assert np.isnan(found).all(), constants


@pytest.mark.parametrize("op", [Max(), Min()])
def test_operands_that_hold_no_nan_stay_in_their_order(op):
    """Which of two zeros it is hangs on that: what is read from a file is written as it was."""

    b = Builder(Graph("main"))
    b.outputs([b(op, *(b.constant(np.float32(v)) for v in ([0.0, -0.0, 2.0], [-0.0, 0.0, 1.0])))], ["y"])
    module = Module({"main": b.graph}, [], [Port("y", (3,))])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "m.tflite"
        interlingua.convert(module, to="litert", output=path, passes="none", verify=False)
        again = interlingua.evaluate(interlingua.load(path), {})["y"]
    np.testing.assert_array_equal(np.signbit(again), np.signbit(interlingua.evaluate(module, {})["y"]))
