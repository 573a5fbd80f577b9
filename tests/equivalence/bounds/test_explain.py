"""Where the error to expect comes from."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from interlingua.equivalence.bounds.explain import explain
from interlingua.errors import EvaluationError
from interlingua.ir.ops.binary import Add, Div
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.unary import Exp, Neg
from support.bounds import U32, model, normal, op


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
