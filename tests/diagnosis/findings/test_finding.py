"""Findings travel, and equal ones are counted as one."""

import pickle
from dataclasses import replace

import numpy as np

from interlingua.diagnosis.findings.finding import Finding, Findings
from interlingua.diagnosis.findings.packed import pack
from interlingua.diagnosis.findings.signature import Signature, signature
from interlingua.diagnosis.observe import Observation
from interlingua.ir.dtypes import DType
from interlingua.ir.interpret import Interpreter
from interlingua.report import Verdict
from support.text import MLP, parse


def finding(text: str = MLP, message: str = "y: beyond the bound", place: tuple[int, int] = (0, 0)) -> Finding:
    module = parse(text)
    signed: Signature = signature("onnx", module, Observation(Verdict.MISMATCH, "run", message))
    return Finding(signed, message, pack(module), {"x": np.ones((1, 4), np.float32)}, place=place)


def test_a_packed_module_is_the_same_module_elsewhere() -> None:
    module = parse(MLP)
    weight = np.arange(40, dtype=DType.BF16.numpy).reshape(4, 10)  # too large to stand in the text
    text = MLP.replace("f32[4, 2] [0.5, -0.0, 1.0, -inf, 1e-05, 3.0, inf, 0.1]", "")
    assert text != MLP
    packed = pickle.loads(pickle.dumps(pack(module)))
    assert str(packed.module()) == str(module)
    assert packed.nodes == 2
    inputs = {"x": np.ones((3, 4), np.float32)}
    there, here = Interpreter(packed.module()).run(inputs), Interpreter(module).run(inputs)
    np.testing.assert_array_equal(there["y"], here["y"])
    assert weight.size > packed.nodes


def test_equal_signatures_are_one_finding_with_the_smallest_example() -> None:
    large, small = (
        finding(place=(0, 1)),
        finding(MLP.replace(' from "fc" "MatMul" "model.py:3" in "head"', ""), place=(5, 0)),
    )
    assert small.packed.size < large.packed.size
    found = Findings()
    assert found.add(large)
    assert not found.add(small)
    assert not found.add(large)
    (one,) = found.sorted()
    assert (one.count, one.place) == (3, (5, 0))


def test_among_equals_the_earliest_example_stays_whatever_the_order() -> None:
    early, late = finding(place=(0, 7)), finding(place=(2, 1))
    for order in ([early, late], [late, early]):
        found = Findings()
        found.update(order)
        assert [f.place for f in found.sorted()] == [(0, 7)]


def test_what_nobody_knew_comes_first() -> None:
    known, new = replace(finding(), known="an-issue"), finding(message="y: it is odd")
    found = Findings()
    found.update([known, new])
    assert [f.known for f in found.sorted()] == ["", "an-issue"]
