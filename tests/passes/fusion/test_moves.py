"""Pixel shuffles, channel shuffles and upsampling by reshapes, transposes and broadcasts."""

import pytest

from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.layout import Tile
from interlingua.passes.fusion.channel_shuffle import FuseChannelShuffle
from interlingua.passes.fusion.depth_to_space import FuseDepthToSpace
from interlingua.passes.fusion.upsampling import FuseUpsampling
from support.formulas import Formula, written
from support.passes import check, operations, untouched

DEEP, PLANE = "f32[n, 12, 2, 3]", "f32[n, 3, 4, 6]"


def shaped(x: Expr, *dims: int) -> Expr:
    """Reshaped to the batch and ``dims``."""
    return x.reshape([-1, *dims])


def moved(x: Expr, cut: tuple[int, ...], perm: tuple[int, ...], joined: tuple[int, ...]) -> Expr:
    return shaped(shaped(x, *cut).transpose(*perm), *joined)


BLOCKS: dict[str, tuple[str, Formula]] = {
    'nn.depth_to_space(%x) {block = 2, mode = "dcr"} : f32[n, 3, 4, 6]': (
        DEEP, lambda x: moved(x, (2, 2, 3, 2, 3), (0, 3, 4, 1, 5, 2), (3, 4, 6))),
    'nn.depth_to_space(%x) {block = 2, mode = "crd"} : f32[n, 3, 4, 6]': (
        DEEP, lambda x: moved(x, (3, 2, 2, 2, 3), (0, 1, 4, 2, 5, 3), (3, 4, 6))),
    'nn.space_to_depth(%x) {block = 2, mode = "dcr"} : f32[n, 12, 2, 3]': (
        PLANE, lambda x: moved(x, (3, 2, 2, 3, 2), (0, 3, 5, 1, 2, 4), (12, 2, 3))),
    'nn.space_to_depth(%x) {block = 2, mode = "crd"} : f32[n, 12, 2, 3]': (
        PLANE, lambda x: moved(x, (3, 2, 2, 3, 2), (0, 1, 3, 5, 2, 4), (12, 2, 3))),
}  # fmt: skip
BLOCK_MISSES: dict[str, tuple[str, Formula]] = {
    "another transpose": (DEEP, lambda x: moved(x, (2, 2, 3, 2, 3), (0, 3, 4, 2, 5, 1), (3, 4, 6))),
    "a block that is no square": ("f32[n, 12, 2, 2]",
                                  lambda x: moved(x, (2, 3, 2, 2, 2), (0, 3, 4, 1, 5, 2), (2, 4, 6))),
    "rows and columns cut elsewhere": (DEEP, lambda x: moved(x, (2, 2, 3, 3, 2), (0, 3, 4, 1, 5, 2), (3, 6, 4))),
    "another shape after it": (DEEP, lambda x: moved(x, (2, 2, 3, 2, 3), (0, 3, 4, 1, 5, 2), (3, 24))),
    "another rank": ("f32[n, 12, 6]", lambda x: moved(x, (2, 2, 3, 2, 3), (0, 3, 4, 1, 5, 2), (3, 4, 6))),
    "a part with another user": (DEEP, lambda x: (
        shaped((t := shaped(x, 2, 2, 3, 2, 3).transpose(0, 3, 4, 1, 5, 2)), 3, 4, 6), t)),
}  # fmt: skip


@pytest.mark.parametrize("wanted", BLOCKS)
def test_blocks(wanted: str) -> None:
    type_, formula = BLOCKS[wanted]
    after = check(FuseDepthToSpace(), written(formula, type_), None)
    (node,) = [n for n in after.walk() if n.op.name.startswith("nn.")]
    assert f"%y = {wanted}" in str(after) and node.result is after.main.outputs[0]


@pytest.mark.parametrize("miss", BLOCK_MISSES)
def test_blocks_near_misses(miss: str) -> None:
    type_, formula = BLOCK_MISSES[miss]
    untouched(FuseDepthToSpace(), written(formula, type_))


