"""The interior values of a model, from its own runtime."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import interlingua
from interlingua.errors import RunnerError
from interlingua.frontends.onnx.frontend import OnnxFrontend
from support.faulty import branched, inputs
from support.models import info, model


def told(source, values):
    trace = OnnxFrontend().trace(source)
    return trace, trace.witness.values(values, timeout=60)


@pytest.mark.parametrize(("flag", "inside", "outside"), [(True, "t2", "e1"), (False, "e1", "t2")])
def test_what_is_inside_the_branch_that_is_taken_is_told(flag, inside, outside):
    _, values = told(branched(), inputs(flag))
    keys = {key.rpartition("/")[2] for key in values}
    assert {"x", "flag", "c", "b", "y", inside} <= keys
    assert outside not in keys


def test_every_step_of_the_frontend_has_its_value():
    trace, values = told(branched(), inputs())
    steps = {step.origin.name: step for step in trace.steps if step.origin.op}
    assert set(steps) == {n.name for n in branched().graph.node} | {"then/Relu", "then/Sub", "else/Tanh"}
    silent = {name for name, step in steps.items() if any(key not in values for key, _ in step.outputs)}
    assert silent == {"else/Tanh"}


def test_the_values_are_those_that_the_module_computes():
    trace, values = told(branched(), inputs())
    outputs = interlingua.evaluate(trace.module, inputs())
    np.testing.assert_allclose(values["y"], outputs["y"], atol=np.sqrt(np.finfo(np.float32).eps))


def test_names_that_stand_in_both_branches_are_told_apart():
    def branch(op):
        return helper.make_graph([helper.make_node(op, ["x"], ["same"])], op, [], [info("same", [2])])

    node = helper.make_node("If", ["flag"], ["y"], then_branch=branch("Exp"), else_branch=branch("Neg"))
    twice = helper.make_node("If", ["flag"], ["z"], then_branch=branch("Abs"), else_branch=branch("Neg"))
    made = model([node, twice], [info("x", [2]), info("flag", [], TensorProto.BOOL)], [info("y", [2]), info("z", [2])])
    x = np.array([-1, 2], np.float32)
    trace, values = told(made, {"x": x, "flag": np.array(True)})
    exp, absolute = (next(s.outputs[0][0] for s in trace.steps if s.origin.op == op) for op in ("Exp", "Abs"))
    np.testing.assert_array_equal(values[absolute], [1, 2])
    assert values[exp][0] < 1


def test_weights_are_told_unless_their_name_stands_twice():
    trace = OnnxFrontend().trace(branched())
    assert set(trace.witness.weights()) == {"k", "w", "bias", "s", "half"}
    source = branched()
    body = next(a.g for n in source.graph.node for a in n.attribute if a.name == "else_branch")
    body.initializer.append(onnx.numpy_helper.from_array(np.zeros(1, np.float32), "half"))
    assert "half" not in OnnxFrontend().trace(source).witness.weights()


def test_inputs_that_the_source_refuses_are_an_error():
    with pytest.raises(RunnerError):
        told(branched(), {**inputs(), "x": np.zeros((2, 3, 1, 1), np.float32)})


def test_other_frontends_tell_nothing(tmp_path):
    from interlingua.frontends.archive.frontend import ArchiveFrontend

    interlingua.save(interlingua.load(branched()), tmp_path / "m.il")
    assert ArchiveFrontend().trace(tmp_path / "m.il") is None
    diagnosis = interlingua.bisect(tmp_path / "m.il", to="onnx", examples=[inputs()])
    assert diagnosis.verdict is interlingua.Verdict.VERIFIED
    assert "archive" in diagnosis.notes[0]
