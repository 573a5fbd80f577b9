"""Layer, RMS, instance and group norm in the spellings of frameworks, and what is another formula."""

import numpy as np
import pytest

import interlingua
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.activation import Relu
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.math import Reciprocal, Rsqrt, Square
from interlingua.ir.ops.norm import InstanceNorm, LayerNorm
from interlingua.ir.ops.reduction import Mean
from interlingua.passes.cleanup.merge_common import MergeCommon
from interlingua.passes.fusion.group_norm import FuseGroupNorm
from interlingua.passes.fusion.instance_norm import FuseInstanceNorm
from interlingua.passes.fusion.layer_norm import FuseLayerNorm
from interlingua.passes.fusion.mean import FuseMean
from interlingua.passes.fusion.rms_norm import FuseRmsNorm
from interlingua.passes.pipeline import Passes
from support.formulas import Formula, written
from support.passes import check, operations, untouched
from support.text import parse

TOKENS, WIDTH, IMAGE = "f32[n, 3, 4]", "f32[4]", "f32[n, 6, 2, 3]"
ALL: Passes = [FuseMean(), FuseLayerNorm(), FuseRmsNorm(), FuseInstanceNorm(), FuseGroupNorm()]
EPSILON = 0.125
NORM = "{axis = -1, epsilon = 0.125}"


def mean(x: Expr, *axes: int) -> Expr:
    return x.mean(axes or (-1,))


def gathered(x: Expr) -> Expr:
    """The mean without the axis it was taken over."""
    return x.apply(Mean(axes=(2,), keepdims=False))


def centred(x: Expr, *axes: int) -> Expr:
    return x - mean(x, *axes)


def variance(x: Expr, *axes: int) -> Expr:
    return mean(centred(x, *axes).pow(2), *axes)


def inverse(x: Expr) -> Expr:
    return (x + EPSILON).apply(Rsqrt())


def spread(x: Expr, like: Expr, *shape: int) -> Expr:
    """A reduced value as XLA puts it back: reshaped, then broadcast."""
    n = like.shape().slice(0, 0, 1)
    kept, whole = n.concat(n.constant([3, 1])), n.concat(n.constant([3, *(shape or (4,))]))
    return x.reshape(kept).broadcast(whole)


def difference(x: Expr) -> Expr:
    """The variance as JAX has it."""
    return (gathered(x * x) - gathered(x) * gathered(x)).apply(Relu())


LAYER: dict[str, Formula] = {
    "torch": lambda x: (d := centred(x)) / (mean(d.pow(2)) + EPSILON).sqrt(),
    "centred twice": lambda x: centred(x) / (variance(x) + EPSILON).sqrt(),
    "products": lambda x: (d := centred(x)) / (mean(d * d) + EPSILON).sqrt(),
    "square": lambda x: (d := centred(x)) / (mean(d.apply(Square())) + EPSILON).pow(0.5),
    "rsqrt": lambda x: centred(x) * inverse(variance(x)),
    "reciprocal": lambda x: centred(x) * (variance(x) + EPSILON).sqrt().apply(Reciprocal()),
    "one over": lambda x: centred(x) * (x.number(1) / (variance(x) + EPSILON).sqrt()),
    "power": lambda x: centred(x) * (variance(x) + EPSILON).pow(-0.5),
    "sums": lambda x: (d := x - x.sum((2,)) / 4) / ((d * d).sum((2,)) * 0.25 + EPSILON).sqrt(),
    "spread": lambda x: (d := x - spread(gathered(x), x)) * inverse(spread(gathered(d.pow(2)), x)),
    "difference": lambda x: (x - spread(gathered(x), x)) * inverse(spread(difference(x), x)),
}
LAYER_MISSES: dict[str, Formula] = {
    "epsilon beside the root": lambda x, z: (d := centred(x)) / (mean(d.pow(2)).sqrt() + EPSILON),
    "no epsilon": lambda x, z: (d := centred(x)) / mean(d.pow(2)).sqrt(),
    "a negative epsilon": lambda x, z: (d := centred(x)) / (mean(d.pow(2)) - EPSILON).sqrt(),
    "another axis of the mean": lambda x, z: (d := centred(x, 1)) / (mean(d.pow(2)) + EPSILON).sqrt(),
    "another axis of the variance": lambda x, z: (d := centred(x)) / (mean(d.pow(2), 1) + EPSILON).sqrt(),
    "an axis in the middle": lambda x, z: (d := centred(x, 1)) / (mean(d.pow(2), 1) + EPSILON).sqrt(),
    "the mean of another value": lambda x, z: (d := x - mean(z)) / (mean(d.pow(2)) + EPSILON).sqrt(),
    "a cube": lambda x, z: (d := centred(x)) / (mean(d.pow(3)) + EPSILON).sqrt(),
    "no root": lambda x, z: (d := centred(x)) / (mean(d.pow(2)) + EPSILON),
    "no mean": lambda x, z: (d := centred(x)) / (d.pow(2).sum((-1,)) + EPSILON).sqrt(),
    "epsilons that differ": lambda x, z: centred(x)
    / (variance(x) + x.constant([[1.0], [2.0], [3.0]], x.dtype)).sqrt(),
    "a variance with another user": lambda x, z: ((d := centred(x)) / ((v := mean(d.pow(2))) + EPSILON).sqrt(), v),
}


