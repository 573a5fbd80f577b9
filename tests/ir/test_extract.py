"""Parts of graphs as modules."""

import numpy as np
import pytest

from interlingua.ir.extract import extract, side_by_side, unique
from interlingua.ir.graph import Module, Value
from interlingua.ir.interpret import Interpreter
from interlingua.ir.verify import verify_module
from support.text import CONTROL, MLP, parse

CHAIN = """interlingua 1
input "x" [3]
input "unused" [2]
output "y" [3]
func @main(%x: f32[3], %unused: f32[2]) {
  %k = core.constant dense f32[3] [1.0, 2.0, 3.0] : f32[3]
  %a = core.add(%x, %k) : f32[3]
  %b = core.mul(%a, %x) : f32[3]
  %y = core.neg(%b) : f32[3]
  return %y as "y"
}
"""
X = np.array([1, -2, 4], np.float32)


def value(module: Module, name: str) -> Value:
    return next(r for n in module.main.nodes for r in n.results if r.name == name)


def test_a_part_computes_what_it_computed_there() -> None:
    module = parse(CHAIN)
    part = extract(module, [value(module, "b")], [value(module, "a")])
    verify_module(part)
    assert part.input_names == ["a", "x"]
    assert part.output_names == ["b"]
    assert [n.op.name for n in part.main.nodes] == ["core.mul"]
    assert Interpreter(part).run({"a": X, "x": X})["b"].tolist() == [1, 4, 16]


def test_the_source_stays() -> None:
    module = parse(CHAIN)
    extract(module, [value(module, "y")], [value(module, "a")])
    verify_module(module)
    assert str(module) == CHAIN


def test_inputs_keep_their_order_even_if_nothing_reads_them() -> None:
    module = parse(CHAIN)
    part = extract(module, [value(module, "a")], [module.main.inputs[1], module.main.inputs[0]])
    assert part.input_names == ["unused", "x"]


def test_a_value_may_become_a_constant() -> None:
    module = parse(CHAIN)
    part = extract(module, [value(module, "y")], constants={value(module, "a"): X})
    verify_module(part)
    assert part.input_names == ["x"]
    assert Interpreter(part).run({"x": X})["y"].tolist() == [-1, -4, -16]


def test_ports_keep_what_the_source_declared() -> None:
    module = parse(MLP)
    part = extract(module, [value(module, "h")])
    assert part.inputs[0].dims == ("batch", 4)
    assert part.inputs[0].doc == "pixels"
    verify_module(part)


def test_a_part_of_a_region() -> None:
    module = parse(CONTROL)
    branch = next(module.main.nodes)
    then = branch.regions[0]
    part = extract(module, list(then.outputs))
    verify_module(part)
    assert Interpreter(part).run([np.array([1, -1], np.float32)])["b"].tolist() == [-1, 1]


def test_an_extracted_node_takes_its_regions_with_it() -> None:
    module = parse(CONTROL)
    part = extract(module, [module.main.outputs[0]])
    verify_module(part)
    given = {"c": np.array(True), "x": np.array([1, -1], np.float32)}
    assert Interpreter(part).run(given)["y"].tolist() == [-1, 1]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a_0", "a_1"]),
        (["a", "a", "a_0"], ["a", "a_1", "a_0"]),
        (["", ""], ["v_0", "v_1"]),
    ],
)
def test_names_become_unique(names: list[str], expected: list[str]) -> None:
    assert unique(names) == expected


def test_inputs_and_outputs_share_no_name() -> None:
    """Formats such as ONNX have one space of names for both."""
    module = parse(CHAIN)
    for node in module.main.nodes:
        node.results[0].name = ""
    b, y = list(module.main.nodes)[2:]
    part = extract(module, [y.result], [b.result])
    assert part.input_names == ["v_0"]
    assert part.output_names == ["v_1"]


def test_modules_side_by_side_know_nothing_of_each_other() -> None:
    module = parse(CHAIN)
    both = side_by_side([module, extract(module, [value(module, "a")])])
    verify_module(both)
    assert both.input_names == ["0.x", "0.unused", "1.x"]
    found = Interpreter(both).run({"0.x": X, "0.unused": X[:2], "1.x": 2 * X})
    assert found["0.y"].tolist() == [-2, -0.0, -28]
    assert found["1.a"].tolist() == [3, -2, 11]
