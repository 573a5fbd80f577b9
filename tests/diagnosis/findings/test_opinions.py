"""Before something is called a bug, everybody else who can compute it is asked."""

from dataclasses import replace

import numpy as np

from interlingua.diagnosis.findings.opinions import LOWERING, OPTIMIZER, opinions
from interlingua.diagnosis.observe import BackendSubject, Observation
from interlingua.equivalence.expectation import Expectation
from interlingua.plugins import plugins
from interlingua.report import Verdict
from support.planted import Swapping
from support.text import parse

SUB = """interlingua 1
input "x" [3]
output "y" [3]
func @main(%x: f32[3]) {
  %z = core.constant dense f32[3] [3.0, 5.0, 7.0] : f32[3]
  %y = core.sub(%x, %z) : f32[3]
  return %y as "y"
}
"""
INPUTS = {"x": np.array([1, 2, 3], np.float32)}


def observed(subject: BackendSubject) -> Observation:
    return subject.observe(parse(SUB), INPUTS)


def shifted(expected: Expectation) -> Expectation:
    """The expectation of a reference that adds 1."""
    return Expectation({n: replace(w, value=w.value + 1) for n, w in expected.outputs.items()})


def test_a_wrong_artifact_is_wrong_for_everybody_who_runs_it() -> None:
    subject = BackendSubject(Swapping())
    seen = observed(subject)
    said = opinions(subject, parse(SUB), INPUTS, seen)
    assert seen.verdict is Verdict.MISMATCH
    assert (said.culprit, said.suspect) == (LOWERING, False)
    assert "reference and artifact (numpy)" in said.ballot


def test_a_reference_that_other_backends_outvote_is_suspect() -> None:
    subject = BackendSubject(plugins().backend("onnx"))
    seen = observed(subject)
    assert seen.expected is not None
    alone = replace(seen, verdict=Verdict.MISMATCH, stage="run", expected=shifted(seen.expected))
    said = opinions(subject, parse(SUB), INPUTS, alone)
    assert said.suspect
    assert said.ballot.endswith("against reference")


def test_an_optimizer_that_stands_alone_is_the_culprit() -> None:
    subject = BackendSubject(plugins().backend("onnx"))
    seen = replace(observed(subject), verdict=Verdict.MISMATCH, stage="run")
    said = opinions(subject, parse(SUB), INPUTS, seen)
    assert (said.culprit, said.suspect) == (OPTIMIZER, False)


def test_nobody_is_asked_where_there_is_no_artifact_to_run() -> None:
    subject = BackendSubject(plugins().backend("onnx"))
    said = opinions(subject, parse(SUB), INPUTS, Observation(Verdict.CRASH, "emit", "odd"))
    assert said == type(said)()
