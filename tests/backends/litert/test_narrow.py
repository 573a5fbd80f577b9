"""Weights that are given in float16 or as levels take as few bytes in the file, whatever they are computed in."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import interlingua
from interlingua.formats.litert import schema
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.convolution import Conv
from interlingua.ir.ops.quant import Dequantize
from interlingua.ir.ops.shape import Reshape
from interlingua.ir.types import Tensor
from interlingua.report import Verdict
from interlingua.runtimes.litert import RESOLVERS, LiteRtRunner
from support.derived import check_derived
from support.emission import module_of

RNG = np.random.default_rng(0)
FILTER = (RNG.standard_normal((32, 16, 3, 3)) / 10).astype(np.float16)
MATRIX = (RNG.standard_normal((32 * 16, 64)) / 10).astype(np.float16)
BYTES = FILTER.nbytes + MATRIX.nbytes
X = RNG.standard_normal((1, 16, 4, 4))


def network(dtype: DType) -> Module:
    """A convolution and a product in ``dtype`` with weights of float16."""

    def build(b: Any, x: Any) -> Any:
        filters, matrix = b.constant(FILTER), b.constant(MATRIX)
        if dtype is not DType.F16:
            filters, matrix = (b(Cast(to=dtype), w) for w in (filters, matrix))
        made = b(Conv(strides=(1, 1), pads=(1, 1, 1, 1), dilations=(1, 1)), x, filters)
        return b(MatMul(), b(Reshape(), made, b.constant(np.array([1, 512]))), matrix)

    return module_of(build, {"x": Tensor(dtype, X.shape)})


def operators(path: Path) -> list[int]:
    model = schema().ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    return [model.operatorCodes[o.opcodeIndex].builtinCode for o in model.subgraphs[0].operators]


@pytest.mark.parametrize("dtype", [DType.F32, DType.F16])
def test_half_the_bytes_by_the_same_kernels(tmp_path: Path, dtype: DType) -> None:
    path = tmp_path / "m.tflite"
    assert interlingua.convert(network(dtype), to="litert", output=path).verdict is Verdict.VERIFIED
    assert path.stat().st_size < BYTES + 6000
    used, names = operators(path), schema().BuiltinOperator
    assert names.CONV_2D in used
    assert names.FULLY_CONNECTED in used
    assert used.count(names.DEQUANTIZE) == 2


@pytest.mark.parametrize("kernels", RESOLVERS)
def test_every_set_of_kernels_computes_of_the_same_numbers(tmp_path: Path, kernels: Any) -> None:
    path = tmp_path / "m.tflite"
    interlingua.convert(network(DType.F32), to="litert", output=path, verify=False)
    x = X.astype(np.float32)
    found = [o.outputs for o in LiteRtRunner(path, kernels=kernels).run([{"x": x}, {"x": -x}])]
    assert found[0] is not None
    assert found[1] is not None
    check_derived(network(DType.F32), {"x": x}, found[0])
    np.testing.assert_array_equal(found[1]["y"], -found[0]["y"])


def test_it_is_read_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "m.tflite"
    interlingua.convert(network(DType.F32), to="litert", output=path, verify=False)
    x = {"x": X.astype(np.float32)}
    check_derived(network(DType.F32), x, interlingua.evaluate(interlingua.load(path), x))


def test_a_weight_that_is_an_output_is_what_is_asked_for(tmp_path: Path) -> None:
    def build(b: Any, x: Any) -> Any:
        return b(Cast(to=DType.F32), b.constant(MATRIX)), x

    module = module_of(build, {"x": Tensor(DType.F32, (1,))}, ("w", "y"))
    made = interlingua.convert(module, to="litert", output=tmp_path / "m.tflite")
    np.testing.assert_array_equal(made.run({"x": np.ones(1, np.float32)})["w"], MATRIX.astype(np.float32))


PER_TENSOR, PER_FILTER = np.float32(0.05), (np.arange(1, 33) / 320).astype(np.float32)
LEVELS = RNG.integers(-128, 128, FILTER.shape).astype(np.int8), RNG.integers(-128, 128, MATRIX.shape).astype(np.int8)


def of_levels(scale: Any, zero: Any = None, levels: Any = LEVELS) -> Module:
    """A convolution with filters of levels, ``scale`` for all or for each, and a product with a matrix of levels."""

    def build(b: Any, x: Any) -> Any:
        given = [] if zero is None else [b.constant(np.full(scale.shape, zero, levels[0].dtype))]
        filters = b(Dequantize(axis=0), b.constant(levels[0]), b.constant(scale), *given)
        matrix = b(Dequantize(), b.constant(levels[1]), b.constant(PER_TENSOR))
        made = b(Conv(strides=(1, 1), pads=(1, 1, 1, 1), dilations=(1, 1)), x, filters)
        return b(MatMul(), b(Reshape(), made, b.constant(np.array([1, 512]))), matrix)

    return module_of(build, {"x": Tensor(DType.F32, X.shape)})


@pytest.mark.parametrize("dtype", [np.int8, np.int16])
@pytest.mark.parametrize("scale", [PER_TENSOR, PER_FILTER], ids=["one scale", "one a filter"])
@pytest.mark.parametrize("zero", [None, 0, 3])
def test_levels_are_stored_as_such(tmp_path: Path, scale: Any, zero: Any, dtype: Any) -> None:
    levels = tuple(each.astype(dtype) for each in LEVELS)
    module, path = of_levels(scale, zero, levels), tmp_path / "m.tflite"
    assert interlingua.convert(module, to="litert", output=path).verdict is Verdict.VERIFIED
    plain = bool(zero) or (scale is PER_FILTER and dtype is np.int16)
    size = levels[1].nbytes + (FILTER.size * 4 if plain else levels[0].nbytes)
    assert size < path.stat().st_size < size + 8000
    names = schema().BuiltinOperator
    assert operators(path).count(names.DEQUANTIZE) == 2 - plain
    assert names.FULLY_CONNECTED in operators(path)
    x = {"x": X.astype(np.float32)}
    check_derived(module, x, interlingua.evaluate(interlingua.load(path), x))
    for kernels in RESOLVERS:
        (outcome,) = LiteRtRunner(path, kernels=kernels).run([x])
        assert outcome.outputs is not None, outcome.error
        check_derived(module, x, outcome.outputs)