def test_channel_shuffle() -> None:
    text = written(lambda x: moved(x, (2, 3, 4), (0, 2, 1, 3), (6, 4)), "f32[n, 6, 4]")
    after = check(FuseChannelShuffle(), text, None)
    assert "dense i64[6] [0, 3, 1, 4, 2, 5]" in str(after)
    assert after.main.outputs[0].node is not None
    assert after.main.outputs[0].node.op.name == "core.gather"


@pytest.mark.parametrize(
    "formula",
    [
        lambda x: moved(x, (2, 3, 4), (0, 3, 2, 1), (6, 4)),
        lambda x: moved(x, (6, 2, 2), (0, 2, 1, 3), (6, 4)),
        lambda x: moved(x, (2, 3, 4), (0, 2, 1, 3), (12, 2)),
        lambda x: x.reshape([2, -1, 6, 4]).transpose(0, 2, 1, 3).reshape([-1, 6, 4]),
    ],
    ids=["another transpose", "no groups of channels", "another shape after it", "the batch cut"],
)
def test_channel_shuffle_near_misses(formula: Formula) -> None:
    untouched(FuseChannelShuffle(), written(formula, "f32[n, 6, 4]"))


def repeated(x: Expr, cut: tuple[int, ...], whole: tuple[int, ...], joined: tuple[int, ...]) -> Expr:
    n = x.shape().slice(0, 0, 1)
    return shaped(shaped(x, *cut).broadcast(n.concat(n.constant(list(whole)))), *joined)


IMAGE = "f32[n, 2, 3, 4]"
UPSAMPLED: dict[str, Formula] = {
    "reshape and expand": lambda x: repeated(x, (2, 3, 1, 4, 1), (2, 3, 2, 4, 3), (2, 6, 12)),
    "unsqueeze and tile": lambda x: shaped(x.expand(3, 5).apply(Tile(), x.constant([1, 1, 1, 2, 1, 3])), 2, 6, 12),
}


@pytest.mark.parametrize("formula", UPSAMPLED.values(), ids=UPSAMPLED)
def test_upsampling(formula: Formula) -> None:
    after = check(FuseUpsampling(), written(formula, IMAGE), None)
    (node,) = [n for n in after.walk() if n.op.name == "vision.resize"]
    op = node.op.attributes()
    assert (op["axes"], op["factors"], op["mode"]) == ((2, 3), (2.0, 3.0), "nearest")
    assert node.result is after.main.outputs[0]


def test_upsampling_of_one_axis() -> None:
    text = written(lambda x: repeated(x, (2, 3, 1, 4), (2, 3, 2, 4), (2, 6, 4)), IMAGE)
    assert "vision.resize" in operations(FuseUpsampling(), text)


@pytest.mark.parametrize(
    "formula",
    [
        lambda x: repeated(x, (2, 1, 3, 1, 4), (2, 2, 3, 2, 4), (2, 6, 8)),
        lambda x: repeated(x, (2, 3, 1, 4, 1), (2, 3, 2, 4, 3), (2, 12, 6)),
        lambda x: repeated(x, (1, 2, 3, 4), (2, 2, 3, 4), (4, 3, 4)),
        lambda x: shaped(x.apply(Tile(), x.constant([1, 1, 2, 2])), 2, 6, 8),
        lambda x: repeated(x, (2, 4, 1, 3, 1), (2, 4, 2, 3, 2), (2, 8, 6)),
    ],
    ids=["axes before theirs", "another shape after it", "whole images", "whole rows", "a plane cut otherwise"],
)
def test_upsampling_near_misses(formula: Formula) -> None:
    after = check(FuseUpsampling(), written(formula, IMAGE), None)
    resized = [n.op.attributes() for n in after.walk() if n.op.name == "vision.resize"]
    assert all(r["axes"] != (2, 3) for r in resized)


def test_integers_stay() -> None:
    untouched(FuseUpsampling(), written(UPSAMPLED["reshape and expand"], "i64[n, 2, 3, 4]"))