@pytest.mark.parametrize("formula", LAYER.values(), ids=LAYER)
def test_layer_norm(formula: Formula) -> None:
    after = check([MergeCommon(), FuseMean(), FuseLayerNorm()], written(formula, TOKENS), None)
    found = [n for n in after.walk() if n.op.name.startswith("nn.")]
    assert [str(n.op.attributes()) for n in found] == ["{'axis': -1, 'epsilon': 0.125}"]
    assert found[0].operands == (after.main.inputs[0],) and after.main.outputs == (found[0].result,)


@pytest.mark.parametrize("formula", LAYER_MISSES.values(), ids=LAYER_MISSES)
def test_layer_norm_near_misses(formula: Formula) -> None:
    merged = interlingua.optimize(parse(written(formula, TOKENS, TOKENS)), MergeCommon())
    untouched(FuseLayerNorm(), str(merged))


def test_a_mean_that_is_spread_along_another_axis() -> None:
    def formula(x: Expr) -> Expr:
        d = x - x.apply(Mean(axes=(2,), keepdims=False)).expand(1)
        return d / (mean(d.pow(2)) + EPSILON).sqrt()

    untouched(FuseLayerNorm(), written(formula, "f32[n, 4, 4]"))


def test_dims_that_may_differ() -> None:
    def formula(x: Expr, z: Expr) -> Expr:
        d = x - z.apply(Mean(axes=(1,), keepdims=False)).reshape([-1, 1])
        return d / (mean(d.pow(2)) + EPSILON).sqrt()

    untouched(FuseLayerNorm(), written(formula, "f32[n, 4]", "f32[m, 4]"))


def test_several_axes() -> None:
    text = written(lambda x: (d := centred(x, 2, 1)) / (mean(d.pow(2), -1, -2) + EPSILON).sqrt(), TOKENS)
    check(FuseLayerNorm(), text, [f"%y = nn.layer_norm(%x) {{axis = -2, epsilon = 0.125}} : {TOKENS}"])


AFFINE: dict[str, Formula] = {
    "torch": lambda x, z, w: (d := centred(x)) / (mean(d.pow(2)) + EPSILON).sqrt() * z + w,
    "xla": lambda x, z, w: centred(x) * (inverse(variance(x)) * z) + w,
    "tensorflow": lambda x, z, w: x * (f := inverse(variance(x)) * z) + (w - mean(x) * f),
}


@pytest.mark.parametrize("formula", AFFINE.values(), ids=AFFINE)
def test_scale_and_bias(formula: Formula) -> None:
    text = written(formula, TOKENS, WIDTH, WIDTH)
    check([MergeCommon(), FuseLayerNorm()], text, [f"%y = nn.layer_norm(%x, %z, %w) {NORM} : {TOKENS}"])


@pytest.mark.parametrize("shape", ["f32[3, 4]", "f32[1]", "f32[3, 1]", "f32[n, 3, 4]"])
def test_a_scale_of_another_shape_stays(shape: str) -> None:
    text = written(lambda x, z: x.apply(LayerNorm(-1, EPSILON)) * z, TOKENS, shape)
    untouched(FuseLayerNorm(), text)
    untouched(FuseLayerNorm(), written(lambda x, w, z: x.apply(LayerNorm(-1, EPSILON), w) + z, TOKENS, WIDTH, shape))


