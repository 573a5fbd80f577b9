"""Sparse weights: read as what they stand for, and never larger than what is stored of them justifies."""

from __future__ import annotations

import numpy as np
import onnx
import onnx.helper as h
import onnx.parser
import pytest

import interlingua
from interlingua.errors import InterlinguaError
from interlingua.ir.ops.source import Constant
from interlingua.ir.weights import LazyWeight

DTYPES = (np.float32, np.float64, np.float16, np.int64, np.int8, np.bool_)


def sparse(dense: np.ndarray, *, linear: bool, name: str = "w") -> onnx.SparseTensorProto:
    """The tensor with its elements other than 0 stored."""
    places = np.flatnonzero(dense).astype(np.int64)
    values = onnx.numpy_helper.from_array(dense.ravel()[places], name)
    indices = places if linear else np.stack(np.unravel_index(places, dense.shape), 1).astype(np.int64)
    return h.make_sparse_tensor(values, onnx.numpy_helper.from_array(indices, "i"), dense.shape)


def example(dtype: type, shape: tuple[int, ...]) -> np.ndarray:
    rng = np.random.default_rng(0)
    return (rng.integers(1, 50, shape) * (rng.random(shape) < 0.3)).astype(dtype)


def with_initializer(tensor: onnx.SparseTensorProto, dtype: type = np.float32) -> onnx.ModelProto:
    code = h.np_dtype_to_tensor_dtype(np.dtype(dtype))
    shape = list(tensor.dims)
    ends = [h.make_tensor_value_info(n, code, shape) for n in "xy"]
    graph = h.make_graph([h.make_node("Where", ["c", "w", "x"], ["y"])], "g", ends[:1], ends[1:])
    graph.initializer.append(onnx.numpy_helper.from_array(np.array(True), "c"))
    graph.sparse_initializer.append(tensor)
    return h.make_model(graph, opset_imports=[h.make_opsetid("", 18)], ir_version=8)


def with_constant(tensor: onnx.SparseTensorProto, dtype: type = np.float32) -> onnx.ModelProto:
    proto = with_initializer(tensor, dtype)
    del proto.graph.sparse_initializer[:]
    proto.graph.node.insert(0, h.make_node("Constant", [], ["w"], sparse_value=tensor))
    return proto


@pytest.mark.parametrize("build", [with_initializer, with_constant])
@pytest.mark.parametrize("linear", [True, False])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(4, 5), (3, 2, 4)])
def test_it_is_what_it_stands_for(build, linear, dtype, shape) -> None:
    dense = example(dtype, shape)
    module = interlingua.load(build(sparse(dense, linear=linear), dtype))
    found = interlingua.evaluate(module, [np.zeros(shape, dtype)])["y"]
    assert found.dtype == dense.dtype
    assert np.array_equal(found, dense)


@pytest.mark.parametrize("build", [with_initializer, with_constant])
def test_conversion_is_verified(build) -> None:
    report = interlingua.convert(build(sparse(example(np.float32, (6, 7)), linear=False)), to="onnx").report
    assert report.verdict is interlingua.Verdict.VERIFIED, str(report)


def test_nothing_stored_is_all_zeros_and_a_branch_may_hold_one() -> None:
    empty = sparse(np.zeros((2, 3), np.float32), linear=True)
    module = interlingua.load(with_initializer(empty))
    assert not interlingua.evaluate(module, [np.ones((2, 3), np.float32)])["y"].any()
    text = (
        '<ir_version: 8, opset_import: ["": 18]> g (bool c, float[2] x) => (float[2] y) { y = If (c) '
        "<then_branch = a () => (float[2] p) { p = Add (x, w) }, else_branch = b () => (float[2] q) { q = Neg (x) }> }"
    )
    proto = onnx.parser.parse_model(text)
    branch = next(a.g for a in proto.graph.node[0].attribute if a.name == "then_branch")
    branch.sparse_initializer.append(sparse(np.array([0, 7], np.float32), linear=True))
    found = interlingua.evaluate(interlingua.load(proto), [np.array(True), np.ones(2, np.float32)])["y"]
    assert found.tolist() == [1, 8]


def test_it_stays_sparse_until_it_is_looked_at() -> None:
    dense = np.zeros((1 << 10, 1 << 12), np.float32)
    dense[::7, ::512] = 1
    module = interlingua.load(with_initializer(sparse(dense, linear=True)))
    (weight,) = [n.op.weight for n in module.walk() if isinstance(n.op, Constant) and n.op.weight.size > 1]
    assert isinstance(weight, LazyWeight)
    assert np.array_equal(weight.view(), dense)


def damaged(change) -> onnx.ModelProto:
    tensor = sparse(example(np.float32, (4, 5)), linear=True)
    change(tensor)
    return with_initializer(tensor)


def _indices(array):
    def change(tensor: onnx.SparseTensorProto) -> None:
        count = tensor.values.dims[0]
        tensor.indices.CopyFrom(onnx.numpy_helper.from_array(np.asarray(array(count), np.int64), "i"))

    return change


DAMAGE = {
    "outside": _indices(lambda n: np.arange(n) + 100),
    "negative": _indices(lambda n: np.arange(n) - 1),
    "descending": _indices(lambda n: np.arange(n)[::-1]),
    "twice the same": _indices(lambda n: np.zeros(n)),
    "too few indices": _indices(lambda n: np.arange(n - 1)),
    "of another rank": _indices(lambda n: np.zeros((n, 3))),
    "a negative dim": lambda t: t.dims.__setitem__(0, -4),
    "more than is there": lambda t: t.dims.extend([1 << 20, 1 << 20]),
    "indices in floats": lambda t: t.indices.CopyFrom(
        onnx.numpy_helper.from_array(np.arange(t.values.dims[0], dtype=np.float32), "i")
    ),
    "kept outside": lambda t: t.values.CopyFrom(
        onnx.TensorProto(
            name="w", data_type=1, dims=t.values.dims, data_location=1,
            external_data=[onnx.StringStringEntryProto(key="location", value="w.bin")],
        )
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_refused(kind: str, tmp_path) -> None:
    with pytest.raises(InterlinguaError):
        interlingua.load(damaged(DAMAGE[kind]))
    onnx.save(damaged(DAMAGE[kind]), tmp_path / "m.onnx")
    with pytest.raises(InterlinguaError):
        interlingua.load(tmp_path / "m.onnx")


def test_few_bytes_do_not_claim_all_memory() -> None:
    values = onnx.numpy_helper.from_array(np.ones(1, np.float32), "w")
    indices = onnx.numpy_helper.from_array(np.zeros(1, np.int64), "i")
    tensor = h.make_sparse_tensor(values, indices, [1 << 20, 1 << 14])
    with pytest.raises(InterlinguaError, match="too few"):
        interlingua.load(with_initializer(tensor))
