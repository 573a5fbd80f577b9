"""Products of bytes do not saturate, on any CPU: in no source and no artifact; a report says where they would."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import interlingua
from interlingua.report import Verdict
from interlingua.runtimes import onnxruntime
from interlingua.runtimes.codec import same
from interlingua.runtimes.onnxbytes import raised, saturates
from interlingua.runtimes.onnxruntime import SATURATED, Exact, open_model
from support.contrib import Case

F = np.float32
ONE, EIGHTH = F(1), F(1 / 8)
A, B = np.full((1, 6), 255, np.uint8), np.full((6, 2), 127, np.int8)
IMAGE, KERNEL = np.full((1, 4, 3, 3), 255, np.uint8), np.full((2, 4, 3, 3), 127, np.int8)
TOTAL, PIXEL = 6 * 255 * 127, 36 * 255 * 127
U, S = np.uint8(0), np.int8(0)
AS_INT, AS_BYTE = {"outputs": ["int32"]}, {"outputs": ["uint8"]}
CASES = [
    (Case("MatMulInteger", [A, B], domain="", **AS_INT), TOTAL),
    (Case("MatMulInteger", [A, B, np.uint8(5), np.int8(-1)], domain="", **AS_INT), 6 * 250 * 128),
    (Case("QLinearMatMul", [A, ONE, U, B, ONE, S, F(TOTAL / 100), U], domain="", **AS_BYTE), 100),
    (Case("QLinearConv", [IMAGE, ONE, U, KERNEL, ONE, S, F(PIXEL / 100), U], domain="", **AS_BYTE), 100),
    (Case("ConvInteger", [KERNEL[:1], np.full((2, 4, 3, 3), 255, np.uint8)], domain="", **AS_INT), PIXEL),
    (Case("QGemm", [A, ONE, U, B, ONE, S]), TOTAL),
    (Case("MatMulIntegerToFloat", [A, B, ONE, ONE]), TOTAL),
    (Case("DynamicQuantizeMatMul", [A.astype(F), B, ONE]), TOTAL),
]
cases = pytest.mark.parametrize(("case", "want"), CASES, ids=[c.op + "-" * (i == 1) for i, (c, _) in enumerate(CASES)])


def stored(case: Case, folder: Any, constants: bool) -> tuple[str, dict[str, Any]]:
    """A file of the case and its inputs; the first operand is always one."""
    fixed = range(1, len(case.operands)) if constants else ()
    model = Case(case.op, case.operands, case.attributes, fixed, case.outputs, case.domain)
    onnx.save(model.model(), folder / "model.onnx")
    return str(folder / "model.onnx"), model.inputs


@cases
@pytest.mark.parametrize("constants", [True, False])
@pytest.mark.parametrize("optimize", [True, False])
def test_nothing_saturates(case, want, constants, optimize, tmp_path):
    path, inputs = stored(case, tmp_path, constants)
    (y,) = open_model(path, optimize)(inputs).values()
    assert y.reshape(-1)[0] == want


@cases
def test_a_raised_model_computes_the_same(case, want, tmp_path):
    """On a CPU that does not saturate, too, where nothing is raised otherwise."""
    model = raised(case.model())
    assert model is not None
    onnx.save(model, tmp_path / "raised.onnx")
    (y,) = open_model(str(tmp_path / "raised.onnx"), False)(case.inputs).values()
    assert y.reshape(-1)[0] == want
    assert raised(model) is None


@pytest.mark.parametrize("a", [A, A.astype(np.int8)])
def test_products_of_one_sign_are_left_alone(a):
    b = B.astype(a.dtype)
    assert raised(Case("MatMulInteger", [a, b], domain="", outputs=["int32"]).model()) is None


def test_the_probe_is_what_the_runtime_gives():
    """The kernel itself, without any of this."""
    import onnxruntime as ort

    session = ort.InferenceSession(CASES[0][0].model().SerializeToString(), providers=["CPUExecutionProvider"])
    (y,) = session.run(None, CASES[0][0].inputs)
    assert saturates() == (int(y[0, 0]) != TOTAL)


def test_bodies_and_functions_are_raised_too(tmp_path):
    text = """<ir_version: 10, opset_import: ["": 20, "own": 1]>
        g (bool c, uint8[1,6] a, int8[6,2] b) => (int32[1,2] y, int32[1,2] z) {
            y = If(c) <
                then_branch = t () => (int32[1,2] p) { p = MatMulInteger(a, b) },
                else_branch = e () => (int32[1,2] q) { q = MatMulInteger(a, b) }
            >
            z = own.F(a, b)
        }
        <domain: "own", opset_import: ["": 20]> F (a, b) => (y) { y = MatMulInteger(a, b) }"""
    model = onnx.parser.parse_model(text)
    found = raised(model)
    assert found is not None
    onnx.save(found, tmp_path / "model.onnx")
    outputs = open_model(str(tmp_path / "model.onnx"), False)({"c": np.array(False), "a": A, "b": B})
    assert [outputs[n].tolist() for n in "yz"] == [[[TOTAL, TOTAL]]] * 2


def test_weights_beside_the_model_are_found(tmp_path):
    case = CASES[0][0]
    model = Case(case.op, case.operands, {}, [1], case.outputs, case.domain).model()
    onnx.save(model, tmp_path / "m.onnx", save_as_external_data=True, location="w", size_threshold=0)
    for optimize in (True, False):
        (y,) = open_model(str(tmp_path / "m.onnx"), optimize)({"x0": A}).values()
        assert y.tolist() == [[TOTAL, TOTAL]]


def dense(weight: int) -> onnx.ModelProto:
    """A dense layer between levels, as quantizing tools write it: ONNX Runtime makes a product of bytes of it."""
    make = helper.make_node
    weights = {"s": EIGHTH, "z": U, "w": np.full((6, 2), weight, np.int8), "zw": S}
    nodes = [
        make("QuantizeLinear", ["x", "s", "z"], ["q"]),
        make("DequantizeLinear", ["q", "s", "z"], ["d"]),
        make("DequantizeLinear", ["w", "s", "zw"], ["v"]),
        make("MatMul", ["d", "v"], ["y"]),
    ]
    ports = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, k]) for n, k in (("x", 6), ("y", 2))]
    fixed = [onnx.numpy_helper.from_array(np.asarray(v), n) for n, v in weights.items()]
    graph = helper.make_graph(nodes, "g", ports[:1], ports[1:], fixed)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


@pytest.mark.parametrize(("weight", "differs"), [(127, True), (64, False)])
def test_the_verdict_is_about_the_model_and_the_report_names_the_cpu(weight, differs, tmp_path):
    examples = [{"x": np.full((1, 6), 255 / 8, F)}]
    made = interlingua.convert(dense(weight), to="onnx", output=tmp_path / "m.onnx", examples=examples)
    assert made.report.verdict is Verdict.VERIFIED
    assert (SATURATED in made.report.notes) == (differs and saturates())


def test_a_caveat_needs_a_difference(tmp_path):
    """Also on a CPU where ONNX Runtime is exact by itself: the runtime's own session is played by another model."""
    one, other = (onnxruntime.open_model(_scaled(tmp_path, by), True) for by in (2, -2))
    assert isinstance(one, partial) and isinstance(other, partial)
    both = Exact(one.args[0], other.args[0])
    for x in (F(1), F(0)):
        assert both({"x": x})["y"].tobytes() == (x * F(2)).tobytes()
        assert both.caveat == SATURATED
    alike = Exact(one.args[0], one.args[0])
    for x in (F(1), F(np.nan)):
        alike({"x": x})
        assert alike.caveat == ""


def _scaled(folder: Any, by: float) -> str:
    text = f"""<ir_version: 10, opset_import: ["": 20]>
        g (float x) => (float y) {{ c = Constant<value_float={by}.0>() y = Mul(x, c) }}"""
    onnx.save(onnx.parser.parse_model(text), folder / f"{by}.onnx")
    return str(folder / f"{by}.onnx")


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        ({"y": [F(1)], "n": None}, {"y": [F(1)], "n": None}, True),
        ({"y": np.zeros(2)}, {"y": np.array([0.0, -0.0])}, False),
        ([F(1)], [F(1), F(1)], False),
        (None, F(0), False),
        (np.zeros((2, 1)), np.zeros((1, 2)), False),
        (np.array(["a"], object), np.array(["a"], object), True),
        (np.array(["a"], object), np.array(["b"], object), False),
    ],
)
def test_sameness_is_to_the_bit(a, b, alike):
    assert same(a, b) == alike
