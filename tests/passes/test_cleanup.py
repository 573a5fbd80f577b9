"""Each cleanup pass, before and after in the text form, and the values the same."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import interlingua
from interlingua.errors import EvaluationError
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.op import Op, op
from interlingua.ir.ops.convert import Cast
from interlingua.ir.types import Tensor
from interlingua.ir.weights import ArrayWeight
from interlingua.passes.cleanup.eliminate_dead_code import EliminateDeadCode
from interlingua.passes.cleanup.fold_constants import FoldConstants
from interlingua.passes.cleanup.merge_common import MergeCommon
from interlingua.passes.pipeline import Passes
from support.text import body, parse

X = np.array([-1.5, 0.0, -0.0, np.nan, 2.0], np.float32)


def lines(module: Module) -> list[str]:
    """The statements of ``main``."""
    text = str(module).split("{\n", 1)[1]
    return [line.strip() for line in text.splitlines() if line.strip() not in ("}", "")][:-1]


def optimized(text: str, passes: Passes, *inputs: Any) -> Module:
    """The module after the passes; its outputs are the same, bit for bit, and so is the module before."""
    before = parse(text)
    after = interlingua.optimize(before, passes)
    assert str(before) == text
    assert (before.inputs, before.outputs) == (after.inputs, after.outputs)
    if inputs:
        wanted, got = interlingua.evaluate(before, inputs), interlingua.evaluate(after, inputs)
        assert list(wanted) == list(got)
        assert [a.tobytes() for a in wanted.values()] == [a.tobytes() for a in got.values()]
    return after


def test_dead_code_goes() -> None:
    text = body(
        """%a = core.exp(%x) : f32[n]
        %b = core.neg(%a) : f32[n]
        %y = core.abs(%x) : f32[n]"""
    )
    assert lines(optimized(text, EliminateDeadCode(), X)) == ["%y = core.abs(%x) : f32[n]"]


def test_dead_code_goes_from_regions_and_unused_inputs_stay() -> None:
    text = body(
        """%y = core.if(%c, %x) regions
        @then(%a: f32[n]) {
          %b = core.exp(%a) : f32[n]
          return %a as "a"
        }
        @orelse(%d: f32[n]) {
          %e = core.neg(%d) : f32[n]
          return %e as "e"
        }
        end : f32[n]""",
        "%c: bool[], %x: f32[n], %unused: f32[2]",
    ).replace("  %b", "    %b")
    before = parse(text)
    after = interlingua.optimize(before, "eliminate-dead-code")
    assert [n.op.name for n in after.walk()] == ["core.if", "core.neg"]
    assert after.input_names == ["c", "x", "unused"]


def test_functions_that_are_not_the_model_go() -> None:
    text = body("%y = core.neg(%x) : f32[n]")
    module = parse(text + text[text.index("func") :].replace("@main", "@spare"))
    assert list(module.functions) == ["main", "spare"]
    assert str(interlingua.optimize(module, "eliminate-dead-code")) == text


def test_equal_computations_are_done_once() -> None:
    text = body(
        """%a = core.exp(%x) : f32[n]
        %b = core.exp(%x) : f32[n]
        %y = core.add(%a, %b) : f32[n]"""
    )
    assert lines(optimized(text, MergeCommon(), X)) == [
        "%a = core.exp(%x) : f32[n]",
        "%y = core.add(%a, %a) : f32[n]",
    ]


def test_what_becomes_equal_is_merged_too() -> None:
    text = body(
        """%a = core.exp(%x) : f32[n]
        %b = core.exp(%x) : f32[n]
        %c = core.neg(%a) : f32[n]
        %d = core.neg(%b) : f32[n]
        %y = core.add(%c, %d) : f32[n]"""
    )
    assert len(lines(optimized(text, MergeCommon(), X))) == 3


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("nn.leaky_relu(%x) {alpha = 0.0}", "nn.leaky_relu(%x) {alpha = -0.0}"),
        ("nn.leaky_relu(%x) {alpha = 0.5}", "nn.leaky_relu(%x) {alpha = 0.25}"),
        ("core.neg(%x)", "core.abs(%x)"),
        ("core.sub(%x, %one)", "core.sub(%one, %x)"),
        ("core.constant dense f32[1] [0.0]", "core.constant dense f32[1] [-0.0]"),
        ("core.constant dense f32[1] [0.0]", "core.constant dense i32[1] [0]"),
        ("core.constant dense f32[1] [0.0]", "core.constant dense f32[1, 1] [0.0]"),
    ],
)
def test_what_differs_in_one_bit_is_not_merged(first: str, second: str) -> None:
    def typed(call: str) -> str:
        return call.split("dense ")[1].split(" [")[0] if "dense" in call else "f32[n]"

    statements = f"""%one = core.constant dense f32[1] [1.0] : f32[1]
        %a = {first} : {typed(first)}
        %y = {second} : {typed(second)}"""
    text = body(statements).replace('return %y as "y"', 'return %a as "a", %y as "y"')
    text = text.replace('output "y"', 'output "a" [*]\noutput "y"')
    assert len(lines(optimized(text, MergeCommon(), X))) == 3


def test_equal_nans_and_constants_are_merged_by_contents() -> None:
    text = body(
        """%a = core.constant dense f32[2] [1.0, -0.0] : f32[2]
        %b = core.constant dense f32[2] [1.0, -0.0] : f32[2]
        %y = core.add(%a, %b) : f32[2]"""
    )
    assert len(lines(optimized(text, MergeCommon(), X))) == 2


RANDOM = """%s = core.constant dense i64[1] [3] : i64[1]
    %a = core.random_uniform(%s) {low = 0.0, high = 1.0, dtype = f32, seed = none} : f32[3]
    %b = core.random_uniform(%s) {low = 0.0, high = 1.0, dtype = f32, seed = none} : f32[3]
    %y = core.sub(%a, %b) : f32[3]"""


def test_random_ops_are_neither_merged_nor_folded() -> None:
    after = optimized(body(RANDOM), ["default", "default"])
    assert [n.op.name for n in after.walk()].count("core.random_uniform") == 2
    assert np.any(interlingua.evaluate(after, [X])["y"] != 0)


def test_two_outputs_of_one_value_keep_their_names() -> None:
    text = body(
        """%a = core.exp(%x) : f32[n]
        %y = core.exp(%x) : f32[n]"""
    ).replace('return %y as "y"', 'return %a as "a", %y as "y"')
    after = optimized(text.replace('output "y"', 'output "a" [*]\noutput "y"'), "default", X)
    assert after.main.output_names == ["a", "y"]
    assert after.main.outputs[0] is after.main.outputs[1]


def test_integers_fold() -> None:
    text = body(
        """%a = core.constant dense i32[2] [3, 4] : i32[2]
        %b = core.mul(%a, %a) : i32[2]
        %y = core.add(%x, %b) : i32[2]""",
        "%x: i32[2]",
    )
    after = optimized(text, ["fold-constants", "eliminate-dead-code"], np.array([1, 2], np.int32))
    assert lines(after) == [
        "%b = core.constant dense i32[2] [9, 16] : i32[2]",
        "%y = core.add(%x, %b) : i32[2]",
    ]


def test_static_shapes_fold_and_symbolic_ones_do_not() -> None:
    static = body("%y = core.shape_of(%x) : i64[2]", "%x: f32[2, 3]")
    assert lines(optimized(static, "default", np.zeros((2, 3), np.float32))) == [
        "%y = core.constant dense i64[2] [2, 3] : i64[2]"
    ]
    symbolic = body("%y = core.shape_of(%x) : i64[2]", "%x: f32[n, 3]")
    assert lines(optimized(symbolic, "default", np.zeros((2, 3), np.float32))) == ["%y = core.shape_of(%x) : i64[2]"]


def test_floats_are_left_to_the_runtime() -> None:
    text = body(
        """%a = core.constant dense f32[1] [0.1] : f32[1]
        %y = core.exp(%a) : f32[1]"""
    )
    assert len(lines(optimized(text, FoldConstants(), X))) == 2


def test_inputs_that_a_caller_may_override_are_not_folded() -> None:
    text = body("%y = core.mul(%x, %x) : i32[2]", "%x: i32[2]").replace('"x" [*]', '"x" [2] = dense i32[2] [3, 4]')
    after = optimized(text, "default")
    assert lines(after) == ["%y = core.mul(%x, %x) : i32[2]"]
    assert interlingua.evaluate(after, {})["y"].tolist() == [9, 16]
    assert interlingua.evaluate(after, [np.array([1, 2], np.int32)])["y"].tolist() == [1, 4]


def test_what_is_large_is_not_folded() -> None:
    text = body(
        """%s = core.constant dense i64[1] [2000] : i64[1]
        %a = core.constant dense i32[] [1] : i32[]
        %y = core.broadcast_to(%a, %s) : i32[2000]"""
    )
    assert len(lines(optimized(text, "default", X))) == 3
    assert len(lines(optimized(text, [FoldConstants(limit=5000, small=8000), EliminateDeadCode()], X))) == 1


def test_levels_are_not_widened() -> None:
    """An int8 weight that is cast would take four times the room."""
    levels = np.zeros((32, 32), np.int8)
    b = Builder(Graph("main"))
    y = b(Cast(to=DType.I32), b.constant(levels))
    b.outputs([y], ["y"])
    module = Module({"main": b.graph}, outputs=[Port("y", None)])
    assert [n.op.name for n in interlingua.optimize(module).walk()] == ["core.constant", "core.cast"]


@op("test.picky")
class Picky(Op):
    """Takes no constant 9, which its type rule does not see."""

    def infer(self, x: Tensor) -> Tensor:
        return x.with_shape(x.dims)

    def reference(self, x: Any) -> Any:
        if 9 in x:
            raise IndexError("9 is out of range")
        return x


def test_an_error_of_the_model_stays_for_the_run() -> None:
    b = Builder(Graph("main"))
    b.outputs([b(Picky(), b.constant([3])), b(Picky(), b.constant([9]))], ["a", "y"])
    module = Module({"main": b.graph}, [], [Port("a", None), Port("y", None)])
    after = interlingua.optimize(module)
    assert sorted(n.op.name for n in after.walk()) == ["core.constant", "core.constant", "test.picky"]
    with pytest.raises(EvaluationError, match="9 is out of range"):
        interlingua.evaluate(after, {})


class Counted(ArrayWeight):
    """A weight that knows how often it was read as a whole."""

    reads = 0

    def chunks(self) -> Iterator[bytes | memoryview]:
        self.reads += 1
        return super().chunks()


def test_weights_are_read_only_where_they_begin_alike() -> None:
    arrays = [np.full(1000, n, np.float32) for n in range(3)]
    weights = [Counted(a) for a in (*arrays, arrays[2].copy())]
    b = Builder(Graph("main"))
    b.outputs([b.weight(w) for w in weights], [f"y{n}" for n in range(4)])
    after = interlingua.optimize(Module({"main": b.graph}, [], [Port(f"y{n}", None) for n in range(4)]), MergeCommon())
    assert after.main.length == 3
    assert [w.reads for w in weights] == [0, 0, 1, 1]
