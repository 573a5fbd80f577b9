"""Constants of any dtype: what is folded, what is not, and that nothing grows."""

from typing import Any

import numpy as np
import pytest

import interlingua
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port, Value
from interlingua.ir.ops.activation import Relu
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.shape import Concat, Pad, Reverse, Slice, Transpose
from interlingua.ir.ops.unary import Exp
from interlingua.ir.weights import ArrayWeight, LazyWeight
from interlingua.passes.cleanup.fold_constants import FoldConstants, FoldRounded
from support.passes import check, lines, untouched
from support.text import body


def module(b: Builder, *outputs: Value) -> Module:
    names = [f"y{i}" for i in range(len(outputs))]
    b.outputs(list(outputs), names)
    return Module({"main": b.graph}, outputs=[Port(n, None) for n in names])


def ops(m: Module) -> list[str]:
    return [n.op.name for n in m.walk()]


def test_moves_fold_bit_by_bit() -> None:
    text = body(
        """%c = core.constant dense f32[2, 2] [0.5, -0.0, inf, 1.0] : f32[2, 2]
        %t = core.transpose(%c) {perm = [1, 0]} : f32[2, 2]
        %y = core.add(%x, %t) : f32[2, 2]""",
        "%x: f32[2, 2]",
    )
    assert "%t = core.constant dense f32[2, 2] [0.5, inf, -0.0, 1.0] : f32[2, 2]" in lines(check("default", text, None))


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("core.add(%c, %c)", "0.2"),
        ("core.div(%c, %d)", "0.033333335"),
        ("core.sqrt(%d)", "1.7320508"),
        ("core.neg(%c)", "-0.1"),
    ],
)
def test_what_ieee_fixes_folds(call: str, value: str) -> None:
    text = body(
        f"""%c = core.constant dense f32[1] [0.1] : f32[1]
        %d = core.constant dense f32[1] [3.0] : f32[1]
        %a = {call} : f32[1]
        %y = core.mul(%x, %a) : f32[n]"""
    )
    assert lines(check("default", text, None))[0] == f"%a = core.constant dense f32[1] [{value}] : f32[1]"


@pytest.mark.parametrize("call", ["core.exp(%c)", "core.pow(%c, %c)", "core.tanh(%c)", "core.matmul(%c, %c)"])
def test_what_runtimes_round_otherwise_is_folded_on_request(call: str) -> None:
    text = body(
        f"""%c = core.constant dense f32[1, 1] [0.1] : f32[1, 1]
        %a = {call} : f32[1, 1]
        %y = core.mul(%x, %a) : f32[1, n]"""
    )
    text = text.replace("%x: f32[n]", "%x: f32[1, n]")
    untouched(FoldConstants(), text)
    assert "core.constant" in lines(check(FoldRounded(), text, None))[-2]
    assert FoldRounded().promise == "rounding"


def test_levels_and_scales_stay_as_they_are() -> None:
    text = body(
        """%q = core.constant dense i8[2] [3, -4] : i8[2]
        %s = core.constant dense f32[] [0.5] : f32[]
        %w = quant.dequantize(%q, %s) {dtype = f32, axis = 0, block = 0} : f32[2]
        %y = core.mul(%x, %w) : f32[2]""",
        "%x: f32[2]",
    )
    untouched(FoldRounded(), text)


def large() -> np.ndarray[Any, Any]:
    return np.arange(4096, dtype=np.float32).reshape(64, 64)


def test_a_large_move_is_made_when_the_weight_is_written() -> None:
    b = Builder(Graph("main"))
    x = b.constant(large())
    after = interlingua.optimize(module(b, b(Reverse(axes=(0,)), x)))
    (node,) = after.walk()
    weight = node.op.attributes()["weight"]
    assert isinstance(weight, LazyWeight)
    assert np.array_equal(weight.view(), large()[::-1])


