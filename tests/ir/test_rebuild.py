"""Modules made anew with a change."""

import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module, Node
from interlingua.ir.interpret import Interpreter
from interlingua.ir.ops.activation import LeakyRelu
from interlingua.ir.rebuild import Change, rebuild
from interlingua.ir.types import Tensor
from interlingua.ir.verify import verify_module
from interlingua.ir.weights import ArrayWeight
from support.text import CONTROL, MLP, SHAPES, parse

LOOP = """interlingua 1
input "x" [2]
output "y" [2]
output "ys" [?, 2]
func @main(%x: f32[2]) {
  %n = core.constant dense i64[] [3] : i64[]
  %y, %ys = core.while(%n, _, %x) {carried = 1, stacked = 1} regions
  @body(%i: i64[], %c: bool[], %v: f32[2]) {
    %w = core.add(%v, %v) : f32[2]
    return %c as "c", %w as "w", %v as "v"
  }
  end : f32[2], f32[t, 2]
  return %y as "y", %ys as "ys"
}
"""
SCAN = """interlingua 1
input "s" [2]
input "x" [3, 2]
output "last" [2]
output "all" [2, 3]
func @main(%s: f32[2], %x: f32[3, 2]) {
  %last, %all = core.scan(%s, %x) {states = 1, scanned = 1, axes = [0], reverse = [true], out_axes = [1], \
out_reverse = [false]} regions
  @body(%a: f32[2], %b: f32[2]) {
    %c = core.add(%a, %b) : f32[2]
    return %c as "c", %c as "d"
  }
  end : f32[2], f32[2, 3]
  return %last as "last", %all as "all"
}
"""


def first(module: Module, op: str) -> Node:
    return next(n for n in module.walk() if n.op.name == op)


def ops(module: Module) -> list[str]:
    return [n.op.name for n in module.walk()]


@pytest.mark.parametrize("text", [MLP, SHAPES, CONTROL, LOOP, SCAN])
def test_no_change_is_none(text: str) -> None:
    module = parse(text)
    made = rebuild(module, Change())
    verify_module(made)
    assert ops(made) == ops(module)
    assert made.input_names == module.input_names
    assert made.output_names == module.output_names
    assert str(module) == parse(text).__str__()


def test_types_follow_from_those_of_the_inputs() -> None:
    module = parse(SHAPES)
    x = module.main.inputs[0]
    made = rebuild(module, Change(types={x: Tensor(DType.F32, (5, 2, 3))}))
    verify_module(made)
    assert made.main.outputs[0].type == Tensor(DType.F32, (5, 6))
    assert made.inputs[0].dims == (5, 2, 3)


def test_what_does_not_fit_is_refused() -> None:
    module = parse(MLP)
    with pytest.raises(ConstraintError, match=r"core\.matmul"):
        rebuild(module, Change(types={module.main.inputs[0]: Tensor(DType.F32, (5, 3))}))


def test_types_reach_into_regions() -> None:
    module = parse(CONTROL)
    made = rebuild(module, Change(types={module.main.inputs[1]: Tensor(DType.F32, (7,))}))
    branch = first(made, "core.if")
    assert branch.regions[0].inputs[0].type == Tensor(DType.F32, (7,))
    assert branch.regions[0].outputs[0].type == Tensor(DType.F32, (7,))


def test_another_op_for_a_node() -> None:
    module = parse(MLP)
    softmax = first(module, "nn.softmax")
    made = rebuild(module, Change(ops={softmax: LeakyRelu()}))
    assert ops(made) == ["core.constant", "core.matmul", "nn.leaky_relu"]


def test_a_value_passed_by_leaves_nothing_behind() -> None:
    module = parse(MLP)
    softmax = first(module, "nn.softmax")
    made = rebuild(module, Change(values={softmax.result: softmax.operand(0)}))
    verify_module(made)
    assert ops(made) == ["core.constant", "core.matmul"]
    assert made.output_names == ["y"]
    assert first(made, "core.matmul").origin == first(module, "core.matmul").origin


def test_a_constant_in_place_of_a_value_takes_inputs_with_it() -> None:
    module = parse(MLP)
    held = ArrayWeight(np.ones((3, 2), np.float32))
    made = rebuild(module, Change(values={first(module, "core.matmul").result: held}))
    verify_module(made)
    assert made.input_names == []
    assert Interpreter(made).run({})["y"].tolist() == [[0.5, 0.5]] * 3


def test_a_value_may_become_an_input() -> None:
    module = parse(MLP)
    made = rebuild(module, Change(inputs=[first(module, "core.matmul").result]))
    verify_module(made)
    assert made.input_names == ["h"]
    assert ops(made) == ["nn.softmax"]


def test_other_outputs() -> None:
    module = parse(MLP)
    made = rebuild(module, Change(outputs=[first(module, "core.matmul").result]))
    assert made.output_names == ["h"]
    assert made.outputs[0].dims == (None, 2)


def test_a_branch_in_place_of_a_condition() -> None:
    module = parse(CONTROL)
    branch = first(module, "core.if")
    for which, expected in ((0, [-3.0, 1.0]), (1, [3.0, -1.0])):
        made = rebuild(module, Change(inline={branch: which}))
        verify_module(made)
        assert "core.if" not in ops(made)
        assert made.input_names == ["x"]
        found = Interpreter(made).run({"x": np.array([3, -1], np.float32)})
        assert found["y"].tolist() == found["z"].tolist() == expected


def test_a_loop_becomes_its_first_trip() -> None:
    module = parse(LOOP)
    made = rebuild(module, Change(inline={first(module, "core.while"): 0}))
    verify_module(made)
    found = Interpreter(made).run({"x": np.array([3, -1], np.float32)})
    assert found["y"].tolist() == [6, -2]
    assert found["ys"].tolist() == [[3, -1]]


def test_a_scan_becomes_its_first_step() -> None:
    module = parse(SCAN)
    made = rebuild(module, Change(inline={first(module, "core.scan"): 0}))
    verify_module(made)
    x = np.arange(6, dtype=np.float32).reshape(3, 2)
    found = Interpreter(made).run({"s": np.array([10, 20], np.float32), "x": x})
    assert found["last"].tolist() == [14, 25]
    assert found["all"].tolist() == [[14], [25]]


def test_an_optional_operand_left_out() -> None:
    module = parse(
        """interlingua 1
input "x" [3]
output "y" [3]
func @main(%x: f32[3]) {
  %low = core.constant dense f32[] [0.0] : f32[]
  %high = core.constant dense f32[] [1.0] : f32[]
  %y = nn.clip(%x, %low, %high) : f32[3]
  return %y as "y"
}
"""
    )
    clip = first(module, "nn.clip")
    made = rebuild(module, Change(absent=frozenset({(clip, 2)})))
    verify_module(made)
    assert Interpreter(made).run({"x": np.array([-1, 0.5, 7], np.float32)})["y"].tolist() == [0, 0.5, 7]
    assert ops(made) == ["core.constant", "nn.clip"]
