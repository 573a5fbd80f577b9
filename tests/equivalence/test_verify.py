"""Verdicts of the verification, each produced by an artifact that deserves it."""

from __future__ import annotations

import numpy as np
import pytest

import interlingua
from interlingua.equivalence.verify import Original, verify_runners
from interlingua.errors import RuntimeCrash, RuntimeMissing, RuntimeRefused, RuntimeTimeout
from interlingua.report import Verdict
from interlingua.runtimes.base import Outcome, Runner
from interlingua.runtimes.interpreter import ModuleRunner
from support.models import mlp


class Twisted(Runner):
    """The interpreter's outputs, changed by a function; or an error in place of running."""

    def __init__(self, module, change=None, error=None):
        self.inner = ModuleRunner(module)
        self.change = change
        self.error = error

    @property
    def description(self):
        return "twisted"

    def run(self, batches, *, timeout=1.0):
        if self.error is not None:
            raise self.error
        found = self.inner.run(batches)
        return [self.change(o) for o in found] if self.change else found


@pytest.fixture
def module():
    return interlingua.load(mlp())


def judge(module, **twist):
    return verify_runners(Original(module, ModuleRunner(module)), Twisted(module, **twist), timeout=10)


def shifted(by):
    return lambda outcome: Outcome({n: v + v.dtype.type(by) for n, v in outcome.outputs.items()})


def test_the_same_is_verified(module):
    report = judge(module)
    assert report.verdict is Verdict.VERIFIED
    assert len(report.cases) >= 3
    assert report.worst.share == 0


def test_a_small_error_is_a_mismatch_and_is_located(module):
    report = judge(module, change=shifted(1e-3))
    assert report.verdict is Verdict.MISMATCH
    assert report.worst.output == "y"
    assert "y" in report.reason


def test_rounding_is_no_mismatch(module):
    nudged = judge(
        module, change=lambda o: Outcome({n: np.nextafter(v, 1, dtype=v.dtype) for n, v in o.outputs.items()})
    )
    assert nudged.verdict is Verdict.VERIFIED
    assert nudged.worst.share > 0


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (RuntimeCrash("it died"), Verdict.CRASH),
        (RuntimeTimeout("it hung"), Verdict.TIMEOUT),
        (RuntimeMissing("not there"), Verdict.UNVERIFIED),
    ],
)
def test_what_keeps_an_artifact_from_running_is_the_verdict(module, error, verdict):
    report = judge(module, error=error)
    assert report.verdict is verdict
    assert error.what in report.reason


def test_a_source_that_its_runtime_does_not_take_is_held_against_our_own_evaluation(module):
    refusing = Twisted(module, error=RuntimeRefused("it has no PRelu of opset 6"))
    right = verify_runners(Original(module, refusing), ModuleRunner(module), timeout=10)
    assert right.verdict is Verdict.VERIFIED
    assert "interpreter" in right.reference
    assert "no PRelu" in right.notes[0]
    wrong = verify_runners(Original(module, refusing), Twisted(module, change=shifted(1e-3)), timeout=10)
    assert wrong.verdict is Verdict.MISMATCH


def test_an_artifact_that_its_runtime_does_not_take_has_failed(module):
    report = judge(module, error=RuntimeRefused("no kernel"))
    assert report.verdict is Verdict.CRASH


def test_an_artifact_that_fails_where_the_source_runs_has_crashed(module):
    report = judge(module, change=lambda _: Outcome(None, "boom"))
    assert report.verdict is Verdict.CRASH
    assert "boom" in report.reason


def test_nothing_but_nan_is_no_evidence(module):
    nan = {"x": np.full((2, 4), np.nan, np.float32)}
    report = verify_runners(Original(module, ModuleRunner(module)), ModuleRunner(module), timeout=10, examples=[nan])
    assert report.verdict is Verdict.UNVERIFIED


def test_sizes_that_the_source_rejects_are_reported(module):
    wrong = {"x": np.zeros((2, 5), np.float32)}
    right = {"x": np.ones((2, 4), np.float32)}
    report = verify_runners(
        Original(module, ModuleRunner(module)), ModuleRunner(module), timeout=10, examples=[wrong, right]
    )
    assert report.rejected == ["example 0"]
    assert report.cases == ["example 1"]


def test_a_source_that_is_outvoted_is_suspect(module):
    """Its own runtime against another implementation, the artifact and the reference."""
    wrong = Twisted(module, change=shifted(1e-3))
    report = verify_runners(Original(module, wrong, [ModuleRunner(module)]), ModuleRunner(module), timeout=10)
    assert report.verdict is Verdict.ORACLE_SUSPECT
    assert "outvoted" in report.reason
    assert "against the source" in report.votes[0]


def test_without_a_witness_nobody_is_outvoted(module):
    """The artifact and our reference stand on one reading of the source."""
    wrong = Twisted(module, change=shifted(1e-3))
    report = verify_runners(Original(module, wrong), ModuleRunner(module), timeout=10)
    assert report.verdict is Verdict.MISMATCH


def test_an_artifact_that_is_outvoted_is_a_mismatch(module):
    report = verify_runners(
        Original(module, ModuleRunner(module), [ModuleRunner(module)]),
        Twisted(module, change=shifted(1e-3)),
        timeout=10,
    )
    assert report.verdict is Verdict.MISMATCH
    assert "against the artifact" in report.votes[0]


def test_the_explanation_names_ops_and_shares(module):
    report = verify_runners(
        Original(module, ModuleRunner(module)),
        Twisted(module, change=shifted(1e-7)),
        timeout=10,
        explain=True,
    )
    assert "core.matmul" in "".join(report.explanation)
