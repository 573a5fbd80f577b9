"""The archive form: what was saved comes back, the same bytes each time, damage named."""

import json
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

import interlingua
from interlingua.errors import InterlinguaError, InvalidModel, ParseError, UsageError
from interlingua.ir.archive import load_archive, save_archive
from interlingua.ir.builder import Builder
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.ops.source import Constant
from interlingua.ir.text.parser import parse_module
from interlingua.ir.weights import ArrayWeight, MappedWeight
from support.text import CONTROL, MLP

ARRAYS = {
    "odd": np.arange(19, dtype=np.int8),
    "w": np.linspace(-1, 1, 40, dtype=np.float32).reshape(8, 5),
    "fc.weight": np.arange(33, dtype=np.float64),
    "__metadata__": np.full(20, np.nan, np.float32),
    "é": np.arange(-8, 8, dtype=ml_dtypes.int4).repeat(2),
    "half": np.linspace(0, 1, 24, dtype=ml_dtypes.bfloat16),
    "text": np.array([f"word {i}" for i in range(30)], dtype=object),
    "none": np.zeros((0, 3), np.float32),
    "nan": np.array([np.nan, -0.0], np.float16),
    "c": np.array([1 + 2j] * 18, np.complex128),
}


def module() -> Module:
    graph = Graph("main")
    b = Builder(graph)
    b.outputs([b.weight(ArrayWeight(a), name) for name, a in ARRAYS.items()], list(ARRAYS))
    return Module({"main": graph}, [], [Port(name, None) for name in ARRAYS])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_archive(module(), tmp_path / "m.il")
    return tmp_path / "m.il"


def test_every_weight_comes_back_bit_by_bit(path: Path) -> None:
    again = load_archive(path, builtin_ops())
    outputs = interlingua.evaluate(again, {})
    for name, array in ARRAYS.items():
        assert outputs[name].dtype == array.dtype
        assert outputs[name].shape == array.shape
        assert outputs[name].tolist() == array.tolist() if array.dtype == object else True
        assert array.dtype == object or outputs[name].tobytes() == array.tobytes()


def test_weights_are_mapped_and_aligned(path: Path) -> None:
    for node in load_archive(path, builtin_ops()).walk():
        op = node.op
        assert isinstance(op, Constant)
        if op.weight.size > 16 and op.weight.dtype.value != "string":
            assert isinstance(op.weight, MappedWeight)
            assert op.weight.offset % op.weight.dtype.numpy.itemsize == 0


def test_the_same_module_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    again = load_archive(path, builtin_ops())
    save_archive(again, tmp_path / "other.il")
    for suffix in (".il", ".safetensors"):
        assert path.with_suffix(suffix).read_bytes() == (tmp_path / f"other{suffix}").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "m.il",
        "m.safetensors",
        "other.il",
        "other.safetensors",
    ]


def test_a_module_may_be_saved_over_the_archive_it_came_from(path: Path) -> None:
    again = load_archive(path, builtin_ops())
    save_archive(again, path)
    outputs = interlingua.evaluate(load_archive(path, builtin_ops()), {})
    assert outputs["w"].tobytes() == ARRAYS["w"].tobytes()


def test_the_doors_save_and_load(tmp_path: Path) -> None:
    for text in (MLP, CONTROL):
        made = parse_module(text, builtin_ops())
        interlingua.save(made, tmp_path / "a.il")
        assert str(interlingua.load(tmp_path / "a.il")) == text
    with pytest.raises(UsageError, match="does not end in"):
        interlingua.save(made, tmp_path / "a.onnx")


def test_missing_weights_are_named(path: Path) -> None:
    path.with_suffix(".safetensors").unlink()
    with pytest.raises(InvalidModel, match="weight 'odd' is missing") as caught:
        load_archive(path, builtin_ops())
    assert caught.value.where == str(path.with_suffix(".safetensors"))


def test_one_missing_weight_is_named(path: Path) -> None:
    other = Module({"main": Graph("main")})
    b = Builder(other.main)
    b.outputs([b.constant(np.zeros(20), name="odd")], ["y"])
    other.outputs = [Port("y", None)]
    save_archive(other, path.with_name("other.il"))
    path.with_name("other.safetensors").replace(path.with_suffix(".safetensors"))
    with pytest.raises(InterlinguaError):
        load_archive(path, builtin_ops())


def test_damaged_text_is_told_with_its_place(path: Path) -> None:
    path.write_text(path.read_text().replace("return", "retrun"))
    with pytest.raises(ParseError) as caught:
        load_archive(path, builtin_ops())
    assert (caught.value.where or "").startswith("line ")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidModel, match="cannot be read"):
        load_archive(path, builtin_ops())
    with pytest.raises(InvalidModel, match="cannot be read"):
        load_archive(path.with_name("absent.il"), builtin_ops())


def header(name: str, **entry: object) -> bytes:
    text = json.dumps({name: entry}).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 8,
        (5).to_bytes(8, "little") + b"{{{{{",
        (2).to_bytes(8, "little") + b"[]",
        header("w", dtype="F32", shape=[2], data_offsets=[0, 9]),
        header("w", dtype="F32", shape=[1 << 50], data_offsets=[0, 1 << 52]),
        header("w", dtype="F32", shape=[-1], data_offsets=[0, -4]),
        header("w", dtype="F32", shape=[2], data_offsets=[-8, 0]),
        header("w", dtype="F31", shape=[2], data_offsets=[0, 8]),
        header("w", dtype="F32", shape="ab", data_offsets=[0, 8]),
        header("w", shape=[2]),
    ],
)
def test_damaged_weights_are_told(path: Path, data: bytes) -> None:
    path.with_suffix(".safetensors").write_bytes(data)
    with pytest.raises(InvalidModel):
        load_archive(path, builtin_ops())


def test_nothing_is_left_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(ArrayWeight, "write_to", fail)
    with pytest.raises(OSError, match="no space"):
        save_archive(module(), tmp_path / "m.il")
    assert not list(tmp_path.iterdir())
