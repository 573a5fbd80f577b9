"""Every op, on every dtype and rank that it claims, from its own definition, with Hypothesis drawing inside."""

from __future__ import annotations

import os
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st

from interlingua.diagnosis.observe import BackendSubject
from interlingua.equivalence.generators.claims import Unreached, sample_of
from interlingua.equivalence.generators.graphs import UNDRAWN
from interlingua.equivalence.known_issues import Facts, known_issues
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.draw import RandomDraw
from interlingua.ir.dtypes import DType
from interlingua.ir.op import Op
from interlingua.plugins import plugins
from support.properties import (
    FINE,
    Example,
    archive_round_trips,
    backend_agrees,
    decomposition_agrees,
    litert_round_trips,
    onnx_round_trips,
    text_round_trips,
    type_rule_agrees,
)
from support.reached import PROPERTY
from support.samples import HypothesisDraw

EXAMPLES = int(os.environ.get("INTERLINGUA_EXAMPLES", "2"))
BACKENDS = {"onnx": "onnxruntime", "numpy": "numpy", "torch": "torch", "litert": "litert"}
"""The runtime of each backend."""
ISSUES = {runtime: known_issues(runtime) for runtime in BACKENDS.values()}

quick = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=(Phase.generate,),  # what fails is one node already
    suppress_health_check=list(HealthCheck),
)


def test_every_op_has_a_sample():
    drawn = [cls for name, cls in builtin_ops().items() if name not in UNDRAWN]
    assert [cls.name for cls in drawn if cls.sample.__func__ is Op.sample.__func__] == []


def test_op(claim, symbolic, worker, record_property, request):
    """Type rule, reference, decomposition, text form, archive, every backend that claims it, and the way back."""
    subjects = {name: BackendSubject(plugins().backend(name), workers=worker) for name in BACKENDS}
    reached = False

    @quick
    @seed(zlib.crc32(request.node.name.encode()))
    @given(st.data())
    def check(data):
        nonlocal reached
        try:
            sample = sample_of(claim, HypothesisDraw(data))
        except Unreached:
            assume(False)
        reached = True
        example = Example.of(sample, symbolic)
        type_rule_agrees(example)
        decomposition_agrees(example)
        text_round_trips(example)
        archive_round_trips(example)
        onnx_round_trips(example, subjects["onnx"].backend)
        litert_round_trips(example, subjects["litert"].backend, ISSUES[BACKENDS["litert"]])
        for name, subject in subjects.items():
            agrees(example, name, subject)

    try:
        check()
    finally:
        record_property(PROPERTY, (claim.op, str(claim.dtype), str(claim.rank), reached))


def agrees(example, name, subject):
    """A backend either has never claimed the op, or computes it, or is known not to."""
    found = backend_agrees(example, subject)
    if found.verdict in FINE:
        return
    facts = Facts(example.module, found.verdict, found.message, example.inputs)
    assert ISSUES[BACKENDS[name]].match(facts) is not None, f"{name}: {found.verdict.value}: {found.message}"


@pytest.mark.nightly
@pytest.mark.parametrize("runtime", BACKENDS.values())
def test_no_known_issue_has_expired(runtime):
    assert [issue.id for issue in ISSUES[runtime].expired()] == []


def test_samples_reach_special_values():
    drawn = [RandomDraw(seed).array((50,), DType.F32) for seed in range(50)]
    assert any(np.isnan(a).any() for a in drawn)
    assert any((a == 0).any() and np.signbit(a[a == 0]).any() for a in drawn)
