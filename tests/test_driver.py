"""The Python doors."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import helper

import interlingua
from interlingua import driver
from interlingua.backends.onnx.backend import OnnxBackend
from interlingua.errors import EvaluationError, UnsupportedOps, UsageError, VerificationFailed
from interlingua.report import Verdict
from interlingua.runtimes.base import Outcome, Runner
from support.models import info, mlp, model

X = np.linspace(-1, 1, 8, dtype=np.float32).reshape(2, 4)


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "source.onnx"
    onnx.save(mlp(), file)
    return file


@pytest.mark.parametrize("form", ["path", "str", "bytes", "proto", "module"])
def test_a_model_is_loaded_from_any_form(form, path):
    forms = {
        "path": lambda: path,
        "str": lambda: str(path),
        "bytes": path.read_bytes,
        "proto": mlp,
        "module": lambda: interlingua.load(path),
    }
    module = interlingua.load(forms[form]())
    assert module.input_names == ["x"]
    assert interlingua.evaluate(module, [X])["y"].shape == (2, 3)


def test_inputs_are_a_mapping_or_a_sequence(path):
    module = interlingua.load(path)
    by_name = interlingua.evaluate(module, {"x": X})
    in_order = interlingua.evaluate(module, [X])
    assert list(by_name) == ["y"]
    assert np.array_equal(by_name["y"], in_order["y"])
    assert interlingua.evaluate(module, {"x": X}, precision="float64")["y"].dtype == np.float64


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"z": X}, "no input 'z'"),
        ({}, "missing"),
        ([X, X], "1 input"),
        ({"x": X.astype(np.int64)}, "f32"),
        ({"x": X[0]}, "shape"),
    ],
)
def test_wrong_inputs_are_said(inputs, says, path):
    with pytest.raises(EvaluationError, match=says):
        interlingua.evaluate(interlingua.load(path), inputs)


@pytest.mark.parametrize("to", ["onnx", "numpy"])
def test_convert_verifies_and_hands_over(to, path, tmp_path):
    output = tmp_path / "out" / f"model.{to}"
    output.parent.mkdir()
    conversion = interlingua.convert(path, to=to, output=output)
    assert conversion.verdict is Verdict.VERIFIED
    assert conversion.artifact == output
    assert [p.name for p in output.parent.iterdir()] == [output.name]
    assert np.allclose(conversion.run([X])["y"], interlingua.evaluate(interlingua.load(path), [X])["y"])
    json.dumps(conversion.report.to_dict())


def test_without_an_output_the_artifact_lives_with_the_result(path, tmp_path):
    conversion = interlingua.convert(path, to="onnx")
    assert conversion.artifact.is_file()
    saved = conversion.save(tmp_path / "kept.onnx")
    assert saved.read_bytes() == conversion.artifact.read_bytes()


def test_names_and_sizes_can_be_given(path, tmp_path):
    conversion = interlingua.convert(
        path,
        to="onnx",
        output=tmp_path / "m.onnx",
        input_names=["image"],
        output_names=["p"],
        dynamic_shapes={"x": (7, 4)},
    )
    assert conversion.verdict is Verdict.VERIFIED
    graph = onnx.load(conversion.artifact).graph
    assert [d.dim_value for d in graph.input[0].type.tensor_type.shape.dim] == [7, 4]
    assert (graph.input[0].name, graph.output[0].name) == ("image", "p")


@pytest.mark.parametrize("opset", [13, 17, 21])
def test_the_opset_is_chosen_at_emission(opset, path, tmp_path):
    conversion = interlingua.convert(path, to="onnx", output=tmp_path / "m.onnx", opset=opset)
    assert conversion.verdict is Verdict.VERIFIED
    assert onnx.load(conversion.artifact).opset_import[0].version == opset


@pytest.mark.parametrize(
    "options",
    [
        {"to": "nowhere"},
        {"to": "onnx", "opset": 12},
        {"to": "onnx", "opset": 10_000},
        {"to": "onnx", "colour": "red"},
        {"to": "numpy", "opset": 17},
        {"to": "onnx", "passes": "nope"},
        {"to": "onnx", "input_names": ["a", "b"]},
        {"to": "onnx", "dynamic_shapes": {"nope": (1,)}},
        {"to": "onnx", "dynamic_shapes": {"x": (1, 2, 3)}},
        {"to": "onnx", "output": "/no/such/folder/m.onnx"},
    ],
)
def test_wrong_arguments_are_usage_errors_with_a_hint(options, path):
    with pytest.raises(UsageError) as caught:
        interlingua.convert(path, **options)
    assert caught.value.hint or caught.value.what


def test_a_model_that_is_not_there_is_a_usage_error():
    with pytest.raises(UsageError, match="no file"):
        interlingua.load("missing.onnx")
    with pytest.raises(UsageError, match="no frontend"):
        interlingua.load("model.xyz")


class Wrong(Runner):
    description = "a runtime that is off by a little"

    def __init__(self, inner):
        self.inner = inner

    def run(self, batches, *, timeout=300.0):
        found = self.inner.run(batches, timeout=timeout)
        return [replace(o, outputs={n: v * np.float32(1.001) for n, v in o.outputs.items()}) for o in found]


class Crashing(Runner):
    description = "a runtime that fails"

    def run(self, batches, *, timeout=300.0):
        return [Outcome(None, "boom") for _ in batches]


@pytest.mark.parametrize(
    ("runner", "verdict"), [(lambda inner: Wrong(inner), Verdict.MISMATCH), (lambda _: Crashing(), Verdict.CRASH)]
)
def test_a_failed_verification_writes_nothing_unless_allowed(runner, verdict, path, tmp_path, monkeypatch):
    honest = OnnxBackend.runner
    monkeypatch.setattr(OnnxBackend, "runner", lambda self, artifact: runner(honest(self, artifact)))
    output = tmp_path / "m.onnx"
    with pytest.raises(VerificationFailed) as caught:
        interlingua.convert(path, to="onnx", output=output)
    assert caught.value.report.verdict is verdict
    assert sorted(p.name for p in tmp_path.iterdir()) == ["source.onnx"]
    kept = interlingua.convert(path, to="onnx", output=output, allow_unverified=True)
    assert kept.verdict is verdict
    assert output.is_file()


def test_without_verification_the_verdict_says_so(path):
    conversion = interlingua.convert(path, to="onnx", verify=False)
    assert conversion.verdict is Verdict.UNVERIFIED
    assert "turned off" in conversion.report.reason


def test_unsupported_nodes_are_reported_all_at_once():
    """Also those behind an unsupported one, and those in a branch."""
    custom = [
        helper.make_node(op, [i], [o], name=f"part/{op}", domain="com.example")
        for op, i, o in [("A", "x", "a"), ("B", "a", "b")]
    ]
    nodes = [*custom, helper.make_node("Relu", ["b"], ["y"]), helper.make_node("A", ["y"], ["z"], domain="com.example")]
    source = model(nodes, [info("x", [2])], [info("z", [2])])
    with pytest.raises(UnsupportedOps) as caught:
        interlingua.load(source)
    assert [r.op for r in caught.value.refusals] == ["com.example:A", "com.example:B", "com.example:A"]
    assert "part/B" in str(caught.value)
    report = interlingua.check(source, to="onnx")
    assert report.verdict is Verdict.UNSUPPORTED
    assert [len(places) for places in report.unsupported.values()] == [2, 1]


def test_check_says_what_is_supported(path):
    report = interlingua.check(path, to="onnx")
    assert report.verdict is Verdict.SUPPORTED
    assert report.unsupported == {}


def test_verify_judges_artifacts_of_others(path, tmp_path):
    changed = mlp()
    weight = onnx.numpy_helper.to_array(changed.graph.initializer[0]).copy()
    weight[0, 0] += 0.01
    changed.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(weight, changed.graph.initializer[0].name))
    other = tmp_path / "other.onnx"
    onnx.save(changed, other)
    assert interlingua.verify(path, path).verdict is Verdict.VERIFIED
    assert interlingua.verify(path, other).verdict is Verdict.MISMATCH


def test_the_archive_form_round_trips(path, tmp_path):
    module = interlingua.load(path)
    interlingua.save(module, tmp_path / "model.il")
    again = interlingua.load(tmp_path / "model.il")
    assert str(again) == str(module)
    assert np.array_equal(interlingua.evaluate(again, [X])["y"], interlingua.evaluate(module, [X])["y"])
    with pytest.raises(UsageError):
        interlingua.save(module, tmp_path / "model.txt")


def test_optimize_leaves_its_argument_as_it_is(path):
    module = interlingua.load(path)
    before = str(module)
    interlingua.optimize(module)
    assert str(module) == before


def test_a_module_is_converted_without_being_changed(path):
    module = interlingua.load(path)
    before = str(module)
    conversion = interlingua.convert(module, to="onnx", output_names=["z"])
    assert conversion.verdict is Verdict.VERIFIED
    assert str(module) == before


def test_frontends_are_found_or_named(path):
    assert driver.frontend_of(path).name == "onnx"
    assert driver.frontend_of(path, "onnx").name == "onnx"
    with pytest.raises(UsageError, match="frontend"):
        driver.frontend_of(path, "nope")
