from __future__ import annotations

from interlingua.frontends.onnx.frontend import OnnxFrontend


def test_the_source_is_asked_without_rewriting_and_its_witnesses_are_users_and_the_evaluator():
    frontend = OnnxFrontend()
    assert frontend.runner(b"").description.endswith("optimisations off")
    evaluator, as_users_run_it = (w.description for w in frontend.witnesses(b""))
    assert "reference evaluator" in evaluator
    assert as_users_run_it.endswith("optimisations on")
