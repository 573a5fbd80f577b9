"""Campaigns: the same seed finds the same, whoever works; what breaks is told, and ends nothing else."""

import pickle
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from interlingua.diagnosis.findings.opinions import LOWERING
from interlingua.diagnosis.fuzz import campaign as campaigns
from interlingua.diagnosis.fuzz import sources
from interlingua.diagnosis.fuzz.batch import Task, run_batch
from interlingua.diagnosis.fuzz.campaign import Campaign, fuzz
from interlingua.diagnosis.fuzz.cases import draw_case, draw_of, spiked
from interlingua.diagnosis.fuzz.sources import BackendSource, PassSource
from interlingua.equivalence.generators.graphs import drawable
from interlingua.equivalence.generators.modules import Case, case_of
from interlingua.errors import UsageError
from interlingua.ir.draw import Draw, Sample
from interlingua.report import Verdict
from support.planted import PlantedBackend, PlantedPass, Whim

SWAP = PlantedPass(("swap",))
DIFFERENCES = {f"{what} differ" for what in ("numbers", "infinities", "NaNs", "signs of zeros")}
SWAPPED = ("core.sub", "core.div", "core.pow")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigns, "CASES", 30)


def facts(campaign: Campaign) -> Any:
    """What two equal campaigns have in common: all but the time, and the order in which batches were done."""
    plain = campaign.to_dict()
    return {k: plain[k] for k in ("subject", "seed", "batches", "cases", "verdicts", "origins", "findings")}


