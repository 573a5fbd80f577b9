"""Models with several signatures: each is read, run and converted as LiteRT calls it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import interlingua
from interlingua.errors import RuntimeRefused, UsageError
from interlingua.ir.dtypes import DType
from interlingua.report import Verdict
from interlingua.runtimes.litert import RESOLVERS, LiteRtRunner
from support.derived import check_derived
from support.litert_cases import noise
from support.litert_models import Model

OPEN = (-1, 3)


def several(*, main: str = "encode") -> bytes:
    """Two subgraphs, and four signatures of them whose names are in no order of the alphabet."""
    model = Model()
    graph, inner = model.subgraph(), model.subgraph()
    x, y = graph.input("enc_x:0", (2, 3)), graph.input("enc_y:0", (1, 3))
    total, difference = graph.tensor("s", (2, 3)), graph.tensor("d", (2, 3))
    graph.op("ADD", [x, y], [total], ("AddOptions", {}))
    graph.op("SUB", [x, y], [difference], ("SubOptions", {}))
    graph.outputs = [difference, total]
    model.signature(main, {"z": x, "a": y}, {"sum": total, "difference": difference}, 0)
    model.signature("twice", {"z": x, "a": y}, {"sum": total, "again": total}, 0)
    given = inner.input("dec_x:0", (1, 3), signature=OPEN)
    negative, square = (inner.tensor(name, (1, 3), signature=OPEN) for name in "nq")
    inner.op("NEG", [given], [negative])
    inner.op("SQUARE", [given], [square])
    extents = inner.tensor("e", (2,), DType.I32)
    inner.op("SHAPE", [given], [extents], ("ShapeOptions", {"out_type": 2}))
    inner.outputs = [square, negative, extents]
    model.signature("decode", {"x": given}, {"negative": negative, "square": square, "extents": extents}, 1)
    model.signature("part", {"x": given}, {"negative": negative}, 1)
    return model.pack()


DATA = several()
X, Y = noise(2, 3), noise(1, 3)
FED = {"encode": {"z": X, "a": Y}, "twice": {"z": X, "a": Y}, "decode": {"x": X}, "part": {"x": X}}
OUTPUTS = {
    "encode": ["difference", "sum"],
    "twice": ["sum", "again"],
    "decode": ["square", "negative", "extents"],
    "part": ["negative"],
}


def called(key: str, fed: dict[str, Any]) -> dict[str, Any]:
    from ai_edge_litert.interpreter import Interpreter

    found: dict[str, Any] = Interpreter(model_content=DATA).get_signature_runner(key)(**fed)
    return found


@pytest.mark.parametrize("key", FED)
def test_as_the_interpreter_calls_it(key: str) -> None:
    module = interlingua.load(DATA, signature=key)
    assert module.input_names == list(FED[key])
    assert module.output_names == OUTPUTS[key]
    assert module.metadata["signature"] == key
    own, wanted = interlingua.evaluate(module, FED[key]), called(key, FED[key])
    for name in OUTPUTS[key]:
        np.testing.assert_array_equal(own[name], wanted[name])


@pytest.mark.parametrize("key", FED)
@pytest.mark.parametrize("kernels", RESOLVERS)
def test_the_runner_keeps_the_order_of_the_subgraph(key: str, kernels: Any) -> None:
    (outcome,) = LiteRtRunner(DATA, kernels=kernels, signature=key).run([FED[key]])
    assert outcome.outputs is not None, outcome.error
    assert list(outcome.outputs) == OUTPUTS[key]
    for name, value in called(key, FED[key]).items():
        np.testing.assert_array_equal(outcome.outputs[name], value)


def test_empty_outputs_of_another_subgraph_leave_the_others_theirs() -> None:
    (outcome,) = LiteRtRunner(DATA, signature="decode").run([{"x": np.zeros((0, 3), np.float32)}])
    assert outcome.outputs is not None, outcome.error
    square, negative, extents = outcome.outputs.values()
    assert square.shape == negative.shape == (0, 3)
    assert extents.tolist() == [0, 3]


@pytest.mark.parametrize("key", FED)
@pytest.mark.parametrize("to", ["onnx", "litert"])
def test_converted(key: str, to: str) -> None:
    conversion = interlingua.convert(DATA, to=to, signature=key)
    assert conversion.verdict is Verdict.VERIFIED, conversion.report
    found = conversion.run(FED[key])
    assert list(found) == OUTPUTS[key]
    module, wanted = interlingua.load(DATA, signature=key), called(key, FED[key])
    for outputs in (found, {name: wanted[name] for name in OUTPUTS[key]}):
        check_derived(module, FED[key], outputs)


def test_converted_from_a_file_and_run_again(tmp_path: Any) -> None:
    source, target = tmp_path / "several.tflite", tmp_path / "decode.onnx"
    source.write_bytes(DATA)
    assert interlingua.convert(source, to="onnx", signature="decode", output=target).verdict is Verdict.VERIFIED
    assert interlingua.load(target).output_names == OUTPUTS["decode"]


def test_which_one_has_to_be_said_unless_it_is_the_default() -> None:
    with pytest.raises(UsageError, match="4 signatures"):
        interlingua.convert(DATA, to="onnx")
    with pytest.raises(UsageError, match="no signature 'other'"):
        interlingua.convert(DATA, to="onnx", signature="other")
    with pytest.raises(RuntimeRefused, match="4 signatures"):
        LiteRtRunner(DATA).run([FED["encode"]])
    default = several(main="serving_default")
    assert interlingua.load(default).output_names == OUTPUTS["encode"]
    (outcome,) = LiteRtRunner(default).run([FED["encode"]])
    assert outcome.outputs is not None, outcome.error
    assert list(outcome.outputs) == OUTPUTS["encode"]
