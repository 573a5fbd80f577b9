"""Attention with graphs inside it, and attention with a state."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx.helper as h
import onnx.parser
import pytest
from onnx import TensorProto

import interlingua
from interlingua.errors import InvalidModel
from interlingua.ir.ops.attention import Attention

RNG = np.random.default_rng(0)
SHAPES = {"q": (2, 4, 3, 8), "k": (2, 2, 5, 8), "v": (2, 2, 5, 6)}


def flex(score: str = "", prob: str = "", *, dtype: int = TensorProto.FLOAT, **attributes: Any) -> onnx.ModelProto:
    """FlexAttention beside a value ``w`` of the graph around it; ``score`` and ``prob`` are bodies from x to y."""
    node = h.make_node("FlexAttention", ["q", "k", "v"], ["out"], domain="ai.onnx.preview", **attributes)
    inside = attributes.get("softmax_precision", TensorProto.DOUBLE if dtype == TensorProto.DOUBLE else 1)
    for name, body in (("score_mod", score), ("prob_mod", prob)):
        if body:
            graph = onnx.parser.parse_graph(
                f"m ({_name(inside)}[b, h, l, s] x) => ({_name(inside)}[b, h, l, s] y) {body}"
            )
            node.attribute.append(h.make_attribute(name, graph))
    inputs = [h.make_tensor_value_info(name, dtype, shape) for name, shape in SHAPES.items()]
    inputs.append(h.make_tensor_value_info("w", inside, ()))
    graph = h.make_graph([node], "g", inputs, [h.make_tensor_value_info("out", dtype, None)])
    opsets = [h.make_opsetid("", 26), h.make_opsetid("ai.onnx.preview", 1)]
    return h.make_model(graph, opset_imports=opsets, ir_version=13)


def _name(dtype: int) -> str:
    return TensorProto.DataType.Name(dtype).lower()


def exact(q, k, v, score=lambda s: s, prob=lambda p: p, scale=8**-0.5):
    """The text's formula in float64."""
    keys, values = (np.repeat(x.astype(np.float64), 2, axis=1) for x in (k, v))
    scores = score(q.astype(np.float64) @ keys.swapaxes(2, 3) * scale)
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return prob(e / e.sum(-1, keepdims=True)) @ values


MODS = [
    ("", "", {}, {}),
    ("", "", {"scale": 0.25}, {"scale": 0.25}),
    ("{ y = Add (x, w) }", "", {}, {}),
    ("{ y = Mul (x, w) }", "{ y = Mul (x, w) }", {}, {"score": lambda s: s * 3, "prob": lambda p: p * 3}),
    ("", "{ z = Mul (x, x) y = Add (z, w) }", {}, {"prob": lambda p: p * p + 3}),
]


@pytest.mark.parametrize(("score", "prob", "attributes", "formula"), MODS)
@pytest.mark.parametrize("dtype", ["FLOAT16", "BFLOAT16", "FLOAT", "DOUBLE"])
def test_graphs_stand_between_the_steps_of_attention(score, prob, attributes, formula, dtype):
    code = TensorProto.DataType.Value(dtype)
    kind = h.tensor_dtype_to_np_dtype(code)
    module = interlingua.load(flex(score, prob, dtype=code, **attributes))
    assert any(isinstance(n.op, Attention) for n in module.walk()) is not (bool(score) or bool(prob))
    inputs = {name: RNG.standard_normal(shape).astype(kind) for name, shape in SHAPES.items()}
    w = np.array(3, np.float64 if dtype == "DOUBLE" else np.float32)
    got = interlingua.evaluate(module, {**inputs, "w": w})["out"]
    want = exact(*inputs.values(), **formula)
    eps = {"FLOAT16": 2**-10, "BFLOAT16": 2**-7, "FLOAT": 2**-23, "DOUBLE": 2**-52}[dtype]
    assert got.dtype == kind and np.abs(got.astype(np.float64) - want).max() <= 8 * eps * np.abs(want).max()


def test_the_softmax_is_as_precise_as_it_says():
    module = interlingua.load(flex("{ y = Neg (x) }", softmax_precision=TensorProto.FLOAT16))
    softmax = next(n for n in module.walk() if n.op.name == "nn.softmax")
    assert str(softmax.result.tensor.dtype) == "f16" and str(module.main.outputs[0].tensor.dtype) == "f32"


def linear(operands: str, **attributes: Any) -> onnx.ModelProto:
    proto = onnx.parser.parse_model(
        '<ir_version: 13, opset_import: ["" : 27]> g (float[2, t, 12] q, float[2, t, 6] k, float[2, t, 4] v, '
        "float[2, 2, 3, 2] s, float[2, t, 6] d, float[2, t, 1] b) => (float[2, t, 8] y, float[2, 2, 3, 2] p) "
        f"{{ y, p = LinearAttention <q_num_heads = 4, kv_num_heads = 2> ({operands}) }}"
    )
    proto.graph.node[0].attribute.extend(h.make_attribute(k, v) for k, v in attributes.items())
    return proto


@pytest.mark.parametrize(
    ("operands", "rule", "message"),
    [
        ("q, k, v", "gated", "needs decay"),
        ("q, k, v, , d", "linear", "takes no decay"),
        ("q, k, v, , d", "gated_delta", "needs beta"),
        ("q, k, v, , , b", "linear", "takes no beta"),
        ("q, k, v", "quadratic", "no update_rule"),
    ],
)
def test_an_update_rule_takes_what_it_reads(operands, rule, message):
    with pytest.raises(InvalidModel, match=message):
        interlingua.load(linear(operands, update_rule=rule))


def test_heads_are_packed_and_unpacked_for_any_number_of_steps():
    module = interlingua.load(linear("q, k, v, s, d, b"))
    assert [str(v.type) for v in module.main.outputs] == ["f32[2, t, 8]", "f32[2, 2, 3, 2]"]