def test_a_transpose_is_of_the_same_memory() -> None:
    b, data = Builder(Graph("main")), large()
    after = interlingua.optimize(module(b, b(Transpose((1, 0)), b.weight(ArrayWeight(data)))))
    (node,) = after.walk()
    view = node.op.attributes()["weight"].view()
    assert np.array_equal(view, data.T)
    assert np.shares_memory(view, data)


def test_a_long_way_to_a_large_weight_is_not_kept_on_the_stack() -> None:
    b = Builder(Graph("main"))
    x = b.constant(large())
    for k in range(2000):
        x = b(Add(), x, b.constant(np.float32(k % 3)))
    m = module(b, x)
    after = interlingua.optimize(m)
    assert np.array_equal(interlingua.evaluate(after, {})["y0"], interlingua.evaluate(m, {})["y0"])
    assert len(ops(after)) < len(ops(m))


def test_what_would_fail_stays_for_the_run() -> None:
    b = Builder(Graph("main"))
    amounts = b.constant([0, 2, 0, 2000])
    m = module(b, b(Pad("edge"), b.constant(np.zeros((1, 0), np.float32)), amounts))
    assert "core.pad" in ops(interlingua.optimize(m, FoldConstants(small=1 << 20)))


def test_pieces_put_together_anew_fold_as_one() -> None:
    """Each piece alone would be a copy beside the original."""
    b = Builder(Graph("main"))
    x = b.constant(large())
    ends = [(0, 16), (48, 64), (16, 48)]
    pieces = [b(Slice((0,)), x, b.constant([p]), b.constant([q])) for p, q in ends]
    before = module(b, b(Relu(), b(Concat(0), *pieces)))
    after = interlingua.optimize(before)
    assert ops(after) == ["core.constant", "nn.relu"]
    assert np.array_equal(interlingua.evaluate(after, {})["y0"], interlingua.evaluate(before, {})["y0"])


def test_a_copy_beside_what_others_need_is_not_made() -> None:
    b = Builder(Graph("main"))
    x = b.constant(large())
    m = module(b, b(Relu(), x), b(Relu(), b(Transpose((1, 0)), x)))
    assert sorted(ops(interlingua.optimize(m))) == ["core.constant", "core.transpose", "nn.relu", "nn.relu"]


def test_a_dtype_is_not_widened_and_a_row_not_repeated() -> None:
    b = Builder(Graph("main"))
    wide = b(Cast(DType.F32), b.constant(np.zeros((64, 64), np.int8)))
    rows = b(Add(), b.constant(np.ones((1, 64), np.float32)), b.constant(np.ones((64, 1), np.float32)))
    assert sorted(o for o in ops(interlingua.optimize(module(b, wide, rows))) if o != "core.constant") == [
        "core.add",
        "core.cast",
    ]


def test_products_of_matrices_stay() -> None:
    b = Builder(Graph("main"))
    m = module(b, b(MatMul(), b.constant(large()), b.constant(large())))
    assert "core.matmul" in ops(interlingua.optimize(m))


def test_equal_large_weights_are_one() -> None:
    b = Builder(Graph("main"))
    first, second, other = (b.weight(ArrayWeight(a)) for a in (large(), large(), large() + 1))
    m = module(b, b(Exp(), first), b(Exp(), second), b(Exp(), other))
    after = interlingua.optimize(m)
    assert ops(after).count("core.constant") == 2
    assert after.main.outputs[0] is after.main.outputs[1] is not after.main.outputs[2]


def test_weights_that_differ_in_one_bit_are_two() -> None:
    b = Builder(Graph("main"))
    zero = np.zeros(1000, np.float32)
    minus = zero.copy()
    minus[7] = -0.0
    m = module(b, b(Relu(), b.weight(ArrayWeight(zero))), b(Relu(), b.weight(ArrayWeight(minus))))
    assert ops(interlingua.optimize(m, "clean-up")).count("core.constant") == 2
