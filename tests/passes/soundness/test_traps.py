"""Models that invite a simplification which is wrong on them: passes and conversion leave them what they are."""

from __future__ import annotations

import onnx
import pytest

import interlingua
from interlingua.errors import InterlinguaError
from support.soundness import TRAPS
from support.soundness.judging import changed, faults, in_onnxruntime, in_reference
from support.soundness.trap import Feed, Trap

traps = pytest.mark.parametrize("trap", [pytest.param(t, id=t.name) for t in TRAPS])


def test_there_are_enough() -> None:
    assert len({t.name for t in TRAPS}) == len(TRAPS) >= 60


@traps
def test_the_reference_is_what_onnx_runtime_computes(trap: Trap) -> None:
    """Its optimisations off: it shares no code with the reference, so that both read the standard alike."""
    assert faults(trap, lambda feed: in_onnxruntime(trap.model, feed)) == []
    assert faults(trap, lambda feed: in_reference(trap.model, feed)) == []


@traps
def test_the_rewrite_would_be_seen(trap: Trap) -> None:
    def wrong(feed: Feed):
        try:
            return in_reference(trap.rewritten, feed)
        except InterlinguaError:
            return {}  # it does not even run

    assert faults(trap, wrong) != []


@traps
def test_passes_leave_what_it_computes(trap: Trap) -> None:
    module = interlingua.optimize(interlingua.load(trap.model))
    assert faults(trap, lambda feed: interlingua.evaluate(module, feed)) == []


@traps
def test_the_artifact_computes_what_it_did(trap: Trap, tmp_path) -> None:
    path = tmp_path / "model.onnx"
    interlingua.convert(trap.model, to="onnx", output=path, verify=False)
    made = onnx.load(path)
    assert changed(trap, made) == []
    assert faults(trap, lambda feed: in_onnxruntime(made, feed)) == []
    assert faults(trap, lambda feed: in_reference(made, feed)) == []