def test_ones_before_a_constant_scale_go() -> None:
    text = written(lambda x: x.apply(LayerNorm()) * x.constant([[[1.0, 2.0, 3.0, 4.0]]], x.dtype), TOKENS)
    after = check(FuseLayerNorm(), text, None)
    assert [n.op.name for n in after.walk()] == ["core.constant", "nn.layer_norm"]


def test_float16_with_casts_around() -> None:
    def formula(x: Expr, z: Expr) -> Expr:
        d = centred(x.to(DType.F32))
        return (d / (mean(d.pow(2)) + EPSILON).sqrt()).to(DType.F16) * z

    text = written(formula, "f16[n, 3, 4]", "f16[4]")
    check(FuseLayerNorm(), text, [f"%y = nn.layer_norm(%x, %z) {NORM} : f16[n, 3, 4]"])


def test_a_scale_that_float16_has_no_place_for_stays_wide() -> None:
    def formula(x: Expr) -> Expr:
        wide = x.to(DType.F32)
        return wide.apply(LayerNorm(), wide.constant([0.1, 1.0, 2.0, 3.0], DType.F32)).to(DType.F16)

    untouched(FuseLayerNorm(), written(formula, "f16[n, 3, 4]"))


GROWING: dict[str, Formula] = {
    "layer norm": lambda x, z: centred(x) / (variance(x) + x.constant([[[[EPSILON]]]], x.dtype)).sqrt(),
    "layer norm, scaled": lambda x, z: centred(x)
    * ((variance(x) + x.constant([[EPSILON], [EPSILON]], x.dtype)).apply(Rsqrt()) * z),
    "RMS norm, scaled": lambda x, z: x * ((mean(x * x) + x.constant([[[[EPSILON]]]], x.dtype)).apply(Rsqrt()) * z),
}


@pytest.mark.parametrize("formula", GROWING.values(), ids=GROWING)
def test_an_epsilon_that_makes_the_shape_grow(formula: Formula) -> None:
    merged = interlingua.optimize(parse(written(formula, "f32[n, 1, 4]", WIDTH)), MergeCommon())
    untouched([FuseLayerNorm(), FuseRmsNorm()], str(merged))


RMS: dict[str, Formula] = {
    "divided": lambda x: x / (mean(x.pow(2)) + EPSILON).sqrt(),
    "rsqrt": lambda x: x * inverse(mean(x * x)),
    "llama": lambda x: x * (x.number(1) / (mean(x.pow(2)) + EPSILON).sqrt()),
    "wide": lambda x: x * (mean(x.pow(2)) + EPSILON).pow(-0.5),
}
RMS_MISSES: dict[str, Formula] = {
    "epsilon beside the root": lambda x, z: x / (mean(x.pow(2)).sqrt() + EPSILON),
    "a sum": lambda x, z: x / (x.pow(2).sum((-1,)) + EPSILON).sqrt(),
    "of another value": lambda x, z: z / (mean(x.pow(2)) + EPSILON).sqrt(),
    "another axis": lambda x, z: x / (mean(x.pow(2), 1) + EPSILON).sqrt(),
    "another power": lambda x, z: x / (mean(x.abs().pow(3)) + EPSILON).sqrt(),
    "no epsilon": lambda x, z: x / mean(x.pow(2)).sqrt(),
}


@pytest.mark.parametrize("formula", RMS.values(), ids=RMS)
def test_rms_norm(formula: Formula) -> None:
    check(FuseRmsNorm(), written(formula, TOKENS), [f"%y = nn.rms_norm(%x) {NORM} : {TOKENS}"])


@pytest.mark.parametrize("formula", RMS_MISSES.values(), ids=RMS_MISSES)
def test_rms_norm_near_misses(formula: Formula) -> None:
    untouched(FuseRmsNorm(), written(formula, TOKENS, TOKENS))


def test_rms_norm_with_a_scale_and_casts() -> None:
    wanted = [f"%y = nn.rms_norm(%x, %z) {NORM} : {TOKENS}"]
    check(FuseRmsNorm(), written(lambda x, z: x * inverse(mean(x * x)) * z, TOKENS, WIDTH), wanted)
    check(FuseRmsNorm(), written(lambda x, z: x * (inverse(mean(x * x)) * z), TOKENS, WIDTH), wanted)
    text = written(lambda x, z: z * RMS["divided"](x.to(DType.F32)).to(DType.F16), "f16[n, 3, 4]", "f16[4]")
    check(FuseRmsNorm(), text, [f"%y = nn.rms_norm(%x, %z) {NORM} : f16[n, 3, 4]"])


