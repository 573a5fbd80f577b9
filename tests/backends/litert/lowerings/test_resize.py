"""Resampling by LiteRT's own kernels, and where these would take other places."""

from __future__ import annotations

import numpy as np
import pytest

import interlingua
from interlingua.formats.litert import schema
from interlingua.ir.builder import Builder
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.ops.resize import Resize
from interlingua.ir.types import Tensor
from support.derived import check_derived
from support.litert import computed
from support.on_litert import in_litert
from support.single import graph_of

X = np.random.default_rng(0).standard_normal((1, 3, 5, 7)).astype(np.float32)


def bound_to(op, *arrays):
    """The op on its first operand, the others being constants."""
    module = graph_of(op, *arrays, constants=tuple(range(1, len(arrays))))
    module.inputs, module.outputs = [Port("x0", None)], [Port("y0", None)]
    return module


def check_linear(op, *sizes) -> None:
    for (found,) in in_litert(op, X, *sizes, constants=(1,) if sizes else ()):
        check_derived(bound_to(op, X, *sizes), {"x0": X}, {"y0": found})


@pytest.mark.parametrize("axes", [(2, 3), (1, 2), (2,)])
@pytest.mark.parametrize("factor", [2.0, 3.0, 7.0, 1.5, 2.1, 1.1])
@pytest.mark.parametrize(
    ("coordinates", "nearest"), [("asymmetric", "floor"), ("half_pixel", "round_prefer_ceil"), ("asymmetric", "ceil")]
)
def test_nearest_elements_are_those_of_the_reference(axes, factor, coordinates, nearest) -> None:
    op = Resize(axes, (factor,) * len(axes), "nearest", coordinates, nearest)
    for (found,) in in_litert(op, X):
        assert np.array_equal(found, op.reference(X))


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("factors", [(1.0, 1.0, 2.0, 3.0), (1.0, 2.0, 4.0, 1.0), (1.0, 1.0, 1.1, 2.0), None])
def test_axes_that_keep_their_extent_are_no_part_of_it(mode, factors) -> None:
    op = Resize((0, 1, -2, -1), factors, mode, "asymmetric", "floor")
    sizes = () if factors else (np.int64([1, 3, 10, 7]),)
    check_linear(op, *sizes)


@pytest.mark.parametrize("coordinates", ["half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel"])
@pytest.mark.parametrize("sizes", [[9, 14], [3, 1], [1, 1]])
def test_linear_elements_are_near_those_of_the_reference(coordinates, sizes) -> None:
    op = Resize((2, 3), None, "linear", coordinates)
    check_linear(op, np.int64(sizes))


def test_open_extents_that_grow_by_whole_factors_are_resized_by_the_kernel(tmp_path) -> None:
    b = Builder(Graph("main"))
    x = b.input(Tensor(DType.F32, (1, 2, symbol("height"), symbol("width"))), "x")
    b.outputs([b(Resize((2, 3), (2.0, 4.0), "nearest", "asymmetric", "floor"), x)], ["y"])
    module = Module(
        {"main": b.graph},
        inputs=[Port("x", (1, 2, "height", "width"))],
        outputs=[Port("y", (1, 2, "2*height", "4*width"))],
    )
    done = interlingua.convert(module, to="litert", output=tmp_path / "model.tflite")
    assert done.verdict is interlingua.Verdict.VERIFIED, str(done.report)
    litert = schema()
    model = litert.ModelT.InitFromPackedBuf((tmp_path / "model.tflite").read_bytes(), 0)
    codes = {max(c.builtinCode, c.deprecatedBuiltinCode) for c in model.operatorCodes}
    assert litert.BuiltinOperator.RESIZE_NEAREST_NEIGHBOR in codes


@pytest.mark.parametrize("axes", [(2, 3), (3, 2)])
@pytest.mark.parametrize("coordinates", ["half_pixel", "align_corners", "asymmetric"])
def test_sizes_may_be_those_of_the_run(axes, coordinates) -> None:
    op = Resize(axes, None, "linear", coordinates)
    sizes = np.int64([{2: 9, 3: 4}[a] for a in axes])
    x = X[:, :, :, :6]

    for shapes in ({}, {0: (1, 3, symbol("h"), symbol("w"))}):
        found = computed(lambda b, x, sizes: b(op, x, sizes), x, sizes, shapes=shapes)
        check_derived(bound_to(op, x, sizes), {"x0": x}, {"y0": found})
