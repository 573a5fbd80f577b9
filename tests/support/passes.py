"""Passes on modules in the text form: before, after, and the values the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import interlingua
from interlingua.equivalence.expect import expect, expect_exactly
from interlingua.equivalence.generate import Generator
from interlingua.equivalence.judge import judge
from interlingua.equivalence.rewritten import judge_rewritten
from interlingua.ir.graph import Module
from interlingua.passes.pipeline import Passes, resolve
from interlingua.plugins import plugins
from interlingua.report import Comparison
from support.text import parse

CASES = 4
"""Sets of inputs that before and after are compared on, where none is given."""


def lines(module: Module) -> list[str]:
    """The statements of ``main``."""
    text = str(module).split("{\n", 1)[1]
    return [line.strip() for line in text.splitlines() if line.strip() not in ("}", "")][:-1]


def check(
    passes: Passes,
    text: str,
    wanted: Sequence[str] | None,
    inputs: Sequence[Mapping[str, Any]] = (),
) -> Module:
    """The module after ``passes``: its statements are ``wanted`` (where given), the one before and the interface are as
    they were, what it computes is judged by the passes' own contract on ``inputs`` or generated ones, and a second run
    changes nothing."""
    before = parse(text)
    after = interlingua.optimize(before, passes)
    assert str(before) == text
    assert (before.inputs, before.outputs) == (after.inputs, after.outputs)
    assert [v.type for v in before.main.outputs] == [v.type for v in after.main.outputs]
    if wanted is not None:
        assert lines(after) == list(wanted)
    exact = all(p.promise == "exact" for p in resolve(passes, plugins().passes))
    for given in inputs or generated(before):
        outputs = interlingua.evaluate(after, given)
        found = judge(expect_exactly(before, given), outputs, "") if exact else by_either(before, after, given, outputs)
        assert all(c.passed for c in found), found
    assert str(interlingua.optimize(after, passes)) == str(after)
    return after


def by_either(
    before: Module, after: Module, given: Mapping[str, Any], outputs: Mapping[str, Any]
) -> list[Comparison]:
    """``outputs``, those of ``after``, held against ``before`` as a rewrite that is equal over the reals is."""
    return judge_rewritten(expect(before, given, numbers=True).outputs, after, given, outputs)


def untouched(passes: Passes, text: str) -> None:
    """A near-miss: the passes leave the module as it is."""
    assert lines(interlingua.optimize(parse(text), passes)) == lines(parse(text))


def generated(module: Module) -> list[Mapping[str, Any]]:
    """A few sets of inputs, at several sizes."""
    batch = next(Generator(module).batches())
    return [case.inputs for case in batch[:CASES]]


def operations(passes: Passes, text: str) -> list[str]:
    """The ops that are left after the passes, constants aside; what is computed is checked as by :func:`check`."""
    return [n.op.name for n in check(passes, text, None).walk() if n.op.name != "core.constant"]
