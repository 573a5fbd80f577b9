"""Ops of domains that nothing here knows: kept, printed, and refused by name where something would compute them."""

from __future__ import annotations

import json

import numpy as np
import onnx
import onnx.parser
import pytest

import interlingua
from interlingua.errors import UnsupportedOps
from interlingua.ir.ops.opaque import Opaque

HEAD = '<ir_version: 8, opset_import: ["": 18, "ai.onnx.ml": 3, "own": 7]>'


def model(text: str) -> onnx.ModelProto:
    return onnx.parser.parse_model(f"{HEAD} {text}")


CLASSIFIER = """g (float[n, 3] x) => (float[n, 3] y, int64[n] l) {
    s = ai.onnx.ml.Scaler <offset = [1.5, 0.1, 0.0], scale = [2.0, 1.0, 1.0]> (x)
    y = Neg (s)
    l, p = ai.onnx.ml.LinearClassifier <coefficients = [1.0, 2.0, 3.0], classlabels_ints = [4, 5]> (s)
}"""


def opaque(module: interlingua.Module) -> list[Opaque]:
    return [node.op for node in module.walk() if isinstance(node.op, Opaque)]


def test_ops_for_classical_models_are_kept_with_their_attributes() -> None:
    module = interlingua.load(model(CLASSIFIER))
    first, second = opaque(module)
    assert (first.label, first.version, first.results) == ("ai.onnx.ml:Scaler", 1, ("f32[*]",))
    assert json.loads(first.settings) == {"offset": [1.5, float(np.float32(0.1)), 0.0], "scale": [2.0, 1.0, 1.0]}
    assert second.results[0] == "i64[n]"
    assert second.results[1].startswith("f32")


def test_they_are_printed_saved_and_read_again(tmp_path) -> None:
    module = interlingua.load(model(CLASSIFIER))
    interlingua.save(module, tmp_path / "m.il")
    assert str(interlingua.load(tmp_path / "m.il")) == str(module)


def test_check_names_all_of_them_with_their_places() -> None:
    report = interlingua.check(model(CLASSIFIER), to="onnx")
    assert report.verdict is interlingua.Verdict.UNSUPPORTED
    assert report.unsupported == {
        "ai.onnx.ml:LinearClassifier: no lowering": ["l (LinearClassifier)"],
        "ai.onnx.ml:Scaler: no lowering": ["s (Scaler)"],
    }


@pytest.mark.parametrize("backend", ["onnx", "numpy"])
def test_no_backend_of_ours_takes_them(backend: str) -> None:
    with pytest.raises(UnsupportedOps, match=r"ai\.onnx\.ml:Scaler") as caught:
        interlingua.convert(model(CLASSIFIER), to=backend)
    assert len(caught.value.refusals) == 2


def test_evaluation_refuses_all_at_once() -> None:
    module = interlingua.load(model(CLASSIFIER))
    with pytest.raises(UnsupportedOps) as caught:
        interlingua.evaluate(module, [np.ones((2, 3), np.float32)])
    assert [r.op for r in caught.value.refusals] == ["ai.onnx.ml:Scaler", "ai.onnx.ml:LinearClassifier"]


def test_what_gives_the_same_is_not_merged_and_nothing_is_folded() -> None:
    text = (
        "g () => (float[2] y) { c = Constant <value = float[2] {1, 2}> () a = own.F (c) b = own.F (c) y = Add (a, b) }"
    )
    proto = model(text)
    for name in "ab":
        proto.graph.value_info.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [2]))
    assert len(opaque(interlingua.optimize(interlingua.load(proto)))) == 2


def test_an_unknown_op_is_typed_by_the_model() -> None:
    proto = model(
        'g (float["n", 3] x) => (float[k, "n", 2] y) { y = own.F <mode = "odd", k = 2> (x, , x) }'.replace('"n"', "n")
    )
    module = interlingua.load(proto)
    (found,) = opaque(module)
    assert (found.version, found.results) == (7, ('f32["?", n, 2]',))  # k is no dim of an input
    assert str(module.main.outputs[0].type) == "f32[u0, n, 2]"
    assert module.main.outputs[0].node is not None
    assert module.main.outputs[0].node.operands[1] is None


def test_tensors_among_the_attributes_are_kept() -> None:
    proto = model("g (float[2] x) => (float[2] y) { y = own.F <w = float[2] {1, -0.0}> (x) }")
    (found,) = opaque(interlingua.load(proto))
    assert json.loads(found.settings) == {"w": {"tensor": 0}}
    assert np.signbit(found.tensors[0].view()[1])


def test_a_result_of_which_nothing_tells_the_type_is_refused_with_what_was_kept() -> None:
    text = "g (float[2] x) => (float[2] y) { a = ai.onnx.ml.Scaler (x) b = own.F (a) y = Neg (b) }"
    with pytest.raises(UnsupportedOps) as caught:
        interlingua.load(model(text))
    assert [r.op for r in caught.value.refusals] == ["ai.onnx.ml:Scaler", "own:F"]


def test_maps_and_graphs_cannot_be_kept() -> None:
    text = "g (float[2] x) => (float[2] y) { m = ai.onnx.ml.ZipMap <classlabels_int64s = [1, 2]> (x) y = Neg (x) }"
    with pytest.raises(UnsupportedOps, match="ZipMap: no translation"):
        interlingua.load(model(text))
    text = "g (float[2] x) => (float[2] y) { y = own.F <body = b () => (float[2] p) { p = Neg (x) }> (x) }"
    with pytest.raises(UnsupportedOps, match="own:F: no translation"):
        interlingua.load(model(text))


def test_an_op_of_onnx_itself_is_never_opaque() -> None:
    proto = model("g (float[2] x) => (float[2] y) { y = Neg (x) }")
    proto.graph.node[0].op_type = "Nonsense"
    with pytest.raises(interlingua.errors.InterlinguaError):
        interlingua.load(proto)
