"""Formulas all the way: what is emitted for them, by opset, is right, and never longer than they were."""

import math
from pathlib import Path

import onnx
import pytest

import interlingua
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.softmax import Softmax
from interlingua.ir.ops.unary import Cos, Erf, Sin
from interlingua.report import Verdict
from support.formulas import Formula, written
from support.text import parse

ROWS, HEADS = "f32[n, 8]", "f32[2, 2, 5, 4]"


def gelu(x: Expr) -> Expr:
    return x * 0.5 * ((x / math.sqrt(2)).apply(Erf()) + 1)


def hard_swish(x: Expr) -> Expr:
    return x * (x + 3).max(0).min(6) / 6


def attention(q: Expr, k: Expr, v: Expr) -> Expr:
    return (q @ k.transpose(0, 1, 3, 2) / 2).apply(Softmax()) @ v


def rotary(x: Expr, a: Expr) -> Expr:
    twice = a.concat(a, axis=2)
    turned = (-x.slice(3, 2, 4)).concat(x.slice(3, 0, 2), axis=3)
    return x * twice.apply(Cos()).expand(1) + turned * twice.apply(Sin()).expand(1)


def layer_norm(x: Expr) -> Expr:
    d = x - x.mean((-1,))
    scale = x.constant([0.5, 1.0, 1.5, 2.0, -1.0, 0.25, 3.0, 1.0], x.dtype)
    return d / ((d * d).mean((-1,)) + 1e-5).sqrt() * scale


CASES: dict[str, tuple[Formula, tuple[str, ...], int, list[str]]] = {
    "GELU": (gelu, (ROWS,), 20, ["Gelu"]),
    "GELU before 20": (gelu, (ROWS,), 19, ["Mul", "Div", "Erf", "Add", "Mul"]),
    "hard swish": (hard_swish, (ROWS,), 14, ["HardSwish"]),
    "hard swish before 14": (hard_swish, (ROWS,), 13, ["HardSigmoid", "Mul"]),
    "layer norm": (layer_norm, (ROWS,), 17, ["LayerNormalization"]),
    "layer norm before 17": (
        layer_norm, (ROWS,), 16, ["ReduceMean", "Sub", "Pow", "ReduceMean", "Add", "Sqrt", "Div", "Mul"]),
    "attention": (attention, (HEADS,) * 3, 23, ["Attention"]),
    "attention before 23": (attention, (HEADS,) * 3, 22, ["Transpose", "MatMul", "Div", "Softmax", "MatMul"]),
    "rotary": (rotary, (HEADS, "f32[2, 5, 2]"), 23, ["Cos", "Sin", "RotaryEmbedding"]),
    "rotary before 23": (rotary, (HEADS, "f32[2, 5, 2]"), 22, [
        "Concat", "Split", "Neg", "Concat", "Cos", "Unsqueeze", "Mul", "Sin", "Unsqueeze", "Mul", "Add"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_emitted(case: str, tmp_path: Path) -> None:
    formula, types, opset, wanted = CASES[case]
    path = tmp_path / "model.onnx"
    made = interlingua.convert(parse(written(formula, *types)), to="onnx", opset=opset, output=path)
    assert made.report.verdict is Verdict.VERIFIED
    assert [n.op_type for n in onnx.load(path).graph.node] == wanted
