"""The depth of graphs."""

from interlingua.ir.depth import depth
from support.text import CONTROL, MLP, SHAPES, parse


def test_the_longest_path_counts_and_constants_do_not() -> None:
    assert depth(parse(MLP).main) == 2
    assert depth(parse(SHAPES).main) == 4


def test_an_op_with_regions_counts_with_the_deepest() -> None:
    assert depth(parse(CONTROL).main) == 2
