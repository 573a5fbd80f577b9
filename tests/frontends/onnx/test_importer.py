"""What becomes of an ONNX graph as a whole: interface, control flow, refusals, origins."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest

import interlingua
from interlingua.errors import UnsupportedOps, UsageError


def model(text: str, *, ir_version: int = 8) -> Any:
    return onnx.parser.parse_model(f'<ir_version: {ir_version}, opset_import: ["" : 17, "own" : 1]>\n{text}')


def test_the_interface_is_kept() -> None:
    module = interlingua.load(
        model("g (float[n, 2, ?] b, int64 a) => (float[n, 2, ?] z, int64 y) { y = Neg (a) z = Abs (b) }")
    )
    assert (module.input_names, module.output_names) == (["b", "a"], ["z", "y"])
    assert [p.dims for p in module.inputs] == [("n", 2, None), ()]


def test_every_unsupported_node_is_named_at_once() -> None:
    text = (
        "g (float[2] x) => (float[2] y) { a = own.One (x) b = own.Two (a) c = Neg (b) d = own.One (c) y = Add (d, x) }"
    )
    with pytest.raises(UnsupportedOps) as caught:
        interlingua.load(model(text))
    assert [r.op for r in caught.value.refusals] == ["own:One", "own:Two", "own:One"]


def test_unsupported_nodes_in_branches_are_named() -> None:
    text = (
        "g (bool c, float[2] x) => (float[2] y) { y = If (c) <then_branch = a () => (float[2] p) { p = own.One (x) },"
        " else_branch = b () => (float[2] q) { q = own.Two (x) }> }"
    )
    proto = model(text)
    proto.graph.node[0].attribute[1].g.output[0].type.Clear()
    with pytest.raises(UnsupportedOps) as caught:
        interlingua.load(proto)
    assert {"own:One", "own:Two"} <= {r.op for r in caught.value.refusals}


def test_an_output_that_a_translation_does_not_give_is_refused_where_it_is_wanted() -> None:
    base = "g (float[2, 2] x) => (float[2, 2] y) { y, m = Dropout (x) }"
    interlingua.load(model(base))
    from interlingua.frontends.onnx.importer import Importer
    from interlingua.frontends.onnx.reader import read
    from interlingua.frontends.onnx.table import Table
    from interlingua.ir.ops.unary import Neg

    table = Table()
    table.add(("", "Dropout", 13), lambda n, b: [b(Neg(), n[0]), None])
    table.add(("", "Identity", 16), lambda n, b: n[0])
    assert len(Importer(read(model(base)), table).run().main) == 1
    wanted = "g (float[2, 2] x) => (bool[2, 2] z) { y, m = Dropout (x) z = Identity (m) }"
    with pytest.raises(UnsupportedOps) as caught:
        Importer(read(model(wanted)), table).run()
    assert [r.reason for r in caught.value.refusals] == ["output 1 cannot be computed"]


def test_nodes_know_where_they_come_from() -> None:
    proto = model("g (float[2] x) => (float[2] y) { t = Neg (x) y = Abs (t) }")
    proto.graph.node[0].name = "/model/layers.3/neg"
    first, second = interlingua.load(proto).walk()
    assert (first.origin.name, first.origin.op, first.scope) == ("/model/layers.3/neg", "Neg", "model.layers.3")
    assert second.origin.name == "y"


def test_captured_values_become_operands() -> None:
    text = (
        "g (bool c, float[2] x) => (float[2] y) { t = Neg (x) "
        "y = If (c) <then_branch = a () => (float[2] p) { p = Add (t, x) },"
        " else_branch = b () => (float[2] q) { q = Mul (t, t) }> }"
    )
    module = interlingua.load(model(text))
    x = np.array([1, 2], np.float32)
    assert interlingua.evaluate(module, [np.array(True), x])["y"].tolist() == [0, 0]
    assert interlingua.evaluate(module, [np.array(False), x])["y"].tolist() == [1, 4]


def test_a_loop_whose_value_grows_has_no_dim_of_its_first_trip() -> None:
    text = (
        "g (float[batch] x, int64 n) => (float[?] y) { y = Loop (n, , x) <body = b (int64 i, bool c, float[?] v) "
        "=> (bool d, float[?] o) { d = Identity (c) o = Concat <axis = 0> (v, v) }> }"
    )
    module = interlingua.load(model(text))
    found = interlingua.evaluate(module, [np.ones(2, np.float32), np.array(3)])
    assert found["y"].shape == (16,)


def test_before_ir_version_4_weights_are_listed_as_inputs_and_are_none() -> None:
    proto = model("g (float[2] x, float[2] w) => (float[2] y) { y = Add (x, w) }", ir_version=3)
    proto.graph.initializer.append(onnx.numpy_helper.from_array(np.ones(2, np.float32), "w"))
    assert interlingua.load(proto).input_names == ["x"]
    proto.ir_version = 8
    module = interlingua.load(proto)
    assert module.input_names == ["x", "w"]
    x = np.array([1, 2], np.float32)
    assert interlingua.evaluate(module, {"x": x})["y"].tolist() == [2, 3]
    assert interlingua.evaluate(module, {"x": x, "w": x})["y"].tolist() == [2, 4]


def test_dims_can_be_given() -> None:
    proto = model("g (float[n, ?] x) => (float[n, ?] y) { y = Neg (x) }")
    module = interlingua.load(proto, dynamic_shapes={"x": {1: 5}})
    assert str(module.main.inputs[0].type) == "f32[n, 5]"
    with pytest.raises(UsageError, match="no input"):
        interlingua.load(proto, dynamic_shapes={"z": [1]})
    assert proto.graph.input[0].type.tensor_type.shape.dim[1].dim_value == 0


def test_a_branch_uses_what_is_given_in_place_of_a_weight() -> None:
    """A weight that is listed as an input too is a default alone, inside of graphs as outside."""
    module = interlingua.load(
        model(
            "g (bool c, float[2] x, float[2] w) => (float[2] y) <float[2] w = {1, 2}> "
            "{ y = If (c) <then_branch = a () => (float[2] p) { p = Add (x, w) },"
            " else_branch = b () => (float[2] q) { q = Mul (x, w) }> }"
        )
    )
    inputs = {"c": np.array(True), "x": np.ones(2, np.float32)}
    given = interlingua.evaluate(module, inputs | {"w": np.array([10, 20], np.float32)})
    assert given["y"].tolist() == [11, 21]
    assert interlingua.evaluate(module, inputs)["y"].tolist() == [2, 3]
