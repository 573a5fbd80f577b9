"""Inputs and outputs that are asked for channels last: the numbers are the source's, and transposes are not left."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import interlingua
from interlingua.backends.litert.backend import LiteRtBackend
from interlingua.driver import Conversion
from interlingua.errors import UsageError
from interlingua.formats.litert import channels_last, schema
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module
from interlingua.ir.ops.activation import Relu
from interlingua.ir.ops.binary import Add, Sub
from interlingua.ir.ops.convolution import Conv
from interlingua.ir.ops.resize import Resize
from interlingua.ir.ops.shape import Reshape
from interlingua.ir.types import Tensor
from interlingua.report import Verdict
from interlingua.runtimes.litert import LiteRtRunner
from support.emission import module_of

BOTH: dict[str, Any] = {"inputs_as_nhwc": True, "outputs_as_nhwc": True}
RNG = np.random.default_rng(0)
WEIGHT = RNG.standard_normal((4, 3, 3, 3)).astype(np.float32)
MEAN = np.array([0.5, 0.25, 0.125], np.float32).reshape(3, 1, 1)
X = RNG.standard_normal((2, 3, 8, 10)).astype(np.float32)


def network(extent: Any = 8) -> Module:
    """A normalized image, a convolution, and a resize to twice the size where the extent is known."""

    def build(b: Any, x: Any, scale: Any) -> Any:
        plain = b(Sub(), x, b.constant(MEAN))
        made = b(Relu(), b(Conv(strides=(1, 1), pads=(1, 1, 1, 1), dilations=(1, 1)), plain, b.constant(WEIGHT)))
        if extent == 8:
            made = b(Resize(axes=(2, 3), mode="linear"), made, b.constant(np.array([16, 20])))
        return b(Add(), made, scale)

    types = {"x": Tensor(DType.F32, (2, 3, extent, 10)), "scale": Tensor(DType.F32, (1,))}
    return module_of(build, types)


def convert(module: Module, path: Path, **options: Any) -> Conversion:
    made = interlingua.convert(module, to="litert", output=path, **options)
    assert made.verdict is Verdict.VERIFIED
    return made


def operators(path: Path) -> list[int]:
    model = schema().ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    return [model.operatorCodes[o.opcodeIndex].builtinCode for o in model.subgraphs[0].operators]


@pytest.mark.parametrize("extent", [8, symbol("h")], ids=["fixed", "open"])
def test_no_transpose_is_left(tmp_path: Path, extent: Any) -> None:
    path = tmp_path / "m.tflite"
    made = convert(network(extent), path, **BOTH)
    assert schema().BuiltinOperator.TRANSPOSE not in operators(path)
    assert channels_last(path) == {"inputs": ["x"], "outputs": ["y"]}
    scale = np.ones(1, np.float32)
    (outcome,) = LiteRtRunner(path).run([{"x": np.moveaxis(X, 1, -1), "scale": scale}])
    assert outcome.outputs is not None, outcome.error
    as_source = made.run({"x": X, "scale": scale})["y"]
    np.testing.assert_array_equal(np.moveaxis(outcome.outputs["y"], -1, 1), as_source)
    kept = convert(network(extent), tmp_path / "kept.tflite").run({"x": X, "scale": scale})["y"]
    np.testing.assert_array_equal(kept, as_source)


@pytest.mark.parametrize("side", ["inputs_as_nhwc", "outputs_as_nhwc"])
def test_each_side_by_itself(tmp_path: Path, side: str) -> None:
    path = tmp_path / "m.tflite"
    convert(network(), path, **{side: True})
    assert operators(path).count(schema().BuiltinOperator.TRANSPOSE) == 1


def test_without_being_asked_the_interface_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "m.tflite"
    convert(network(), path)
    assert channels_last(path) == {"inputs": [], "outputs": []}
    assert operators(path).count(schema().BuiltinOperator.TRANSPOSE) == 2


@pytest.mark.parametrize("shape", [(2, 3, 5), (2, 3, 4, 5), (1, 2, 3, 4, 5)])
def test_any_rank_with_channels_may_be_named(tmp_path: Path, shape: tuple[int, ...]) -> None:
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    module = module_of(lambda b, x: (x, b(Add(), x, x)), {"x": Tensor(DType.F32, shape)}, ("same", "twice"))
    path = tmp_path / "m.tflite"
    convert(module, path, inputs_as_nhwc=["x"], outputs_as_nhwc=["twice"])
    (outcome,) = LiteRtRunner(path).run([{"x": np.moveaxis(x, 1, -1)}])
    assert outcome.outputs is not None, outcome.error
    np.testing.assert_array_equal(outcome.outputs["same"], x)
    np.testing.assert_array_equal(outcome.outputs["twice"], np.moveaxis(x + x, 1, -1))


def test_an_input_that_is_used_as_it_was_is_turned_back(tmp_path: Path) -> None:
    def build(b: Any, x: Any) -> Any:
        return b(Reshape(), x, b.constant(np.array([2, 240])))

    module = module_of(build, {"x": Tensor(DType.F32, (2, 3, 8, 10))})
    made = convert(module, tmp_path / "m.tflite", inputs_as_nhwc=["x"])
    np.testing.assert_array_equal(made.run({"x": X})["y"], X.reshape(2, 240))


def test_it_is_verified_afterwards_too(tmp_path: Path) -> None:
    path = tmp_path / "m.tflite"
    convert(network(), path, **BOTH)
    assert interlingua.verify(network(), path, to="litert").verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"inputs_as_nhwc": ["z"]}, r"inputs_as_nhwc names no input: 'z'\n.*there are: x, scale"),
        ({"outputs_as_nhwc": "y"}, r"outputs_as_nhwc is 'y'\n.*give a list of the names of outputs, or True"),
        ({"inputs_as_nhwc": ["scale"]}, r"input 'scale' is f32\[1\]: it has no channels before other axes"),
        ({"inputs_as_nchw": True}, r"no option 'inputs_as_nchw'\n.*it has: inputs_as_nhwc, outputs_as_nhwc"),
    ],
)
def test_what_cannot_be_meant_is_said(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        LiteRtBackend().target(network(), **options)
