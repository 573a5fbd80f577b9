"""What the backend claims is true: samples of every op are declared unsupported, or run and are right, or are met by a
known issue of the runtime."""

from __future__ import annotations

import pytest

from interlingua.diagnosis.observe import BackendSubject
from interlingua.equivalence.known_issues import Facts, known_issues
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.draw import RandomDraw
from interlingua.plugins import plugins
from interlingua.report import Verdict
from interlingua.runtimes.workers import WarmWorker
from support.samples import module_of

BUILT = {"core.constant", "core.if", "core.while", "core.scan", "core.call"}
"""Ops whose samples are graphs."""
OPS = {name: op for name, op in builtin_ops().items() if name not in BUILT}
REFUSALS = {Verdict.CRASH, Verdict.UNDECLARED_UNSUPPORTED, Verdict.TIMEOUT}


def failures(draws: range, *, symbolic: bool, names: list[str]) -> tuple[list[str], int]:
    """What no entry covers, and how many samples ran."""
    backend, known = plugins().backend("onnx"), known_issues("onnxruntime")
    found, ran = [], 0
    with WarmWorker() as workers:
        for name in names:
            for seed in draws:
                module, inputs = module_of(OPS[name].sample(RandomDraw(seed)), symbolic=symbolic)
                values = dict(zip(module.input_names, inputs, strict=True))
                seen = BackendSubject(backend, workers=workers).observe(module, values)
                ran += seen.verdict in (Verdict.VERIFIED, Verdict.AMBIGUOUS)
                bad = seen.verdict in REFUSALS or seen.verdict is Verdict.MISMATCH
                if bad and known.match(Facts(module, seen.verdict, seen.message, values)) is None:
                    found.append(f"{name} {seed}: {seen.verdict.value} {seen.message[:200]}")
    return found, ran


QUICK = ["core.add", "core.transpose", "core.select", "core.pad", "core.max_pool", "nn.gelu", "nn.layer_norm"]


def test_a_few_ops() -> None:
    found, ran = failures(range(3), symbolic=False, names=QUICK)
    assert found == []
    assert ran >= len(QUICK)


@pytest.mark.nightly
@pytest.mark.parametrize("symbolic", [False, True])
def test_every_op(symbolic: bool) -> None:
    found, ran = failures(range(60), symbolic=symbolic, names=list(OPS))
    assert found == []
    assert ran >= 40 * len(OPS)
