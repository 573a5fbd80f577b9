"""The replay log: the same steps give the same module, the first of them a prefix."""

from __future__ import annotations

import pytest

import interlingua
from interlingua.errors import InvalidModel, IRError, UsageError
from interlingua.ir.clone import clone_module
from interlingua.ir.graph import Module
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.catalogue import PASSES
from interlingua.passes.cleanup.fold_constants import FoldConstants
from interlingua.passes.log import Log, Recorder, replay
from interlingua.passes.pipeline import Passes, resolve, run_passes
from support.real_models import SMALL, Unavailable, fetch
from support.text import body, parse

KNOWN = {p.name: p for p in PASSES}
FOUR = body(
    """%a = core.transpose(%x) {perm = [1, 2, 0]} : f32[m, 3, n]
    %b = core.transpose(%a) {perm = [1, 2, 0]} : f32[3, n, m]
    %c = core.transpose(%b) {perm = [1, 2, 0]} : f32[n, m, 3]
    %d = core.transpose(%c) {perm = [1, 0, 2]} : f32[m, n, 3]
    %y = core.neg(%d) : f32[m, n, 3]""",
    "%x: f32[n, m, 3]",
)


def logged(module: Module, passes: Passes) -> tuple[Module, Log]:
    copy, recorder = clone_module(module), Recorder()
    run_passes(copy, resolve(passes, KNOWN), rewriter=Rewriter([recorder], [recorder]), around=recorder.around)
    return copy, recorder.log


def again(module: Module, log: Log, upto: int | None = None) -> str:
    copy = clone_module(module)
    replay(copy, log, KNOWN, upto)
    return str(copy)


def test_all_steps_give_the_same_text() -> None:
    module = parse(FOUR)
    after, log = logged(module, "default")
    assert again(module, log) == str(after)
    rules = [(s.within, s.rule) for s in log.steps if s.rule]
    assert rules == [("simplify", "merge-transposes")] * 3


def test_upto_gives_prefixes() -> None:
    module = parse(FOUR)
    after, log = logged(module, "merge-transposes")
    texts = [again(module, log, k) for k in range(len(log.steps) + 1)]
    assert texts[0] == str(module)
    assert texts[-1] == str(after)
    lengths = [t.count("core.transpose") for t in texts]
    assert lengths == sorted(lengths, reverse=True)
    assert len(set(texts)) == len(texts)


def test_a_log_survives_its_text() -> None:
    module = parse(FOUR)
    _, log = logged(module, ["default", FoldConstants(limit=3)])
    assert Log.from_json(log.to_json()) == log
    assert log.steps[-1].options == {"limit": 3}
    assert logged(module, "default")[1].to_json() == logged(module, "default")[1].to_json()


@pytest.mark.parametrize("name", SMALL)
def test_of_real_models(name: str) -> None:
    try:
        module = interlingua.load(fetch(name))
    except Unavailable as error:
        pytest.skip(str(error))
    after, log = logged(module, "default")
    assert again(module, log) == str(after)


def test_a_step_that_does_not_apply_is_named() -> None:
    module = parse(FOUR)
    after, log = logged(module, "merge-transposes")
    with pytest.raises(IRError, match="merge-transposes does not apply to node 1") as caught:
        again(after, log)
    assert caught.value.where == "step 0 of the log"


def test_nonsense_is_refused() -> None:
    module = parse(FOUR)
    with pytest.raises(InvalidModel, match="this is no replay log"):
        Log.from_json("[]")
    with pytest.raises(InvalidModel, match="version 9"):
        Log.from_json('{"version": 9, "steps": []}')
    one = '{"version": 1, "steps": [{"run": 0, "within": "%s", "rule": "%s", "node": 0}]}'
    with pytest.raises(UsageError, match="'nobody'"):
        again(module, Log.from_json(one % ("nobody", "x")))
    with pytest.raises(UsageError, match="has no rule 'x'"):
        again(module, Log.from_json(one % ("merge-transposes", "x")))
