"""Recurrent layers: converted and verified, and the same from run to run in one interpreter.

LiteRT's own kernels of them keep their state (docs/decisions/0013-recurrent-kernels.md).
"""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import interlingua
from interlingua.report import Verdict
from interlingua.runtimes.litert import RESOLVERS

BATCH, FEATURES, HIDDEN = 2, 3, 5
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
LENGTHS = (7, 50)
"""Steps that are unrolled, and a loop with a rest."""
LAYERS = [
    ("RNN", {}),
    ("RNN", {"direction": "reverse"}),
    ("GRU", {}),
    ("GRU", {"linear_before_reset": 1, "direction": "bidirectional"}),
    ("LSTM", {}),
    ("LSTM", {"direction": "reverse"}),
    ("LSTM", {"direction": "bidirectional"}),
    ("LSTM", {"input_forget": 1, "clip": 0.5}),
]
EXTRA = ("lengths", "states", "peepholes")


def model(kind, time, extra=(), **attributes):
    """A layer with constant weights over (time, batch, features)."""
    rng = np.random.default_rng(time)
    count, gates = 2 if attributes.get("direction") == "bidirectional" else 1, GATES[kind] * HIDDEN
    shapes = {"w": (count, gates, FEATURES), "r": (count, gates, HIDDEN), "b": (count, 2 * gates)}
    state = (count, BATCH, HIDDEN)
    if "states" in extra:
        shapes |= {"h": state} | ({"c": state} if kind == "LSTM" else {})
    if "peepholes" in extra:
        shapes["p"] = (count, 3 * HIDDEN)
    held = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    if "lengths" in extra:
        held["l"] = np.array([time, max(1, time // 2)], np.int32)
    names = [n if n in held or n == "x" else "" for n in ("x", "w", "r", "b", "l", "h", "c", "p")]
    results = {"y": (time, count, BATCH, HIDDEN), "y_h": state} | ({"y_c": state} if kind == "LSTM" else {})
    node = helper.make_node(
        kind, names[: None if kind == "LSTM" else 6], list(results), hidden_size=HIDDEN, **attributes
    )
    graph = helper.make_graph(
        [node], "layer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (time, BATCH, FEATURES))],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in results.items()],
        [numpy_helper.from_array(a, n) for n, a in held.items()],
    )  # fmt: skip
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 8
    onnx.checker.check_model(made)
    return made


def interpreter(path, kernels):
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    resolver = OpResolverType[RESOLVERS[kernels]]
    made = Interpreter(model_path=str(path), num_threads=1, experimental_op_resolver_type=resolver)
    made.allocate_tensors()
    return made


def outputs(model, x):
    """Of one more run: nothing is reset before it."""
    model.set_tensor(model.get_input_details()[0]["index"], x)
    model.invoke()
    return [model.get_tensor(d["index"]) for d in model.get_output_details()]


@pytest.mark.parametrize("time", LENGTHS)
@pytest.mark.parametrize(("kind", "attributes"), LAYERS)
def test_layers_are_the_same_in_every_run(kind, attributes, time, tmp_path):
    path = tmp_path / "model.tflite"
    report = interlingua.convert(model(kind, time, **attributes), to="litert", output=path).report
    assert report.verdict is Verdict.VERIFIED, str(report)
    x = np.random.default_rng(1).standard_normal((time, BATCH, FEATURES)).astype(np.float32)
    for kernels in RESOLVERS:
        once = interpreter(path, kernels)
        first = outputs(once, x)
        outputs(once, np.full_like(x, np.nan))
        for a, b in zip(first, outputs(once, x), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("time", LENGTHS)
@pytest.mark.parametrize(("kind", "extra"), [
    ("RNN", {"lengths"}), ("GRU", {"lengths", "states"}), ("LSTM", {"lengths"}), ("LSTM", {"states", "peepholes"}),
    ("LSTM", set(EXTRA)),
])  # fmt: skip
def test_layers_with_lengths_states_and_peepholes(kind, extra, time, tmp_path):
    made = model(kind, time, extra, direction="bidirectional")
    report = interlingua.convert(made, to="litert", output=tmp_path / "model.tflite").report
    assert report.verdict is Verdict.VERIFIED, str(report)


@pytest.mark.parametrize("kernels", RESOLVERS)
def test_what_is_no_number_stays_none(kernels, tmp_path):
    """LiteRT's own kernel of sequences makes numbers of it."""
    path = tmp_path / "model.tflite"
    interlingua.convert(model("LSTM", 6), to="litert", output=path)
    x = np.zeros((6, BATCH, FEATURES), np.float32)
    x[2, 0] = np.nan
    found = np.isnan(outputs(interpreter(path, kernels), x)[0])
    due = np.zeros_like(found)
    due[2:, :, 0] = True
    np.testing.assert_array_equal(found, due)
