"""``--inputs-as-nhwc`` and ``--outputs-as-nhwc``."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import interlingua
from interlingua.cli.app import app
from interlingua.formats.litert import channels_last
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Port
from interlingua.ir.ops.activation import Relu
from interlingua.ir.types import Tensor
from support.emission import module_of

IMAGE = Tensor(DType.F32, (1, 3, 4, 5))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    module = module_of(lambda b, x, z: (b(Relu(), x), b(Relu(), z)), {"x": IMAGE, "z": IMAGE}, ("y", "u"))
    module.inputs, module.outputs = ([Port(n, IMAGE.shape) for n in names] for names in ("xz", "yu"))
    interlingua.convert(module, to="onnx", output=tmp_path / "model.onnx", verify=False)
    return tmp_path / "model.onnx"


@pytest.mark.parametrize(
    ("given", "turned"),
    [
        (["--inputs-as-nhwc", "z"], {"inputs": ["z"], "outputs": []}),
        (["--inputs-as-nhwc", "x, z", "--outputs-as-nhwc", "*"], {"inputs": ["x", "z"], "outputs": ["y", "u"]}),
    ],
)
def test_what_is_named_comes_channels_last(source: Path, given: list[str], turned: dict[str, list[str]]) -> None:
    artifact = source.with_suffix(".tflite")
    done = CliRunner().invoke(app, ["convert", str(source), "-o", str(artifact), *given])
    assert done.exit_code == 0, done.output
    assert "VERIFIED" in done.output
    assert channels_last(artifact) == turned


def test_another_backend_has_no_such_option(source: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.onnx"
    done = CliRunner().invoke(app, ["convert", str(source), "-o", str(again), "--inputs-as-nhwc", "*"])
    assert done.exit_code == 2
    assert "no option 'inputs_as_nhwc'" in done.output
    assert not again.exists()
