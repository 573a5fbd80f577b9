"""Every op that is said to run on permuted data does, on samples of itself."""

from __future__ import annotations

import zlib
from itertools import islice, permutations

import pytest

import interlingua
from interlingua.equivalence.expect import expect
from interlingua.equivalence.generators.modules import case_of
from interlingua.equivalence.judge import judge
from interlingua.ir.builder import symbols_of
from interlingua.ir.clone import clone_module
from interlingua.ir.draw import RandomDraw
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor
from interlingua.ir.verify import verify_module
from interlingua.passes.layout.permute import permute
from interlingua.passes.layout.permuted import ROWS, permuted

SAMPLES, PERMS = 6, 6


@pytest.mark.parametrize("op", sorted(ROWS, key=lambda op: op.name), ids=lambda op: op.name)
def test_row(op) -> None:
    reached = 0
    for seed in range(SAMPLES * 8):
        case = case_of(op.sample(RandomDraw(zlib.crc32(f"{op.name} {seed}".encode()))), symbolic=bool(seed % 2))
        node = case.module.main.outputs[0].node
        first = node.operands[0]
        if first is None or not isinstance(first.type, Tensor) or len(first.type.shape) < 2:
            continue
        moved = sum(agrees(case, perm) for perm in islice(permutations(range(first.type.rank)), 1, PERMS))
        reached += bool(moved)
        if reached == SAMPLES:
            break
    assert reached, "no sample can be permuted"


def agrees(case, perm: tuple[int, ...]) -> bool:
    """Whether the node of a case can be permuted; if so, it computes the same."""
    copy = clone_module(case.module)
    node = copy.main.outputs[0].node
    plan = permuted(node, perm)
    if plan is None:
        return False
    permute({node: plan}, {len(perm): perm}, Rewriter(), symbols_of(copy))
    verify_module(copy)
    assert [v.type for v in copy.main.outputs] == [v.type for v in case.module.main.outputs]
    found = judge(expect(case.module, case.inputs), interlingua.evaluate(copy, case.inputs), "")
    assert all(c.passed or c.verdict.value in ("AMBIGUOUS", "UNDEFINED") for c in found), (perm, plan, found)
    return True
