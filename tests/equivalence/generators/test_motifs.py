"""Every pattern comes about, in many forms, and near-misses with it."""

import pytest

import interlingua
from interlingua.equivalence.generators.motifs import draw_motif
from interlingua.equivalence.generators.patterns import CLASSES, PATTERNS, Link, Pattern
from interlingua.equivalence.generators.recipe import Rejected
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.draw import RandomDraw
from interlingua.ir.dtypes import DType
from interlingua.ir.types import Tensor
from interlingua.ir.verify import verify_module

OPS = builtin_ops()


def names(case):
    return [n.op.name for n in case.module.walk() if n.op.name != "core.constant"]


def test_patterns_name_ops_that_exist():
    listed = {name for names in CLASSES.values() for name in names}
    linked = {name for pattern in PATTERNS for link in pattern.links for name in link.names}
    assert (listed | linked) - set(OPS) == set()
    assert len({p.name for p in PATTERNS}) == len(PATTERNS)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: p.name)
def test_a_pattern_comes_about(pattern):
    forms = set()
    for seed in range(4):
        case = draw_motif(RandomDraw(seed), pattern)
        verify_module(case.module)
        interlingua.evaluate(case.module, case.inputs)
        forms.add(str(case.module))
        if not pattern.spelled:
            assert all(any(name in link.names for name in names(case)) for link in pattern.links)
    assert len(forms) > 1


def test_near_misses_come_about():
    """Other dtypes, second consumers, interior outputs."""
    pattern = Pattern("relu-clip", (Link("nn.relu"), Link("nn.clip")))
    dtypes, consumers, outputs = set(), set(), set()
    for seed in range(60):
        main = draw_motif(RandomDraw(seed), pattern).module.main
        relu = next(n for n in main.nodes if n.op.name == "nn.relu")
        assert isinstance(relu.result.type, Tensor)
        dtypes.add(relu.result.type.dtype)
        consumers.add(len(relu.result.uses))
        outputs.add(relu.result in main.outputs)
    assert {DType.F32, DType.F64, DType.I32} <= dtypes
    assert {1, 2} <= consumers
    assert outputs == {True, False}


def test_constants_fill_operands():
    pattern = Pattern("add-zero", (Link("core.add", fill={1: 0}),))
    for seed in range(10):
        main = draw_motif(RandomDraw(seed), pattern).module.main
        add = next(n for n in main.nodes if n.op.name == "core.add")
        zero = add.operand(1).node
        assert zero is not None
        assert not zero.op.weight.view().any()


def test_a_pattern_that_cannot_be_is_refused():
    with pytest.raises(Rejected, match="does not come about"):
        draw_motif(RandomDraw(0), Pattern("none", (Link("core.is_nan"), Link("math.det"))))
