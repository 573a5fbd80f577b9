"""What depends on constants alone, where the target has no kernel."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.backends.settled import settled
from interlingua.errors import UnsupportedOps
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.signal import Dft
from interlingua.ir.ops.source import ShapeOf
from interlingua.ir.ops.unary import Cos, Sqrt
from interlingua.ir.types import Tensor
from support.on_litert import in_litert
from support.single import apply


def test_of_constants_and_of_known_shapes():
    b = Builder(Graph("main"))
    x = b.input(Tensor(DType.F32, (4, 9)), "x")
    extents = b(Cast(to=DType.F64), b(ShapeOf(), x))
    (found,) = settled(b(Cos(), b(Sqrt(), extents)).node) or [None]
    np.testing.assert_array_equal(found, np.cos(np.array([2.0, 3.0])))
    assert settled(b(Cos(), x).node) is None


def test_tables_in_float64_of_a_transform_in_float32():
    x = np.random.default_rng(0).standard_normal((1, 6, 1)).astype(np.float32)
    for (found,) in in_litert(Dft(1), x):
        np.testing.assert_allclose(found, apply(Dft(1), x), rtol=1e-5, atol=1e-6)


def test_what_depends_on_an_input_is_refused():
    with pytest.raises(UnsupportedOps, match="no COS for T: f64"):
        in_litert(Cos(), np.zeros(3))
