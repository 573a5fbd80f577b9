"""Attention and rotary embeddings: found only where a target takes them."""

import math

import pytest

import interlingua
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module
from interlingua.ir.ops.attention import Attention
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.softmax import Softmax
from interlingua.ir.ops.unary import Cos, Sin
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.verify import verify_module
from interlingua.passes.base import Pass
from interlingua.passes.fusion.attention import FuseAttention
from interlingua.passes.fusion.rotary import FuseRotary
from interlingua.passes.pipeline import run_passes
from support.formulas import Formula, written
from support.passes import by_either, generated
from support.text import parse

HEADS = "f32[n, 2, s, 4]"
SCALE = 0.5


def targeted(each: Pass, text: str) -> Module:
    """The module after a pass for a target that takes everything; what it computes is the same, and without a target
    nothing happens."""
    before, after = parse(text), parse(text)
    assert str(interlingua.optimize(before, each)) == text
    run_passes(after, [each], rewriter=Rewriter(accepts=lambda _: True))
    verify_module(after)
    for given in generated(before):
        found = by_either(before, after, given, interlingua.evaluate(after, given))
        assert all(c.passed for c in found), found
    return after


def softmax(x: Expr, axis: int = -1) -> Expr:
    return x.apply(Softmax(axis))


def scores(q: Expr, k: Expr) -> Expr:
    return q @ k.transpose(0, 1, 3, 2)


def hidden(x: Expr, size: float, dtype: DType = DType.BOOL) -> Expr:
    """A mask of a bool or an integer, as BERT has it."""
    kept = x.constant([[[[1, 1, 0]]]], DType.I64).to(dtype).to(x.dtype)
    return (x.number(1) - kept) * -size


FOUND: dict[str, Formula] = {
    "divided": lambda q, k, v: softmax(scores(q, k) / 2) @ v,
    "times": lambda q, k, v: softmax(scores(q, k) * SCALE) @ v,
    "queries scaled": lambda q, k, v: softmax(scores(q * SCALE, k)) @ v,
    "keys scaled": lambda q, k, v: softmax(q @ (k.transpose(0, 1, 3, 2) * SCALE)) @ v,
    "both by the root": lambda q, k, v: softmax(
        (q * math.sqrt(SCALE)) @ (k.transpose(0, 1, 3, 2) * math.sqrt(SCALE))
    ) @ v,
    "no scale": lambda q, k, v: softmax(scores(q, k)) @ v,
}
MISSES: dict[str, Formula] = {
    "softmax along the queries": lambda q, k, v: softmax(scores(q, k) / 2, 2) @ v,
    "keys as they are": lambda q, k, v: softmax(q @ k / 2) @ v,
    "no softmax": lambda q, k, v: scores(q, k) / 2 @ v,
    "weights with another user": lambda q, k, v: ((p := softmax(scores(q, k))) @ v, p),
    "a scale that makes the shape grow": lambda q, k, v: softmax(scores(q, k) * q.constant([[[[[0.5]]]]], q.dtype)) @ v,
    "a scale for each head": lambda q, k, v: softmax(scores(q, k) * q.constant([[[1.0]], [[2.0]]], q.dtype)) @ v,
}


@pytest.mark.parametrize("formula", FOUND.values(), ids=FOUND)
def test_attention(formula: Formula) -> None:
    after = targeted(FuseAttention(), written(formula, HEADS, HEADS, HEADS))
    (node,) = [n for n in after.walk() if n.op.name == "nn.attention"]
    assert node.operands == tuple(after.main.inputs)
    scale = 1.0 if formula is FOUND["no scale"] else SCALE
    assert node.op.attributes()["scale"] == pytest.approx(scale, rel=2**-23)
    assert node.result is after.main.outputs[0]


def test_heads_that_were_split_before() -> None:
    """Keys turned in one step: what is left of two transposes."""
    text = written(lambda q, k, v: softmax(q @ k.transpose(0, 2, 3, 1)) @ v, HEADS, "f32[n, s, 2, 4]", HEADS)
    after = targeted(FuseAttention(), text)
    names = [n.op.name for n in after.walk()]
    assert names == ["core.transpose", "nn.attention"]
    assert next(after.walk()).op.attributes()["perm"] == (0, 2, 1, 3)


@pytest.mark.parametrize("formula", MISSES.values(), ids=MISSES)
def test_attention_near_misses(formula: Formula) -> None:
    square = "f32[n, 2, 4, 4]"
    before = written(formula, square, square, square)
    after = parse(before)
    run_passes(after, [FuseAttention()], rewriter=Rewriter(accepts=lambda _: True))
    assert str(after) == before


