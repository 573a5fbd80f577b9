"""The door ``compare``: whatever is given, what comes of it, and who is off."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

import interlingua
from interlingua.backends.base import Backend, Target
from interlingua.backends.lowering import Lowerings
from interlingua.diagnosis.compare.functions import FunctionRunner
from interlingua.report import Report, Verdict
from support.models import info, mlp, model
from support.odd_pairs import written


def changed(weight="w2", factor=1.01):
    """The same model with one weight scaled."""
    made = copy.deepcopy(mlp())
    tensor = next(t for t in made.graph.initializer if t.name == weight)
    array = numpy_helper.to_array(tensor)
    tensor.CopyFrom(numpy_helper.from_array((array * factor).astype(array.dtype), weight))
    return made


@dataclass
class Elsewhere(Backend):
    """A backend whose artifacts are run by a function."""

    function: Any
    name = "elsewhere"
    extension = ".elsewhere"
    lowerings = Lowerings()

    def emit(self, module, path, target):
        raise NotImplementedError

    def runner(self, path):
        return FunctionRunner(self.function)


def plain(x):
    return interlingua.evaluate(interlingua.load(mlp()), {"x": x})["y"]


def shifted(x):
    return plain(x) + np.float32(0.25)


def nudged(x):
    return np.nextafter(plain(x), np.float32(1))


def ran_by(function):
    """The model as an artifact that its runtime gets wrong, or right."""
    module = interlingua.load(mlp())
    return interlingua.Conversion(
        Path("a"), Report(Verdict.UNVERIFIED), module, Elsewhere(lambda x: {"y": function(x)}), Target()
    )


def sides(kind, folder):
    """The same model as something else."""
    module = interlingua.load(mlp())
    path = written(folder, mlp())
    if kind == "archive":
        interlingua.save(module, folder / "m.il")
    return {
        "path": lambda: path,
        "text": lambda: str(path),
        "bytes": lambda: path.read_bytes(),
        "object": mlp,
        "module": lambda: module,
        "archive": lambda: folder / "m.il",
        "conversion": lambda: interlingua.convert(path, to="numpy", verify=False),
        "artifact": lambda: interlingua.convert(path, to="numpy", verify=False).save(folder / "m.numpy"),
        "function": lambda: plain,
        "function of a mapping": lambda: lambda **inputs: interlingua.evaluate(module, inputs),
    }[kind]()


KINDS = ["path", "text", "bytes", "object", "module", "archive", "conversion", "artifact", "function"]
KINDS.append("function of a mapping")


@pytest.mark.parametrize("kind", KINDS)
def test_everything_that_runs_can_be_compared(kind, tmp_path):
    report = interlingua.compare(mlp(), sides(kind, tmp_path))
    assert report.verdict is Verdict.VERIFIED, str(report)
    assert len(report.cases) >= 3


@pytest.mark.parametrize("kind", ["path", "module", "conversion", "function"])
def test_what_computes_something_else_is_found(kind, tmp_path):
    report = interlingua.compare(sides(kind, tmp_path), interlingua.load(changed()))
    assert report.verdict is Verdict.MISMATCH, str(report)
    assert report.worst.share > 10
    assert "bound" in str(report)


def test_the_first_value_that_differs_is_named_where_both_have_a_graph():
    report = interlingua.compare(mlp(), changed("w2"))
    assert report.verdict is Verdict.MISMATCH
    assert report.diverging.startswith("%o of core.matmul head/MatMul")
    earlier = interlingua.compare(interlingua.load(mlp()), interlingua.load(changed("w1")))
    assert earlier.diverging.startswith("%h of core.matmul block/fc1/MatMul")


def test_where_one_has_no_graph_the_report_says_so():
    report = interlingua.compare(mlp(), lambda x: np.zeros((len(x), 3), np.float32))
    assert report.diverging.startswith("not available: ")
    assert report.diverging.endswith("<lambda> has no graph (a function has no graph)")


def test_whoever_does_not_compute_its_own_graph_is_named():
    report = interlingua.compare(mlp(), ran_by(shifted))
    assert report.verdict is Verdict.MISMATCH
    assert "the elsewhere artifact does not compute what its own graph says" in report.reason
    assert "ModelProto does not" not in report.reason
    assert report.diverging.startswith("none of")


def test_the_first_is_suspect_where_the_second_agrees_with_its_graph():
    suspect = interlingua.compare(ran_by(shifted), nudged)
    assert suspect.verdict is Verdict.ORACLE_SUSPECT
    assert "the elsewhere artifact does not" in suspect.reason
    assert interlingua.compare(nudged, ran_by(shifted)).verdict is Verdict.MISMATCH
    made_of_it = interlingua.compare(ran_by(shifted), interlingua.load(mlp()))
    assert made_of_it.verdict is Verdict.MISMATCH, "a module and a reference are one reading of the source"


def test_two_that_agree_against_the_graph_make_it_suspect():
    def other(x):
        return np.nextafter(shifted(x), np.float32(1))

    report = interlingua.compare(shifted, other, reference=mlp())
    assert report.verdict is Verdict.ORACLE_SUSPECT
    assert "neither with the graph" in report.reason


def test_a_reference_bounds_what_has_no_graph():
    examples = [np.random.default_rng(0).standard_normal((1, 2, 4)).astype(np.float32)]
    open_ = interlingua.compare(plain, nudged, examples=examples)
    assert open_.verdict is Verdict.UNVERIFIED
    assert "SQNR" in open_.reason
    assert "reference=" in open_.reason
    assert interlingua.compare(plain, nudged, examples=examples, reference=mlp()).verdict is Verdict.VERIFIED
    assert interlingua.compare(plain, shifted, examples=examples, reference=mlp()).verdict is Verdict.MISMATCH


def test_the_report_is_plain_data():
    data = interlingua.compare(interlingua.load(mlp()), interlingua.load(changed())).to_dict()
    assert json.loads(json.dumps(data))["verdict"] == "MISMATCH"
    assert data["comparisons"][0]["sqnr"] > 0


def test_the_same_seed_gives_the_same_report():
    a, b = interlingua.load(mlp()), interlingua.load(changed())
    first, again = (interlingua.compare(a, b, seed=3).comparisons for _ in range(2))
    assert first == again
    assert interlingua.compare(a, b, seed=4).comparisons != first


def test_modules_of_pytorch_are_given_tensors():
    torch = pytest.importorskip("torch")
    weights = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in mlp().graph.initializer}

    class Net(torch.nn.Module):
        def forward(self, x):
            hidden = torch.relu(x @ weights["w1"] + weights["b1"])
            return {"y": torch.softmax(hidden @ weights["w2"], -1)}

    assert interlingua.compare(mlp(), Net()).verdict is Verdict.VERIFIED
    half = torch.nn.ReLU()
    x = np.zeros((2, 3), interlingua.load(bf16()).main.inputs[0].tensor.dtype.numpy)
    assert interlingua.compare(interlingua.load(bf16()), half, examples=[[x]]).verdict is Verdict.VERIFIED


def bf16():
    dims = [2, 3]
    node = helper.make_node("Relu", ["x"], ["y"])
    return model([node], [info("x", dims, TensorProto.BFLOAT16)], [info("y", dims, TensorProto.BFLOAT16)])
