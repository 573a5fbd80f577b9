"""Random ops on their way through: as many come out as went in, with their seeds, wherever they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import onnx
import onnx.parser
import pytest

import interlingua
from interlingua.ir.ops.random import RandomNormal, RandomUniform

HEAD = '<ir_version: 8, opset_import: ["": 18, "local": 1]>'
PLACES = {
    "main": "g (float[4] x) => (float[4] y) { a = RandomNormalLike (x) b = RandomNormalLike (x) y = Sub (a, b) }",
    "both branches": """g (float[4] x, bool c) => (float[4] y) {
        y = If (c) <then_branch = t () => (float[4] o)
                        { a = RandomNormalLike (x) b = RandomNormalLike (x) o = Sub (a, b) },
                    else_branch = e () => (float[4] p) { p = Identity (x) }> }""",
    "a loop": """g (float[4] x, int64 n) => (float[4] y) {
        y = Loop (n, , x) <body = body (int64 i, bool c, float[4] v) => (bool d, float[4] o)
            { d = Identity (c) a = RandomNormalLike (v) b = RandomNormalLike (v) s = Sub (a, b) o = Add (v, s) }> }""",
    "a function, called twice": """g (float[4] x) => (float[4] y)
        { a = local.draw (x) b = local.draw (x) y = Sub (a, b) }
        <domain: "local", opset_import: ["": 18]> draw (v) => (w) { w = RandomNormalLike (v) }""",
}


def model(text: str) -> onnx.ModelProto:
    return onnx.parser.parse_model(f"{HEAD} {text}")


def nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from nodes(attribute.g)


def drawn(module: interlingua.Module) -> list[RandomNormal | RandomUniform]:
    return [node.op for node in module.walk() if isinstance(node.op, RandomNormal | RandomUniform)]


@pytest.mark.parametrize("place", PLACES)
def test_two_draws_stay_two(place: str, tmp_path) -> None:
    proto = model(PLACES[place])
    module = interlingua.load(proto)
    assert len(drawn(module)) == 2
    assert len(drawn(interlingua.optimize(module))) == 2
    interlingua.convert(proto, to="onnx", output=tmp_path / "m.onnx", verify=False)
    ops = Counter(node.op_type for node in nodes(onnx.load(tmp_path / "m.onnx").graph))
    assert ops["RandomNormalLike"] + ops["RandomNormal"] == 2


@pytest.mark.parametrize("place", ["main", "a function, called twice"])
def test_and_they_differ(place: str, tmp_path) -> None:
    """A difference of two draws is 0 where they were made one."""
    proto, x = model(PLACES[place]), np.zeros(4, np.float32)
    assert interlingua.evaluate(interlingua.optimize(interlingua.load(proto)), [x])["y"].all()
    assert interlingua.convert(proto, to="onnx", verify=False).run([x])["y"].all()


def test_seeds_are_kept_and_unseeded_stay_so(tmp_path) -> None:
    proto = model(
        """g () => (float[6] y) {
        a = RandomNormal <shape = [2], seed = 3.5> () b = RandomNormal <shape = [2], seed = 4.0> ()
        c = RandomNormal <shape = [2]> () y = Concat <axis = 0> (a, b, c) }"""
    )
    interlingua.convert(proto, to="onnx", output=tmp_path / "m.onnx", verify=False)
    written = [n for n in onnx.load(tmp_path / "m.onnx").graph.node if n.op_type == "RandomNormal"]
    found = [[a.f for a in n.attribute if a.name == "seed"] for n in written]
    assert found == [[3.5], [4.0], []]


def test_equal_seeds_are_no_reason_to_merge() -> None:
    """Which samples a seed gives is the runtime's; that two nodes of one seed give the same is not said."""
    proto = model(
        "g (float[2] x) => (float[2] y) { a = RandomUniformLike <seed = 1.0> (x) b = RandomUniformLike <seed = 1.0> (x)"
        " y = Add (a, b) }"
    )
    assert len(drawn(interlingua.optimize(interlingua.load(proto)))) == 2


def test_a_draw_of_a_known_shape_is_not_folded_and_one_that_nobody_needs_is_left_out() -> None:
    proto = model(
        """g (float[4] x) => (float[4] y) {
        s = Shape (x) z = ConstantOfShape (s) a = RandomUniformLike (z) unused = RandomNormalLike (x)
        y = Add (x, a) }"""
    )
    found = drawn(interlingua.optimize(interlingua.load(proto)))
    assert [type(op) for op in found] == [RandomUniform]


def test_what_is_drawn_in_a_loop_is_drawn_on_each_trip() -> None:
    module = interlingua.optimize(interlingua.load(model(PLACES["a loop"])))
    x = np.zeros(4, np.float32)
    runs = [interlingua.evaluate(module, [x, np.array(trips)])["y"] for trips in (0, 1, 2)]
    assert not runs[0].any()
    assert runs[1].all()
    assert not np.allclose(runs[2], 2 * runs[1])