def channels(x: Expr, *shape: int) -> Expr:
    return x.constant((np.arange(6) / 4 + 0.5).reshape(shape or (6, 1, 1)), x.dtype)


def standardized(x: Expr) -> Expr:
    return (d := centred(x, 2, 3)) / (mean(d.pow(2), 2, 3) + EPSILON).sqrt()


def test_instance_norm() -> None:
    text = written(lambda x: standardized(x) * channels(x) + channels(x, 1, 6, 1, 1), IMAGE)
    after = check(ALL, text, None)
    (norm,) = [n for n in after.walk() if n.op.name != "core.constant"]
    assert norm.op == InstanceNorm(epsilon=EPSILON)
    assert [v.tensor.shape for v in norm.operands[1:] if v is not None] == [(6,), (6,)]


def test_instance_norm_of_a_plane_alone() -> None:
    text = written(lambda x: x.apply(LayerNorm(3)) * channels(x), IMAGE)
    assert operations(ALL, text) == ["nn.layer_norm", "core.mul"]


def test_a_scale_along_the_rows_is_no_instance_norm() -> None:
    text = written(lambda x: x.apply(LayerNorm(2)) * x.constant([[1.0], [2.0]], x.dtype), IMAGE)
    assert operations(ALL, text) == ["nn.layer_norm", "core.mul"]


def grouped(x: Expr, groups: int, *rest: int) -> Expr:
    n = x.shape().slice(0, 0, 1)
    return x.reshape(n.concat(n.constant([groups, *(rest or (-1,))])))


def ungrouped(y: Expr, x: Expr) -> Expr:
    n = x.shape().slice(0, 0, 1)
    return y.reshape(n.concat(n.constant([6, 2, 3])))


def of_groups(x: Expr, groups: int, *rest: int) -> Expr:
    one, zero = (x.constant([value] * groups, x.dtype) for value in (1, 0))
    return ungrouped(grouped(x, groups, *rest).apply(InstanceNorm(EPSILON), one, zero), x)


@pytest.mark.parametrize("rest", [(-1,), (3, 2, 3), (3, 6)], ids=str)
def test_group_norm(rest: tuple[int, ...]) -> None:
    after = check(ALL, written(lambda x: of_groups(x, 2, *rest) * channels(x) + channels(x), IMAGE), None)
    norm = after.main.outputs[0].node
    assert norm is not None
    assert str(norm.op) == "GroupNorm(groups=2, epsilon=0.125)"
    assert [v.tensor.shape for v in norm.operands[1:] if v is not None] == [(6,), (6,)]


def test_group_norm_of_moments() -> None:
    def formula(x: Expr) -> Expr:
        planes = grouped(x, 3)
        d = planes - planes.mean((2,))
        return ungrouped(d / ((d * d).mean((2,)) + EPSILON).sqrt(), x)

    assert "nn.group_norm" in operations(ALL, written(formula, IMAGE))


GROUP_MISSES: dict[str, Formula] = {
    "groups that cut channels": lambda x: of_groups(x, 4),
    "scales by group": lambda x: ungrouped(
        grouped(x, 2).apply(InstanceNorm(), x.constant([1.0, 2.0], x.dtype), x.constant([0.0, 0.0], x.dtype)), x
    ),
    "biases by group": lambda x: ungrouped(
        grouped(x, 2).apply(InstanceNorm(), x.constant([1.0, 1.0], x.dtype), x.constant([0.0, 1.0], x.dtype)), x
    ),
    "the last axis alone": lambda x: ungrouped(grouped(x, 2, 3, 6).apply(LayerNorm(-1)), x),
    "another shape after it": lambda x: grouped(x, 2).apply(
        InstanceNorm(), x.constant([1.0, 1.0], x.dtype), x.constant([0.0, 0.0], x.dtype)
    ).reshape([-1, 36]),
    "the batch cut": lambda x: x.reshape([-1, 2, 6]).apply(
        InstanceNorm(), x.constant([1.0, 1.0], x.dtype), x.constant([0.0, 0.0], x.dtype)
    ).reshape(x.shape()),
}


@pytest.mark.parametrize("formula", GROUP_MISSES.values(), ids=GROUP_MISSES)
def test_group_norm_near_misses(formula: Formula) -> None:
    untouched(FuseGroupNorm(), written(formula, IMAGE))
