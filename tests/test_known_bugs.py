"""Bugs that other converters had: none of them is ours.

Each is a small model whose right results are written down; ``docs/known-bugs.md`` says where the bug was found.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

import interlingua
from interlingua.equivalence.expect import expect
from interlingua.equivalence.judge import judge
from interlingua.runtimes.onnxruntime import NUMERICS
from interlingua.runtimes.ortvalue import run as run_session
from support.known_bugs import BUGS, Bug
from support.models import info, model

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "known-bugs.md").read_text()

rows = pytest.mark.parametrize("bug", [pytest.param(b, id=b.name) for b in BUGS])


def outputs(bug: Bug, results) -> dict[str, np.ndarray]:
    """Results by name, in the dtype of the model's outputs."""
    names = interlingua.load(bug.row.model(*bug.row.versions)).output_names
    with np.errstate(all="ignore"):
        return {n: np.asarray(v).astype(bug.row.result) for n, v in zip(names, results, strict=False)}


def faults(bug: Bug, results) -> list[str]:
    """What of ``results`` is not what the model computes, by the derived bounds."""
    module = interlingua.load(bug.row.model(*bug.row.versions))
    expectation = expect(module, bug.row.inputs(), NUMERICS)
    missing = {n: v for n, v in outputs(bug, bug.right).items() if n not in results}
    return [
        f"{c.output}: {c.detail or c.share}" for c in judge(expectation, {**results, **missing}, "") if not c.passed
    ]


@rows
def test_the_reference_computes_what_is_right(bug: Bug):
    module = interlingua.load(bug.row.model(*bug.row.versions))
    assert faults(bug, outputs(bug, bug.right)) == []
    assert faults(bug, interlingua.evaluate(module, bug.row.inputs())) == []


@rows
def test_the_bug_would_be_seen(bug: Bug):
    assert faults(bug, outputs(bug, bug.wrong)) != []


@rows
def test_the_artifact_computes_what_is_right(bug: Bug, tmp_path):
    """With ONNX Runtime's own optimisations, as users run it."""
    path = tmp_path / "model.onnx"
    interlingua.convert(bug.row.model(*bug.row.versions), to="onnx", output=path, verify=False)
    assert faults(bug, in_runtime(path, bug.row.inputs())) == []


def in_runtime(path: Path, inputs) -> dict[str, np.ndarray]:
    """What ONNX Runtime gives by itself."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return run_session(onnxruntime.InferenceSession(path, options), inputs)


def run(source, inputs, folder) -> list[np.ndarray]:
    """What the artifact gives in ONNX Runtime."""
    path = folder / "model.onnx"
    interlingua.convert(source, to="onnx", output=path, verify=False)
    return list(in_runtime(path, inputs).values())


def test_an_axis_of_a_tensor_of_unknown_rank(tmp_path):
    x = np.array([[[0, 0], [np.log(3), 0]]], np.float32)
    node = onnx.helper.make_node("Softmax", ["x"], ["y"], axis=1)
    source = model([node], [info("x", [1, 2, 2])], [info("y", [1, 2, 2])])
    for declared in (*source.graph.input, *source.graph.output):
        declared.type.tensor_type.ClearField("shape")
    (y,) = run(source, {"x": x}, tmp_path)
    np.testing.assert_array_max_ulp(y, np.array([[[0.25, 0.5], [0.75, 0.5]]], np.float32), maxulp=4)


@pytest.mark.parametrize("batch", [1, 2, 7])
@pytest.mark.parametrize("length", [1, 5])
def test_open_sizes_stay_open(batch, length, tmp_path):
    """Heads split and merged by a shape that is read off the input, as exporters write it."""
    make = onnx.helper.make_node
    weights = {"zero": np.array([0]), "one": np.array([1]), "heads": np.array([2, 3]), "width": np.array([6])}
    nodes = [
        make("Shape", ["x"], ["shape"]),
        make("Gather", ["shape", "zero"], ["batch"]),
        make("Gather", ["shape", "one"], ["length"]),
        make("Concat", ["batch", "length", "heads"], ["split"], axis=0),
        make("Reshape", ["x", "split"], ["parts"]),
        make("Transpose", ["parts"], ["turned"], perm=[0, 2, 1, 3]),
        make("Transpose", ["turned"], ["back"], perm=[0, 2, 1, 3]),
        make("Concat", ["batch", "length", "width"], ["merge"], axis=0),
        make("Reshape", ["back", "merge"], ["merged"]),
        make("Neg", ["merged"], ["y"]),
    ]
    dims = ["batch", "length", 6]
    source = model(nodes, [info("x", dims)], [info("y", dims)], weights)
    x = np.arange(batch * length * 6, dtype=np.float32).reshape(batch, length, 6)
    (y,) = run(source, {"x": x}, tmp_path)
    np.testing.assert_array_equal(y, -x)
    declared = onnx.load(tmp_path / "model.onnx").graph.input[0].type.tensor_type.shape.dim
    assert [d.dim_param or d.dim_value for d in declared] == dims


def test_an_input_with_a_default_stays_an_input(tmp_path):
    node = onnx.helper.make_node("Add", ["x", "offset"], ["y"])
    offset = np.array([1], np.float32)
    source = model([node], [info("x", [2]), info("offset", [1])], [info("y", [2])], {"offset": offset})
    x = np.array([3, 4], np.float32)
    assert run(source, {"x": x}, tmp_path)[0].tolist() == [4, 5]
    assert run(source, {"x": x, "offset": 10 * offset}, tmp_path)[0].tolist() == [13, 14]


def test_every_row_is_on_the_page():
    cited = set(re.findall(r"\*([a-z0-9-]+)\*", PAGE))
    assert cited == {bug.name for bug in BUGS}


def test_every_test_on_the_page_exists():
    cited = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(cited) > 20
    missing = [f"{path}::{name}" for path, name in cited if f"def {name}(" not in (ROOT / path).read_text()]
    assert missing == []
