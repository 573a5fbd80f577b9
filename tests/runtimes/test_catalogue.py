"""What the runtimes say of the files that they run."""

from __future__ import annotations

import pytest

import interlingua
from interlingua.errors import InvalidModel
from interlingua.ir.dtypes import DType
from interlingua.plugins import plugins
from interlingua.runtimes.interface import Interface, Slot
from support.models import info, mlp, model
from support.odd_pairs import single, written

MLP = Interface((Slot("x", DType.F32, ("batch", 4)),), (Slot("y", DType.F32, ("batch", 3)),))


def test_interfaces_survive_the_way_between_processes():
    slots = (Slot("a", DType.BF16, (1, "n", None), ("b",), True, "note"), Slot("c", None, None))
    assert Interface.from_json(Interface(slots, ()).to_json()) == Interface(slots, ())


def test_onnx_runtime_describes_a_file(tmp_path):
    assert plugins().runtimes["onnxruntime"].interface(written(tmp_path, mlp()), timeout=60) == MLP


def test_an_initializer_that_is_an_input_is_optional(tmp_path):
    import numpy as np
    from onnx import helper

    made = model(
        [helper.make_node("Add", ["x", "w"], ["y"])],
        [info("x", [2]), info("w", [2])],
        [info("y", [2])],
        {"w": np.ones(2, np.float32)},
    )
    found = plugins().runtimes["onnxruntime"].interface(written(tmp_path, made), timeout=60)
    assert [(s.name, s.optional) for s in found.inputs] == [("x", False), ("w", True)]


def test_a_program_is_described_without_being_run(tmp_path):
    path = interlingua.convert(mlp(), to="numpy", verify=False).save(tmp_path / "m.numpy")
    (path / "model.py").write_text("raise SystemExit(1)\n" + (path / "model.py").read_text())
    assert plugins().runtimes["numpy"].interface(path) == MLP


@pytest.mark.parametrize("text", [None, "INPUTS = (", "x = 1", "INPUTS = OUTPUTS = 3\ndef main(): ..."])
def test_a_folder_that_is_no_artifact_is_told(tmp_path, text):
    folder = tmp_path / "a.numpy"
    folder.mkdir()
    if text is not None:
        (folder / "model.py").write_text(text)
    with pytest.raises(InvalidModel, match="no artifact of the numpy backend"):
        plugins().runtimes["numpy"].interface(folder)


@pytest.mark.parametrize("dtype", ["FLOAT16", "DOUBLE", "INT8", "UINT64", "BOOL"])
def test_onnx_runtimes_names_of_dtypes_are_known(dtype, tmp_path):
    from onnx import TensorProto

    kind = getattr(TensorProto, dtype)
    path = written(tmp_path, single("Identity", dtype=kind))
    (slot,) = plugins().runtimes["onnxruntime"].interface(path, timeout=60).inputs
    assert slot.dtype is not None
    assert slot.dtype is interlingua.load(path).main.inputs[0].tensor.dtype
