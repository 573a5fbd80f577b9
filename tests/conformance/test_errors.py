"""What is not valid is refused, by a constraint that the op states; what is not refused computes what its type says."""

from __future__ import annotations

import ast
import re
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from conformance.broken import BY_HAND, UNDEFINED
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import interlingua
from interlingua.equivalence.generators.errors import draw_broken
from interlingua.equivalence.generators.graphs import drawable
from interlingua.equivalence.generators.modules import module_of
from interlingua.errors import ConstraintError, EvaluationError
from interlingua.ir import ops
from interlingua.ir.draw import RandomDraw, Sample
from interlingua.ir.op import Op
from support.samples import HypothesisDraw

SAID = re.compile(
    r"\bC\d+\."
    r"|takes .* operand\(s\)|operand \w+ (is required|must be a)|attribute \w+ must be"  # of every op
    r"|operands must have one dtype|axis -?\d+ is outside|is named twice|do not broadcast"  # of many
    r"|have no common type|scales are floating point|is not defined on this dtype|index -?\d+ is outside"
)
"""A numbered constraint, or one that is not of a single op."""

quick = settings(
    max_examples=12,
    deadline=None,
    database=None,
    phases=(Phase.generate,),  # what fails is one node already
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("cls", drawable(random=True), ids=lambda cls: cls.name)
def test_a_broken_sample_is_refused_or_computes(cls):
    @quick
    @seed(zlib.crc32(cls.name.encode()))
    @given(st.data(), st.booleans())
    def check(data, symbolic):
        draw = HypothesisDraw(data)
        try:
            broken = draw_broken(cls.sample(draw), draw)
            module, inputs = module_of(broken if symbolic else readable(broken), symbolic=symbolic)
        except ConstraintError as error:
            assert cls.name in error.what, error
            assert SAID.search(error.what), error
            return
        try:
            interlingua.evaluate(module, inputs)
        except EvaluationError as error:
            assert symbolic or excused(cls, error), error

    check()


def readable(sample):
    """The sample with every integer that its type rule could read as a constant: nothing is left to the run."""
    integers = {
        i for i, o in enumerate(sample.operands) if isinstance(o, np.ndarray) and o.dtype in (np.int32, np.int64)
    }
    return Sample(sample.op, sample.operands, sample.known | integers)


def excused(cls, error):
    """Whether values that no type rule sees are what the reference stumbles over."""
    if isinstance(error.__cause__, IndexError) and "out of bounds" in str(error.__cause__):
        return True
    return any(re.search(pattern, error.what) for pattern in UNDEFINED.get(cls.name, ()))


class Watch:
    """Notes which calls of ``Op.require`` refused something, by file and line."""

    def __init__(self):
        self.hit = set()

    def __enter__(self):
        self.original = original = Op.require
        hit = self.hit

        def require(self, condition, constraint, *subjects):
            if not condition:
                frame = sys._getframe(1)
                hit.add((Path(frame.f_code.co_filename).name, frame.f_lineno))
            return original(self, condition, constraint, *subjects)

        Op.require = require
        return self

    def __exit__(self, *_):
        Op.require = self.original

    def missing(self):
        """The calls that were never seen to refuse."""
        return [
            f"{name}:{first}"
            for name, first, last in sites()
            if not any(file == name and first <= line <= last for file, line in self.hit)
        ]


def sites():
    """Every call of ``require`` in the definitions of ops: file, first and last line."""
    for path in sorted(Path(ops.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "require":
                yield path.name, node.lineno, node.end_lineno


@pytest.mark.parametrize("build", BY_HAND.values(), ids=BY_HAND)
def test_what_no_change_of_a_sample_breaks_is_refused(build):
    with pytest.raises(ConstraintError, match=r"C\d+\."):
        build()


@pytest.mark.nightly
def test_every_constraint_refuses_something():
    """At least 95 % of the constraints are broken by generated samples, and all of them by those with the few that
    are given by hand."""
    total = len(list(sites()))
    with Watch() as watch:
        for cls in drawable(random=True):
            for number in range(400):
                draw = RandomDraw(number)
                try:
                    module_of(draw_broken(cls.sample(draw), draw), symbolic=number % 4 == 0)
                except ConstraintError:
                    continue
        generated = watch.missing()
        for build in BY_HAND.values():
            with pytest.raises(ConstraintError):
                build()
        left = watch.missing()
    print(f"{total - len(generated)} of {total} constraints are broken by generated samples; not: {generated}")
    assert len(generated) <= 0.05 * total
    assert left == []
