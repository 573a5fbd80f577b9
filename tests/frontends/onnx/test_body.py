"""The graphs of a model, gone through once."""

from __future__ import annotations

from typing import Any

import onnx
import onnx.parser
import pytest

from interlingua.errors import InvalidModel
from interlingua.frontends.onnx.body import MAX_NESTING, read_bodies

TEXT = """
<ir_version: 8, opset_import: ["" : 17, "own" : 1]>
g (float[n] x, bool c) => (float[n] y) <float[1] w = {2}>
{
    t = own.f (x)
    y = If (c) <then_branch = a () => (float[n] p) { k = Constant <value = float[1] {3}> () p = Add (t, k) },
                else_branch = b () => (float[n] q) { q = Mul (t, w) }>
}
<domain: "own", opset_import: ["" : 17]>
f (a) => (b) { k = Constant <value = float[1] {1}> () b = Add (a, k) }
"""


def model() -> Any:
    return onnx.parser.parse_model(TEXT)


def test_bodies_and_tensors_are_found_everywhere() -> None:
    found = read_bodies(model())
    assert [(b.name, b.depth, b.is_graph) for b in found] == [
        ("g", 0, True),
        ("f", 0, False),
        ("a", 1, True),
        ("b", 1, True),
    ]
    assert [len(b.tensors) for b in found] == [1, 1, 1, 0]
    assert {name: graph.name for name, graph in found[0].nodes[1].graphs.items()} == {
        "then_branch": "a",
        "else_branch": "b",
    }


def test_nodes_are_read_as_they_are_written() -> None:
    add = read_bodies(model())[2].nodes[1]
    assert (add.op, add.domain, add.inputs, add.outputs, add.attributes) == ("Add", "", ["t", "k"], ["p"], [])


def test_sparse_weights_are_two_tensors_and_one_name() -> None:
    proto = model()
    sparse = proto.graph.sparse_initializer.add(dims=[4])
    sparse.values.name = "s"
    found = read_bodies(proto)[0]
    assert found.weight_names == ["w", "s"]
    assert len(found.tensors) == 3


@pytest.mark.parametrize("field", ["g", "graphs"])
def test_an_attribute_that_does_not_say_its_kind_is_looked_into(field: str) -> None:
    proto = model()
    attribute = proto.graph.node[0].attribute.add(name="odd")
    inner = attribute.g if field == "g" else attribute.graphs.add()
    inner.name = "hidden"
    inner.initializer.add(name="i")
    found = {b.name: b for b in read_bodies(proto)}
    assert [t.name for t in found["hidden"].tensors] == ["i"]


def test_what_nests_too_deeply_is_refused() -> None:
    proto = model()
    graph = proto.graph
    for depth in range(MAX_NESTING + 1):
        attribute = graph.node.add(op_type="If").attribute.add(name="then_branch", type=onnx.AttributeProto.GRAPH)
        graph = attribute.g
        graph.name = f"depth {depth + 1}"
    with pytest.raises(InvalidModel, match=f"lies in {MAX_NESTING + 1} graphs"):
        read_bodies(proto)


def test_what_is_said_of_interior_values_comes_first() -> None:
    proto = model()
    proto.graph.value_info.add(name="y").type.tensor_type.elem_type = onnx.TensorProto.DOUBLE
    proto.graph.value_info.add(name="t").type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    infos = read_bodies(proto)[0].infos
    assert {name: info.type.tensor_type.elem_type for name, info in infos.items()} == {"y": 11, "t": 1}
