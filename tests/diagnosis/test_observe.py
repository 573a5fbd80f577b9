"""What passes are held to: every bit, where chance has no part in it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from interlingua.diagnosis.observe import PassSubject
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port, Value
from interlingua.ir.ops.binary import Add, Div, Mul
from interlingua.ir.ops.random import RandomNormal, RandomUniform
from interlingua.ir.ops.unary import Neg
from interlingua.ir.types import Tensor
from interlingua.passes.pipeline import resolve
from interlingua.plugins import plugins
from interlingua.report import Verdict


def module(outputs: Any) -> Module:
    b = Builder(Graph("main"))
    made = Module({"main": b.graph})
    x = b.input(Tensor(DType.F32, (3,)), "x")
    values: Sequence[Value] = outputs(b, x)
    names = [f"y{i}" for i in range(len(values))]
    b.outputs(list(values), names)
    made.inputs, made.outputs = [Port("x", (3,))], [Port(n, (3,)) for n in names]
    return made


@pytest.mark.parametrize("op", [RandomNormal(), RandomUniform()])
def test_random_samples_are_no_mismatch_whatever_they_are(op: Any) -> None:
    def build(b: Builder, x: Value) -> list[Value]:
        sample = b.add(op, b.constant([3]))
        return [sample, b.add(Add(), sample, x), b.add(Neg(), x)]

    inputs = {"x": np.array([1, -2, 3], np.float32)}
    seen = PassSubject(tuple(resolve(["default"], plugins().passes))).observe(module(build), inputs)
    assert seen.verdict is Verdict.VERIFIED, seen.message
    assert [c.excused for c in seen.comparisons] == [1.0, 1.0, 0.0]


def test_what_lies_beside_a_random_sample_keeps_every_bit() -> None:
    def build(b: Builder, x: Value) -> list[Value]:
        return [b.add(RandomNormal(), b.constant([3])), b.add(Mul(), x, x)]

    subject = PassSubject(())
    seen = subject.observe(module(build), {"x": np.array([0.1, 0.2, 0.3], np.float32)})
    assert seen.verdict is Verdict.VERIFIED
    assert seen.expected is not None
    assert seen.expected.outputs["y1"].error is None


def test_a_constant_that_was_rounded_anew_is_no_mismatch() -> None:
    """``(x + a) + b`` where ``x`` and ``a`` cancel: the sum of ``a`` and ``b`` rounds where nothing did."""

    def build(b: Builder, x: Value) -> list[Value]:
        inner = b.add(Add(), b.constant(np.full(3, -1, np.float32)), x)
        return [b.add(Add(), b.constant(np.array([-0.4, -1.3, 0.7], np.float32)), inner)]

    subject = PassSubject(tuple(resolve(["default"], plugins().passes)))
    seen = subject.observe(module(build), {"x": np.array([1, 1, 1], np.float32)})
    assert seen.verdict is Verdict.VERIFIED, seen.message


def test_a_quotient_of_constants_that_is_no_binary_fraction_is_no_mismatch() -> None:
    """``x / 3 · -1`` is exact where ``x`` is 3, and ``x`` times a third is not, in float64 as little as in float32."""

    def build(b: Builder, x: Value) -> list[Value]:
        inner = b.add(Div(), x, b.constant(np.array([3, 7, 49], np.float32)))
        return [b.add(Mul(), inner, b.constant(np.array([-1, 1, -1], np.float32)))]

    subject = PassSubject(tuple(resolve(["default"], plugins().passes)))
    seen = subject.observe(module(build), {"x": np.array([3, 7, 49], np.float32)})
    assert seen.verdict is Verdict.VERIFIED, seen.message