@pytest.fixture(scope="module")
def alone() -> Iterator[Campaign]:
    """Three batches, one after the other in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(campaigns, "CASES", 30)
        yield fuzz(SWAP, batches=3, seed=7)


def test_a_planted_fault_is_found_and_reduced_to_the_op_that_has_it(alone: Campaign) -> None:
    assert alone.batches == 3
    assert alone.cases > 60
    assert alone.findings
    assert alone.new == alone.findings
    for finding in alone.findings:
        assert any(op in finding.packed.text for op in SWAPPED), finding.packed.text
        assert finding.packed.nodes <= 3, finding.packed.text
    assert any(f.signature.ops == (op,) for f in alone.findings for op in SWAPPED)


def test_every_failure_is_counted_once(alone: Campaign) -> None:
    assert len({f.signature for f in alone.findings}) == len(alone.findings)
    assert sum(f.count for f in alone.findings) == alone.verdicts["MISMATCH"]


def test_inputs_for_passes_are_spiked() -> None:
    """Where no number is cast to an integer; what else is drawn has NaN now and then alone."""
    drawn = [draw_case(draw_of(0, 0, i), 8, ((1, spiked),)) for i in range(60)]
    floats = [[v for v in case.inputs.values() if isinstance(v, np.ndarray) and v.dtype.kind == "f"] for case in drawn]
    odd = [any(not np.isfinite(v).all() for v in each) for each in floats]
    assert sum(odd) > 20
    cast = [any(n.op.name == "quant.quantize" for n in case.module.walk()) for case in drawn]
    assert any(cast)
    assert not any(a and b for a, b in zip(odd, cast, strict=True))


def test_equal_failures_are_one_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def sub(draw: Draw, _: int) -> Case:
        return case_of(draw_like(draw, "core.sub"))

    monkeypatch.setattr(sources, "OF_PASSES", ((1, sub),))
    campaign = fuzz(SWAP, batches=2, seed=7)
    assert campaign.verdicts["MISMATCH"] > 20
    assert {f.signature.message for f in campaign.findings} <= DIFFERENCES
    assert len(campaign.findings) <= len(DIFFERENCES)
    assert sum(f.count for f in campaign.findings) == campaign.verdicts["MISMATCH"]


def draw_like(draw: Draw, name: str) -> Sample:
    (cls,) = drawable([name])
    return cls.sample(draw)


def test_the_same_seed_finds_the_same_again(alone: Campaign) -> None:
    assert facts(fuzz(SWAP, batches=3, seed=7)) == facts(alone)
    assert facts(fuzz(SWAP, batches=3, seed=8)) != facts(alone)


def test_threads_find_the_same(alone: Campaign) -> None:
    with ThreadPoolExecutor(2) as pool:
        assert facts(fuzz(SWAP, batches=3, seed=7, executor=pool, workers=2)) == facts(alone)


def test_processes_find_the_same(alone: Campaign) -> None:
    assert facts(fuzz(SWAP, batches=3, seed=7, workers=2)) == facts(alone)


def test_a_case_hangs_on_its_numbers_alone() -> None:
    def text(seed: int, batch: int, index: int) -> str:
        return str(draw_case(draw_of(seed, batch, index), 8).module)

    assert [text(1, 0, i) for i in range(5)] == [text(1, 0, i) for i in range(5)]
    assert len({text(s, b, i) for s in (1, 2) for b in (0, 1) for i in (3, 4)}) == 8


def test_sound_passes_and_backends_are_left_alone() -> None:
    campaign = fuzz(passes="default", batches=1, seed=3)
    assert not campaign.findings, [f.signature.title for f in campaign.findings]
    assert campaign.verdicts["VERIFIED"] > 20


def test_a_backend_with_a_wrong_lowering_is_found_out(tmp_path: Path) -> None:
    task = Task(PlantedBackend("onnx"), seed=7, batch=0, cases=40)
    result = run_batch(task)
    wrong = [f for f in result.findings if f.signature.culprit == LOWERING and {*SWAPPED} & {*f.signature.ops}]
    assert wrong, [f.signature.title for f in result.findings]
    assert pickle.loads(pickle.dumps(result)).findings[0].signature == result.findings[0].signature


def test_a_runtime_that_dies_costs_one_observation() -> None:
    result = run_batch(Task(PlantedBackend("onnx", kind="Dying"), seed=7, batch=0, cases=25))
    dead = [f for f in result.findings if f.signature.verdict is Verdict.CRASH and "SIGABRT" in f.message]
    assert dead, [f.message for f in result.findings]
    assert all(f.packed.nodes <= 3 for f in dead)
    assert result.verdicts["VERIFIED"] > 10
    assert not result.problems


def test_what_does_not_come_back_is_no_finding() -> None:
    result = run_batch(Task(Whim(), seed=7, batch=0, cases=30))
    assert not result.findings
    assert result.verdicts["not repeatable"] > 0
    assert "when it was run again alone" in result.problems[0]


class Losing(Executor):
    """Loses every second task, or all of them."""

    def __init__(self, every: int) -> None:
        self.every = every
        self.count = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.count += 1
        future: Future[Any] = Future()
        if self.count % self.every == 0:
            future.set_exception(ConnectionError("the worker went away"))
        else:
            future.set_result(fn(*args, **kwargs))
        return future


def test_a_lost_batch_is_told_and_the_others_count() -> None:
    campaign = fuzz(SWAP, batches=3, seed=7, executor=Losing(2))
    assert campaign.batches == 2
    assert campaign.problems == ["batch 1 was lost: ConnectionError: the worker went away"]


def test_an_interrupt_keeps_what_was_found(alone: Campaign) -> None:
    def stop(campaign: Campaign) -> None:
        if campaign.batches == 2:
            monkeypatch.setattr(campaigns, "run_batch", interrupted)

    def interrupted(task: Task) -> Any:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as monkeypatch:
        campaign = fuzz(SWAP, batches=3, seed=7, progress=stop)
    assert campaign.batches == 2
    assert campaign.findings
    assert "interrupted" in campaign.problems[-1]


def test_nobody_is_asked_for_ever() -> None:
    campaign = fuzz(SWAP, batches=100, executor=Losing(1))
    assert campaign.batches == 0
    assert len(campaign.problems) == campaigns.LOSSES


def test_a_broken_executor_ends_the_campaign_and_is_told() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        campaign = fuzz(PlantedPass(("swap",), broken=True), batches=5, executor=pool)
    assert campaign.batches == 0
    assert "the executor broke down" in campaign.problems[-1]


def test_the_clock_and_the_processors_limit_a_campaign() -> None:
    assert fuzz(SWAP, seconds=0.001, seed=7).batches == 1
    assert fuzz(SWAP, cpu_seconds=0.001, seed=7).batches == 1


def test_findings_are_saved_with_what_finds_them_again(tmp_path: Path) -> None:
    campaign = fuzz(SWAP, batches=1, seed=7, output=tmp_path / "found")
    assert set(campaign.folders) == {f.signature.key for f in campaign.findings}
    for folder in campaign.folders.values():
        assert (folder / "repro.py").exists()
        assert "--seed 7" in (folder / "meta.json").read_text(encoding="utf-8")


def test_only_findings_that_are_worth_it_get_a_folder(tmp_path: Path) -> None:
    alone = fuzz(SWAP, batches=1, seed=7)
    kept = alone.findings[0].signature
    campaign = fuzz(SWAP, batches=1, seed=7, output=tmp_path / "found", keep=lambda f: f.signature == kept)
    assert [f.signature for f in campaign.findings] == [f.signature for f in alone.findings]
    assert list(campaign.folders) == [kept.key]


def test_progress_is_told_after_each_batch() -> None:
    seen: list[int] = []
    fuzz(SWAP, batches=2, progress=lambda c: seen.append(c.batches))
    assert seen == [1, 2]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"batches": 1}, "nothing to look for faults in"),
        ({"subject": "onnx"}, "without a budget"),
        ({"subject": "onnx", "seconds": 0}, "greater than 0"),
        ({"subject": "onnx", "seconds": float("nan")}, "greater than 0"),
        ({"subject": "nowhere", "batches": 1}, "no backend is called 'nowhere'"),
        ({"passes": "nothing", "batches": 1}, "no pass or pipeline is called 'nothing'"),
        ({"subject": "onnx", "batches": 1, "workers": 0}, "0 workers"),
        ({"subject": "onnx", "batches": 1, "max_nodes": 1}, "up to 1 nodes"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        fuzz(**given)


def test_sources_are_plain_data() -> None:
    for source in (BackendSource("onnx", ("default",), False), PassSource(("default",))):
        assert pickle.loads(pickle.dumps(source)) == source
