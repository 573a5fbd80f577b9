"""Outputs that no operator makes, or that are given twice, are tensors of their own."""

import numpy as np
import pytest

from interlingua.backends.litert.backend import LiteRtBackend
from interlingua.backends.litert.target import LiteRtTarget
from interlingua.formats.litert import schema
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.binary import Add
from interlingua.ir.types import Tensor
from interlingua.runtimes.litert import LiteRtRunner
from interlingua.stages import prepare
from support.emission import module_of
from support.litert import computed


def test_an_output_may_be_an_input_a_constant_or_given_twice(tmp_path):
    constant = np.array([7, -3], np.float32)
    x = np.array([0.5, -2], np.float32)

    def build(b, x):
        total = b(Add(), x, x)
        return x, b.constant(constant), total, total

    names = ("same", "fixed", "first", "second")
    module = module_of(build, {"x": Tensor(DType.F32, (2,))}, names)
    path, backend = tmp_path / "m.tflite", LiteRtBackend()
    prepare(module, backend, (), [LiteRtTarget()])
    backend.emit(module, path, LiteRtTarget())
    graph = schema().ModelT.InitFromObj(schema().Model.GetRootAsModel(path.read_bytes(), 0)).subgraphs[0]
    assert len({*graph.inputs, *graph.outputs}) == 5
    (outcome,) = LiteRtRunner(path).run([{"x": x}])
    assert outcome.outputs is not None, outcome.error
    for name, expected in zip(names, (x, constant, x + x, x + x), strict=True):
        np.testing.assert_array_equal(outcome.outputs[name], expected)


@pytest.mark.parametrize("dtype", ["uint64", "float64", "float32"])
def test_an_input_of_open_extents_may_be_an_output(dtype):
    x = np.arange(6).astype(dtype).reshape(2, 3)
    found = computed(lambda b, x: x, x, shapes={0: (symbol("n"), symbol("m"))})
    np.testing.assert_array_equal(found, x)
    assert found.dtype == x.dtype
