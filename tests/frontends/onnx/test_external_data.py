"""Weights in files beside the model: read where they are, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.helper as h
import pytest

import interlingua
from interlingua.errors import InvalidExternalData
from interlingua.ir.ops.source import Constant
from interlingua.ir.weights import MappedWeight, Weight

VALUES = np.arange(6, dtype=np.float32)


def tensor(**entries: object) -> Any:
    proto = onnx.TensorProto(
        name="w", data_type=onnx.TensorProto.FLOAT, dims=[6], data_location=onnx.TensorProto.EXTERNAL
    )
    for key, value in entries.items():
        proto.external_data.add(key=key, value=str(value))
    return proto


def write(folder: Path, weight: Any) -> Path:
    infos = [h.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [6]) for n in ("x", "y")]
    graph = h.make_graph([h.make_node("Add", ["x", "w"], ["y"])], "g", infos[:1], infos[1:], [weight])
    path = folder / "m.onnx"
    path.write_bytes(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8).SerializeToString())
    return path


def weight_in(path: Path) -> Weight:
    (node,) = (n for n in interlingua.load(path).walk() if isinstance(n.op, Constant))
    assert isinstance(node.op, Constant)
    return node.op.weight


def refused(path: Path) -> InvalidExternalData:
    with pytest.raises(InvalidExternalData) as caught:
        interlingua.load(path)
    assert caught.value.where
    return caught.value


@pytest.mark.parametrize("offset", [0, 4, 7, 4096])
def test_a_slice_of_a_file_is_mapped(tmp_path: Path, offset: int) -> None:
    (tmp_path / "w.bin").write_bytes(b"\xaa" * offset + VALUES.tobytes() + b"\xaa")
    weight = weight_in(write(tmp_path, tensor(location="w.bin", offset=offset, length=24)))
    assert isinstance(weight, MappedWeight)
    assert np.array_equal(weight.view(), VALUES)
    assert b"".join(weight.chunks()) == VALUES.tobytes()


def test_a_folder_below_and_no_offset(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "w.bin").write_bytes(VALUES.tobytes())
    assert np.array_equal(weight_in(write(tmp_path, tensor(location="deep/w.bin"))).view(), VALUES)


def test_a_link_inside_the_folder_is_fine(tmp_path: Path) -> None:
    (tmp_path / "real.bin").write_bytes(VALUES.tobytes())
    (tmp_path / "w.bin").symlink_to("real.bin")
    assert np.array_equal(weight_in(write(tmp_path, tensor(location="w.bin"))).view(), VALUES)


def test_a_missing_file(tmp_path: Path) -> None:
    error = refused(write(tmp_path, tensor(location="w.bin")))
    assert "missing" in error.what and error.hint


def test_a_file_that_is_too_short(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(VALUES.tobytes()[:-1])
    error = refused(write(tmp_path, tensor(location="w.bin")))
    assert "24 bytes" in error.what


@pytest.mark.parametrize(
    "entries",
    [
        {"offset": 1},
        {"offset": -4},
        {"offset": 1 << 62},
        {"offset": "x"},
        {"length": 23},
        {"length": 25},
        {"length": -1},
        {"length": "many"},
        {"length": 1 << 70},
        {"offset": "9" * 5000},
    ],
)
def test_offsets_and_lengths_that_do_not_fit(tmp_path: Path, entries: dict[str, object]) -> None:
    (tmp_path / "w.bin").write_bytes(VALUES.tobytes())
    refused(write(tmp_path, tensor(location="w.bin", **entries)))


@pytest.mark.parametrize(
    "location",
    ["../w.bin", "a/../../w.bin", "/etc/hostname", "", ".", "..", "a\\..\\w.bin", "C:\\w.bin", "w\0.bin", "w" * 5000],
)
def test_paths_that_leave_the_folder_or_are_none(tmp_path: Path, location: str) -> None:
    (tmp_path / "w.bin").write_bytes(VALUES.tobytes())
    folder = tmp_path / "model"
    folder.mkdir()
    refused(write(folder, tensor(location=location)))


def test_no_location_at_all(tmp_path: Path) -> None:
    refused(write(tmp_path, tensor(offset=0)))


def test_links_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(VALUES.tobytes())
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "w.bin").symlink_to(tmp_path / "w.bin")
    assert "link" in refused(write(folder, tensor(location="w.bin"))).what
    (folder / "up").symlink_to(tmp_path)
    refused(write(folder, tensor(location="up/w.bin")))
    (folder / "ring").symlink_to("ring")
    refused(write(folder, tensor(location="ring")))


def test_a_model_that_is_no_file_has_no_folder(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(VALUES.tobytes())
    path = write(tmp_path, tensor(location="w.bin"))
    with pytest.raises(InvalidExternalData) as caught:
        interlingua.load(path.read_bytes())
    assert "path" in (caught.value.hint or "")


def test_strings_are_never_external(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(b"abcdef")
    weight = tensor(location="w.bin")
    weight.data_type = onnx.TensorProto.STRING
    refused(write(tmp_path, weight))


def test_dims_beyond_the_file(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(VALUES.tobytes())
    for dims in ([1 << 40], [1 << 30, 1 << 10], [7]):
        weight = tensor(location="w.bin")
        del weight.dims[:]
        weight.dims.extend(dims)
        refused(write(tmp_path, weight))


def test_elements_of_four_bits(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(bytes([0x21, 0xF3, 0x05]))
    weight = tensor(location="w.bin")
    weight.data_type = onnx.TensorProto.INT4
    del weight.dims[:]
    weight.dims.append(5)
    infos = [h.make_tensor_value_info(n, onnx.TensorProto.INT4, [5]) for n in ("w", "y")]
    graph = h.make_graph([h.make_node("Identity", ["w"], ["y"])], "g", [], infos[1:], [weight])
    path = tmp_path / "m.onnx"
    path.write_bytes(h.make_model(graph, opset_imports=[h.make_opsetid("", 21)], ir_version=10).SerializeToString())
    assert weight_in(path).view().astype(int).tolist() == [1, 2, 3, -1, 5]
