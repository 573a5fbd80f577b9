"""Networks of the benchmarks: sound, deep, and the faults that are put in."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.judge.faults.weights import WEIGHTS
from benchmarks.judge.faults.whole import SUBTLE
from benchmarks.judge.networks import NETWORKS
from benchmarks.judge.subtle import Subject

from interlingua.ir.interpret import Interpreter
from interlingua.ir.verify import verify_module


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_valid_and_runs(name):
    module, inputs = NETWORKS[name]()
    verify_module(module)
    assert sum(n.op.name != "core.constant" for n in module.walk()) >= 25
    outputs = Interpreter(module).run(inputs)
    assert all(np.isfinite(y).all() and y.std() > 0.1 for y in outputs.values())


@pytest.mark.parametrize("name", ["convnext", "tagger"])
def test_every_subtle_fault_has_a_place_in_it(name):
    module, inputs = NETWORKS[name]()
    sound = Interpreter(module).run(inputs)["y"]
    for fault in SUBTLE:
        found = fault.applied(module, 0)
        assert found is not None, fault.kind
        verify_module(found[0])
        assert (Interpreter(found[0]).run(inputs)["y"] != sound).any(), fault.kind
    assert (Interpreter(module).run(inputs)["y"] == sound).all()


def test_the_judge_of_whole_models_sees_a_wrong_eps_and_verifies_what_is_right():
    subject = Subject("convnext", *NETWORKS["convnext"]())
    assert subject.held(subject.module, "interpreter").passed
    eps = SUBTLE[0].applied(subject.module, 0)
    assert eps is not None
    judged = subject.held(eps[0], "interpreter")
    assert not judged.passed
    assert judged.fixed


def test_every_damage_to_weights_finds_a_weight():
    modules = [NETWORKS[name]()[0] for name in ("unet", "tagger", "mobilenet")]
    missing = [f.kind for f in WEIGHTS if all(f.applied(m, 0) is None for m in modules)]
    assert missing == []
