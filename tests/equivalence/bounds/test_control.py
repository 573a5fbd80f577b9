"""Regions."""

from __future__ import annotations

import numpy as np

from interlingua.ir.ops.binary import Mul
from interlingua.ir.ops.control import If, While
from interlingua.ir.ops.logic import Lt
from interlingua.ir.ops.unary import Abs, Exp, Neg
from interlingua.report import Verdict
from support.bounds import single, verdict


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
