"""Where the weights of an emitted model go: into it, or into a file beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnx.helper as h
import onnxruntime
import pytest

import interlingua
from interlingua.backends.onnx import writing
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.shape import Transpose
from interlingua.ir.types import Tensor
from interlingua.ir.weights import ArrayWeight


def source(folder: Path, *, external: bool) -> Path:
    """A model with a large, an odd-sized, a small and an int4-free integer weight."""
    rng = np.random.default_rng(0)
    weights = {
        "large": rng.standard_normal((64, 64)).astype(np.float32),
        "odd": rng.standard_normal((1, 64)).astype(np.float32).repeat(7, 0)[:, :].copy(),
        "small": np.array([64, 64], np.int64),
        "half": rng.standard_normal((64, 64)).astype(np.float16),
    }
    nodes = [
        h.make_node("MatMul", ["x", "large"], ["a"]),
        h.make_node("Cast", ["half"], ["wide"], to=onnx.TensorProto.FLOAT),
        h.make_node("MatMul", ["a", "wide"], ["b"]),
        h.make_node("ReduceSum", ["odd"], ["s"], keepdims=0),
        h.make_node("Add", ["b", "s"], ["c"]),
        h.make_node("Expand", ["c", "small"], ["y"]),
    ]
    infos = [h.make_tensor_value_info("x", 1, ["n", 64]), h.make_tensor_value_info("y", 1, [64, 64])]
    tensors = [onnx.numpy_helper.from_array(v, k) for k, v in weights.items()]
    graph = h.make_graph(nodes, "g", infos[:1], infos[1:], tensors)
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
    path = folder / "source.onnx"
    onnx.save(model, path, save_as_external_data=external, location="source.bin", size_threshold=1024)
    return path


@pytest.mark.parametrize("external", [False, True])
def test_large_weights_go_beside_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, external: bool) -> None:
    monkeypatch.setattr(writing, "EMBED_LIMIT", 10_000)
    path = source(tmp_path, external=external)
    out = tmp_path / "out.onnx"
    interlingua.convert(path, to="onnx", output=out, passes="minimal", verify=False)
    beside = tmp_path / "out.onnx.data"
    emitted = {t.name: t for t in onnx.load(out, load_external_data=False).graph.initializer}
    stored = [t for t in emitted.values() if t.data_location == onnx.TensorProto.EXTERNAL]
    assert {t.name for t in stored} == {"large", "odd", "half"}
    end = 0
    original = {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}
    data = beside.read_bytes()
    for tensor in stored:
        entries = {e.key: e.value for e in tensor.external_data}
        offset, length = int(entries["offset"]), int(entries["length"])
        assert entries["location"] == beside.name
        assert offset % writing.ALIGN == 0 and offset >= end
        assert data[offset : offset + length] == original[tensor.name].tobytes()
        end = offset + length
    assert len(data) == end
    again = interlingua.load(out)
    x = np.random.default_rng(1).standard_normal((64, 64)).astype(np.float32)
    expected = interlingua.evaluate(interlingua.load(path), [x])["y"]
    assert np.array_equal(interlingua.evaluate(again, [x])["y"], expected)
    (computed,) = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"]).run(None, {"x": x})
    plain = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, {"x": x})
    assert np.array_equal(computed, plain[0])


def test_a_streamed_model_is_the_message_that_protobuf_reads_and_writes(tmp_path: Path) -> None:
    weights = {
        "long": ArrayWeight(np.arange(200_000, dtype=np.float32)),
        "turned": ArrayWeight(np.arange(60_000, dtype=np.int64).reshape(200, 300).T),
        "short": ArrayWeight(np.float32([1, 2])),
        "nothing": ArrayWeight(np.zeros((0, 4), np.float32)),
    }
    graph = h.make_graph([h.make_node("Identity", ["long"], ["y"])], "g", [], [h.make_tensor_value_info("y", 1, None)])
    proto = h.make_model(graph, producer_name="somebody", opset_imports=[h.make_opsetid("", 17)])
    writing.write_model(proto, weights, tmp_path / "model.onnx")
    read = onnx.load(tmp_path / "model.onnx")
    assert {t.name: onnx.numpy_helper.to_array(t).tolist() for t in read.graph.initializer} == {
        name: weight.view().tolist() for name, weight in weights.items()
    }
    assert read.producer_name == "somebody" and read.graph.node == graph.node
    assert onnx.ModelProto.FromString(read.SerializeToString()) == read


def test_below_the_limit_all_is_in_one_file(tmp_path: Path) -> None:
    interlingua.convert(source(tmp_path, external=True), to="onnx", output=tmp_path / "out.onnx", verify=False)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.onnx", "source.bin", "source.onnx"]


def test_a_conversion_is_saved_under_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "EMBED_LIMIT", 10_000)
    done = interlingua.convert(source(tmp_path, external=False), to="onnx", verify=False)
    done.save(tmp_path / "other.onnx")
    assert (tmp_path / "other.onnx.data").is_file()
    assert interlingua.load(tmp_path / "other.onnx").output_names == ["y"]


def test_a_matrix_is_written_as_it_lies_in_memory_under_its_name(tmp_path: Path) -> None:
    b = Builder(Graph("main"))
    data = np.arange(6000, dtype=np.float32).reshape(60, 100)
    x = b.input(Tensor(DType.F32, (2, 100)), "x")
    y = b(MatMul(), x, b(Transpose((1, 0)), b.weight(ArrayWeight(data), "layer.weight")))
    b.outputs([b(Add(), y, b.constant(np.ones(60, np.float32)))], ["y"])
    module = Module({"main": b.graph}, inputs=[Port("x", (2, 100))], outputs=[Port("y", (2, 60))])
    done = interlingua.convert(module, to="onnx", output=tmp_path / "out.onnx")
    assert done.verdict is interlingua.Verdict.VERIFIED
    graph = onnx.load(tmp_path / "out.onnx").graph
    (product,) = graph.node
    stored = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    assert product.op_type == "Gemm" and {a.name: a.i for a in product.attribute}["transB"] == 1
    assert np.array_equal(stored["layer.weight"], data)
