"""Model-local functions: what they compute takes the place of their calls."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import onnx.parser
import pytest

import interlingua
from interlingua.errors import InvalidModel

X = np.array([[1.0, -2.0]], np.float32)
F = '<domain: "local", opset_import: ["": 18, "local": 1]>'
CALL = "g (float[1, 2] x) => (float[1, 2] y) { y = local.f (x) }"


def model(text: str, *, ir: int = 8, change: Callable[[onnx.ModelProto], None] | None = None) -> onnx.ModelProto:
    head = f'<ir_version: {ir}, opset_import: ["": 18, "local": 1]>'
    proto = onnx.parser.parse_model(f"{head} {text.replace('FUNCTION', F)}")
    if change is not None:
        change(proto)
    return proto


def run(proto: onnx.ModelProto, *inputs: np.ndarray) -> list[list[float]]:
    return interlingua.evaluate(interlingua.load(proto), inputs or (X,))["y"].tolist()


SCALED = "FUNCTION f <k: float = 5.0> (a) => (b) { c = Constant <value_float: float = @k> () b = Mul (a, c) }"


@pytest.mark.parametrize(
    ("call", "wanted"),
    [("local.f (x)", [[5.0, -10.0]]), ("local.f <k = 2.0> (x)", [[2.0, -4.0]])],
)
def test_an_attribute_has_its_default_or_what_the_call_gives(call: str, wanted: list[list[float]]) -> None:
    assert run(model(CALL.replace("local.f (x)", call) + SCALED)) == wanted


def test_a_default_is_not_that_of_the_op_inside() -> None:
    leaky = "FUNCTION f <k: float = 0.5> (a) => (b) { b = LeakyRelu <alpha: float = @k> (a) }"
    assert run(model(CALL + leaky)) == [[1.0, -1.0]]


def test_an_attribute_that_nobody_gives_is_left_to_the_op_inside() -> None:
    leaky = "FUNCTION f <k> (a) => (b) { b = LeakyRelu <alpha: float = @k> (a) }"
    assert run(model(CALL + leaky)) == [[1.0, float(np.float32(0.01) * np.float32(-2))]]


def test_attributes_pass_through_calls_of_calls() -> None:
    outer = "FUNCTION f <m: float = 3.0> (a) => (b) { b = local.g <k: float = @m> (a) }"
    inner = SCALED.replace("f <k", "g <k")
    assert run(model(CALL + outer + inner)) == [[3.0, -6.0]]


def test_functions_of_one_name_are_told_apart_by_their_overload() -> None:
    def overload(proto: onnx.ModelProto) -> None:
        for name, function, node in zip("ab", proto.functions, proto.graph.node, strict=True):
            function.name, function.overload = "f", name
            node.op_type, node.overload = "f", name

    text = (
        "g (float[1, 2] x) => (float[1, 2] y) { z = local.f (x) y = local.h (z) } FUNCTION f (a) => (b) { b = Neg (a) }"
        " FUNCTION h (a) => (b) { b = Add (a, a) }"
    )
    assert run(model(text, ir=10, change=overload)) == [[-2.0, 4.0]]

    def unknown(proto: onnx.ModelProto) -> None:
        overload(proto)
        proto.graph.node[1].overload = "c"

    with pytest.raises(InvalidModel, match="overload 'c' of function 'f'"):
        interlingua.load(model(text, ir=10, change=unknown))


def test_a_domain_that_only_a_function_imports() -> None:
    body = '<domain: "local", opset_import: ["": 18, "com.microsoft": 1]> f (a) => (b) { b = com.microsoft.Gelu (a) }'
    assert run(model(CALL + body))[0][0] == pytest.approx(0.8413447)
    other = '<domain: "local", opset_import: ["": 18, "com.microsoft": 2]> h (a) => (b) { b = Neg (a) }'
    with pytest.raises(InvalidModel, match=r"com\.microsoft"):
        interlingua.load(model(CALL + body + other))


def test_a_function_of_an_opset_that_says_something_else_is_refused() -> None:
    body = '<domain: "local", opset_import: ["": 12]> f (a) => (b) { b = Softmax (a) }'
    with pytest.raises(InvalidModel, match="Opset import"):
        interlingua.load(model(CALL + body))


def test_names_inside_and_outside_do_not_meet_and_scopes_tell_where_a_node_was() -> None:
    text = (
        "g (float[1, 2] x) => (float[1, 2] y) { c = Neg (x) d = local.f (x) e = local.f (d) y = Add (c, e) }"
        " FUNCTION f (a) => (b) { c = Add (a, a) b = Abs (c) }"
    )
    module = interlingua.load(model(text))
    assert interlingua.evaluate(module, [X])["y"].tolist() == [[3.0, 10.0]]
    assert [(n.op.name, n.scope) for n in module.walk()] == [
        ("core.neg", ""),
        ("core.add", "f"),
        ("core.abs", "f"),
        ("core.add", "f"),
        ("core.abs", "f"),
        ("core.add", ""),
    ]


@pytest.mark.parametrize("taken", [True, False])
def test_functions_in_branches_and_branches_in_functions(taken: bool) -> None:
    text = """g (float[1, 2] x, bool c) => (float[1, 2] y) { z = local.f (x, c)
        y = If (c) <then_branch = t () => (float[1, 2] o) { o = local.h (z) },
                    else_branch = e () => (float[1, 2] o) { o = Neg (z) }> }
        FUNCTION f (a, c) => (b) { k = Neg (a)
        b = If (c) <then_branch = t () => (float[1, 2] o) { o = local.h (k) },
                    else_branch = e () => (float[1, 2] o) { o = Identity (k) }> }
        FUNCTION h (a) => (b) { b = Add (a, a) }"""
    assert run(model(text), X, np.array(taken)) == (-4 * X if taken else X).tolist()


def test_inputs_that_are_left_out_and_outputs_that_nobody_takes() -> None:
    text = (
        "g (float[1, 2] x) => (float[1, 2] y) { y, unused = local.f (x) }"
        " FUNCTION f (a, low) => (b, d) { b = Clip (a, low) d = Neg (b) }"
    )
    assert run(model(text)) == X.tolist()


def test_the_conversion_is_verified_and_the_source_is_left_alone() -> None:
    proto = model(CALL + SCALED)
    before = proto.SerializeToString()
    report = interlingua.convert(proto, to="onnx").report
    assert report.verdict is interlingua.Verdict.VERIFIED, str(report)
    assert proto.SerializeToString() == before
