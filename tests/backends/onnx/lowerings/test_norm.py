"""Norms are emitted as ONNX Runtime computes them fastest: by itself, or in the spelling that it makes one node of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest

import interlingua
from interlingua.ir.op import Op
from interlingua.ir.ops.activation import Silu
from interlingua.ir.ops.attention import Attention
from interlingua.ir.ops.norm import GroupNorm, LayerNorm, RmsNorm
from support.formulas import written
from support.text import parse

TOKENS, WIDTH, IMAGE = "f32[2, 3, 8]", "f32[8]", "f32[2, 8, 3, 3]"
HEADS = "f32[2, 2, 5, 4]"
CASES: dict[str, tuple[Op, Sequence[str], int, list[str], list[str]]] = {
    "layer norm before 17": (LayerNorm(), (TOKENS, WIDTH, WIDTH), 13,
        ["ReduceMean", "Sub", "Pow", "ReduceMean", "Add", "Sqrt", "Div", "Mul", "Add"], ["LayerNormalization"]),
    "layer norm": (LayerNorm(), (TOKENS, WIDTH, WIDTH), 17, ["LayerNormalization"], ["LayerNormalization"]),
    "layer norm without a scale": (LayerNorm(-2), (TOKENS,), 17, ["LayerNormalization"], ["LayerNormalization"]),
    "RMS norm before 23": (RmsNorm(), (TOKENS, WIDTH), 18,
        ["Pow", "ReduceMean", "Add", "Sqrt", "Div", "Mul"], ["SimplifiedLayerNormalization"]),
    "RMS norm": (RmsNorm(), (TOKENS, WIDTH), 23, ["RMSNormalization"], ["RMSNormalization"]),
    "RMS norm without a scale": (RmsNorm(), (TOKENS,), 23, ["RMSNormalization"], ["RMSNormalization"]),
    "group norm": (GroupNorm(2), (IMAGE, WIDTH, WIDTH), 21,
        ["Reshape", "InstanceNormalization", "Reshape", "Reshape", "Mul", "Reshape", "Add"], []),
    "Swish": (Silu(), (TOKENS,), 24, ["Sigmoid", "Mul"], ["QuickGelu"]),
    "attention": (Attention(), (HEADS,) * 3, 23, ["Attention"], ["Attention"]),
    "causal attention": (Attention(causal=True), (HEADS,) * 3, 23, [], []),
}  # fmt: skip
"""An op, its operands, the opset, what is emitted, and what ONNX Runtime makes of that."""


@pytest.mark.parametrize("case", CASES)
def test_what_is_emitted_and_what_becomes_of_it(case: str, tmp_path: Path) -> None:
    op, types, opset, emitted, optimised = CASES[case]
    text = written(lambda x, *others: x.apply(op, *others), *types)
    for name, type_ in zip("xzw", types, strict=False):
        text = text.replace(f'input "{name}" [*]', f'input "{name}" {type_.removeprefix("f32")}')
    module = parse(text)
    path, made = tmp_path / "model.onnx", tmp_path / "optimised.onnx"
    interlingua.convert(module, to="onnx", opset=opset, output=path)
    if emitted:
        assert [n.op_type for n in onnx.load(path).graph.node] == emitted
    else:
        assert "Attention" not in {n.op_type for n in onnx.load(path).graph.node}
    options = ort.SessionOptions()
    options.optimized_model_filepath = str(made)
    options.log_severity_level = 3
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    if optimised:
        assert [n.op_type for n in onnx.load(made).graph.node] == optimised
    rng = np.random.default_rng(0)
    given = {v.name: rng.standard_normal(v.shape).astype(np.float32) for v in session.get_inputs()}
    (wanted,) = interlingua.evaluate(module, given, precision="float64").values()
    assert np.abs(session.run(None, given)[0] - wanted).max() < 64 * 2**-23 * max(1.0, np.abs(wanted).max())