MASKS: dict[str, tuple[Formula, bool]] = {
    "of a bool": (lambda x: hidden(x, 3.4e38), True),
    "of an integer": (lambda x: hidden(x, 10000.0, DType.I32), True),
    "of an integer, beyond the largest number": (lambda x: hidden(x, 3.4e38, DType.I64), False),
    "a constant": (lambda x: x.constant([[[[0.0, -1e9, 0.0]]]], x.dtype), True),
    "a constant with an infinity": (lambda x: x.constant([[[[0.0, -math.inf, 0.0]]]], x.dtype), False),
    "chosen": (lambda x: x.constant([[[[True, False, True]]]]).where(x.number(0), x.number(-1e9)), True),
    "chosen, an infinity": (
        lambda x: x.constant([[[[True, False, True]]]]).where(x.number(0), x.number(-math.inf)), False),
    "of a higher rank": (lambda x: x.constant([[[[[0.0, 1.0, 0.0]]]]], x.dtype), False),
}  # fmt: skip


@pytest.mark.parametrize("mask", MASKS)
def test_only_a_finite_mask_is_one(mask: str) -> None:
    formula, found = MASKS[mask]
    heads = "f32[n, 2, 3, 4]"
    text = written(lambda q, k, v: softmax(scores(q, k) / 2 + formula(q)) @ v, heads, heads, heads)
    after = parse(text)
    run_passes(after, [FuseAttention()], rewriter=Rewriter(accepts=lambda _: True))
    assert any(isinstance(n.op, Attention) for n in after.walk()) is found


def test_a_mask_that_comes_from_outside_may_hide_everything() -> None:
    heads = "f32[n, 2, 3, 4]"
    text = written(lambda q, k, v, m: softmax(scores(q, k) + m) @ v, heads, heads, heads, "f32[n, 1, 3, 3]")
    after = parse(text)
    run_passes(after, [FuseAttention()], rewriter=Rewriter(accepts=lambda _: True))
    assert str(after) == text


def test_heads_that_share_keys_stay() -> None:
    text = written(lambda q, k, v: softmax(scores(q, k)) @ v, HEADS, "f32[n, 1, s, 4]", "f32[n, 1, s, 4]")
    after = parse(text)
    run_passes(after, [FuseAttention()], rewriter=Rewriter(accepts=lambda _: True))
    assert str(after) == text


def turned(x: Expr, middle: int = 2, end: int = 2**31 - 1) -> Expr:
    lower, upper = x.slice(3, 0, middle), x.slice(3, middle, end)
    return (-upper).concat(lower, axis=3)


def angles(a: Expr, op: Cos | Sin, axis: int = 1) -> Expr:
    return a.concat(a, axis=2).apply(op).expand(axis)


ANGLES = "f32[n, s, 2]"


def test_rotary() -> None:
    text = written(lambda x, a: x * angles(a, Cos()) + turned(x) * angles(a, Sin()), HEADS, ANGLES)
    after = targeted(FuseRotary(), text)
    assert [n.op.name for n in after.walk() if n.op.name != "core.constant"] == ["core.cos", "core.sin", "nn.rotary"]


ROTARY_MISSES: dict[str, Formula] = {
    "cosines for sines": lambda x, a: x * angles(a, Cos()) + turned(x) * angles(a, Cos()),
    "angles that differ": lambda x, a: x * angles(a, Cos()) + turned(x) * angles(a * 2, Sin()),
    "the other half negated": lambda x, a: x * angles(a, Cos())
    + x.slice(3, 2, 4).concat(-x.slice(3, 0, 2), axis=3) * angles(a, Sin()),
    "a third": lambda x, a: x * angles(a, Cos()) + turned(x, 1) * angles(a, Sin()),
    "less of the end": lambda x, a: x * angles(a, Cos())
    + (-x.slice(3, 2, 4)).concat(x.slice(3, 0, -2), axis=2).reshape(x.shape()) * angles(a, Sin()),
}


@pytest.mark.parametrize("formula", ROTARY_MISSES.values(), ids=ROTARY_MISSES)
def test_rotary_near_misses(formula: Formula) -> None:
    text = written(formula, "f32[n, 2, s, 4]", ANGLES)
    after = parse(text)
    run_passes(after, [FuseRotary()], rewriter=Rewriter(accepts=lambda _: True))
    assert "nn.rotary" not in str(after)
