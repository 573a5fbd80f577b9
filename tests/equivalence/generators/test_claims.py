"""What ops claim is found from their samples, and every claim has a sample to show for it."""

import pytest

from interlingua.equivalence.generators.claims import Claim, Unreached, claims, rank_of, sample_of, some_claims
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.draw import RandomDraw
from interlingua.ir.dtypes import FLOATS, NUMBERS, DType

OPS = builtin_ops()


def test_an_elementwise_op_claims_its_dtypes_at_every_rank_of_its_samples():
    found = claims(OPS["core.add"])
    assert {c.dtype for c in found} == set(NUMBERS)
    assert {c.rank for c in found} == {0, 1, 2, 3, 4}


def test_a_convolution_claims_ranks_with_batch_and_channels():
    found = claims(OPS["nn.lrn"])
    assert {c.dtype for c in found} == set(FLOATS)
    assert {c.rank for c in claims(OPS["core.max_pool"])} == {3, 4, 5}


def test_every_dtype_and_rank_is_among_the_few():
    for name in ("core.matmul", "core.conv", "core.gather", "quant.quantize"):
        every, few = claims(OPS[name]), some_claims(OPS[name])
        assert set(few) <= set(every)
        assert {c.dtype for c in few} == {c.dtype for c in every}
        assert {c.rank for c in few} == {c.rank for c in every}
        assert len(few) < len(every)


@pytest.mark.parametrize("seed", range(5))
def test_samples_are_of_their_claim(seed):
    for claim in some_claims(OPS["core.max_pool"]):
        sample = sample_of(claim, RandomDraw(seed))
        assert rank_of(sample) == claim.rank
        assert DType.of(sample.operands[0]) is claim.dtype


def test_what_is_not_claimed_is_out_of_reach():
    with pytest.raises(Unreached):
        sample_of(Claim("core.exp", DType.I32, 2), RandomDraw(0))


def test_claims_are_named_for_test_ids():
    assert str(Claim("core.conv", DType.F32, 4)) == "core.conv-f32-r4"
    assert str(Claim("sequence.empty", DType.F32, None)) == "sequence.empty-f32-none"
