"""Sigmoid, SiLU, Mish, hard sigmoid and swish, clips and leaky rectifiers in the spellings of frameworks."""

import pytest

from interlingua.ir.ops.activation import Clip, HardSigmoid, Prelu, Relu, Softplus
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.math import Reciprocal, Sigmoid
from interlingua.passes.base import Pass
from interlingua.passes.fusion.clip import FuseClip
from interlingua.passes.fusion.hard_sigmoid import FuseHardSigmoid
from interlingua.passes.fusion.hard_swish import FuseHardSwish
from interlingua.passes.fusion.leaky_relu import FuseLeakyRelu
from interlingua.passes.fusion.mish import FuseMish
from interlingua.passes.fusion.sigmoid import FuseSigmoid
from interlingua.passes.fusion.silu import FuseSilu
from support.formulas import Formula, written
from support.passes import check, untouched


def logistic(x: Expr) -> Expr:
    return x.apply(Sigmoid())


def relu(x: Expr) -> Expr:
    return x.apply(Relu())


def six(x: Expr) -> Expr:
    """``relu6(x + 3)``."""
    return (x + 3).apply(Clip(), x.number(0), x.number(6))


def bounded(x: Expr, low: float, high: float) -> Expr:
    return x.apply(Clip(), x.number(low), x.number(high))


GATE = HardSigmoid(alpha=1 / 6, beta=0.5)
SIXTH = "{alpha = 0.16666666666666666, beta = 0.5}"
FOUND: list[tuple[Pass, str, Formula]] = [
    (FuseSigmoid(), "math.sigmoid(%x)", lambda x: x.number(1) / ((-x).exp() + 1)),
    (FuseSigmoid(), "math.sigmoid(%x)", lambda x: (x.number(1) + (x * -1).exp()).apply(Reciprocal())),
    (FuseSilu(), "nn.silu(%x) {alpha = 1.0}", lambda x: logistic(x) * x),
    (FuseSilu(), "nn.silu(%x) {alpha = 1.7020000219345093}", lambda x: x * logistic(x * 1.702)),
    (FuseMish(), "nn.mish(%x)", lambda x: x * x.apply(Softplus()).tanh()),
    (FuseHardSigmoid(), f"nn.hard_sigmoid(%x) {SIXTH}", lambda x: six(x) / 6),
    (FuseHardSigmoid(), f"nn.hard_sigmoid(%x) {SIXTH}", lambda x: (x + 3).max(0).min(6) * (1 / 6)),
    (FuseHardSigmoid(), "nn.hard_sigmoid(%x) {alpha = 0.20000000298023224, beta = 0.5}",
     lambda x: bounded(x * 0.2 + 0.5, 0, 1)),
    (FuseHardSwish(), "nn.hard_swish(%x)", lambda x: x * six(x) / 6),
    (FuseHardSwish(), "nn.hard_swish(%x)", lambda x: x / 6 * six(x)),
    (FuseHardSwish(), "nn.hard_swish(%x)", lambda x: x * six(x) * (1 / 6)),
    (FuseHardSwish(), "nn.hard_swish(%x)", lambda x: x * (1 / 6) * (x + 3).max(0).min(6)),
    (FuseHardSwish(), "nn.hard_swish(%x)", lambda x: x * (six(x) * (1 / 6))),
    (FuseHardSwish(), "nn.hard_swish(%x)", lambda x: x * x.apply(GATE)),
    (FuseHardSwish(), "nn.hard_swish(%x)", lambda x: x * x.apply(HardSigmoid(alpha=0.1666666716337204, beta=0.5))),
    (FuseClip(), "nn.relu(%x)", lambda x: x.max(0)),
    (FuseClip(), "nn.relu(%x)", lambda x: x.apply(Clip(), x.number(0))),
    (FuseLeakyRelu(), "nn.leaky_relu(%x) {alpha = 0.5}", lambda x: (x < 0).where(x * 0.5, x)),
    (FuseLeakyRelu(), "nn.leaky_relu(%x) {alpha = 0.5}", lambda x: (x > 0).where(x, x * 0.5)),
    (FuseLeakyRelu(), "nn.leaky_relu(%x) {alpha = -2.0}", lambda x: (x >= 0).where(x, x.number(-2) * x)),
    (FuseLeakyRelu(), "nn.leaky_relu(%x) {alpha = 0.5}", lambda x: x.max(x * 0.5)),
    (FuseLeakyRelu(), "nn.leaky_relu(%x) {alpha = 0.5}", lambda x: relu(x) - relu(-x) * 0.5),
    (FuseLeakyRelu(), "nn.leaky_relu(%x) {alpha = 0.5}", lambda x: relu(x) + relu(-x) * -0.5),
    (FuseLeakyRelu(), "nn.leaky_relu(%x) {alpha = 0.25}",
     lambda x: x.apply(Prelu(), x.constant([0.25] * 3, x.dtype))),
]  # fmt: skip
MISSED: list[tuple[Pass, str, Formula]] = [
    (FuseSigmoid(), "no sign", lambda x, z: x.number(1) / (x.exp() + 1)),
    (FuseSigmoid(), "another one", lambda x, z: x.number(2) / ((-x).exp() + 1)),
    (FuseSigmoid(), "another one inside", lambda x, z: x.number(1) / ((-x).exp() + 2)),
    (FuseSilu(), "of another value", lambda x, z: z * logistic(x)),
    (FuseSilu(), "scaled another value", lambda x, z: x * logistic(z * 1.702)),
    (FuseSilu(), "slopes that differ", lambda x, z: x * logistic(x * x.constant([1.0, 1.5, 2.0], x.dtype))),
    (FuseSilu(), "gate used twice", lambda x, z: ((g := logistic(x)) * x, g)),
    (FuseMish(), "of another value", lambda x, z: z * x.apply(Softplus()).tanh()),
    (FuseMish(), "no tanh", lambda x, z: x * x.apply(Softplus())),
    (FuseHardSigmoid(), "another offset", lambda x, z: bounded(x + 2, 0, 6) / 6),
    (FuseHardSigmoid(), "another bound", lambda x, z: bounded(x + 3, 0, 5) / 6),
    (FuseHardSigmoid(), "another divisor", lambda x, z: six(x) / 5),
    (FuseHardSigmoid(), "fewer digits of the sixth", lambda x, z: six(x) * 0.1667),
    (FuseHardSigmoid(), "upper bound of the line", lambda x, z: bounded(x * 0.2 + 0.5, 0, 2)),
    (FuseHardSwish(), "of another value", lambda x, z: z * six(x) / 6),
    (FuseHardSwish(), "another divisor", lambda x, z: x * six(x) / 3),
    (FuseHardSwish(), "another slope", lambda x, z: x * x.apply(HardSigmoid(alpha=0.2, beta=0.5))),
    (FuseHardSwish(), "another beta", lambda x, z: x * x.apply(HardSigmoid(alpha=1 / 6, beta=0.4))),
    (FuseClip(), "bounds in the wrong order", lambda x, z: x.min(-1).max(1)),
    (FuseClip(), "a bound that is no number", lambda x, z: x.max(-1).min(x.constant([1.0, 2.0, 3.0], x.dtype))),
    (FuseClip(), "maximum with −0", lambda x, z: x.max(-0.0)),
    (FuseClip(), "maximum with another number", lambda x, z: x.max(1e-30)),
    (FuseLeakyRelu(), "slope above 1", lambda x, z: x.max(x * 1.5)),
    (FuseLeakyRelu(), "slope below 0", lambda x, z: x.max(x * -0.5)),
    (FuseLeakyRelu(), "another bound", lambda x, z: (x < 1).where(x * 0.5, x)),
    (FuseLeakyRelu(), "the sides swapped", lambda x, z: (x < 0).where(x, x * 0.5)),
    (FuseLeakyRelu(), "another value below", lambda x, z: (x < 0).where(z * 0.5, x)),
    (FuseLeakyRelu(), "slopes that differ", lambda x, z: x.apply(Prelu(), x.constant([0.1, 0.2, 0.3], x.dtype))),
]


@pytest.mark.parametrize("each, wanted, formula", FOUND, ids=[f"{w}-{i}" for i, (_, w, _) in enumerate(FOUND)])
def test_found(each: Pass, wanted: str, formula: Formula) -> None:
    passes = [FuseHardSigmoid(), each] if isinstance(each, FuseHardSwish) else each
    check(passes, written(formula, "f32[n, 3]"), [f"%y = {wanted} : f32[n, 3]"])


@pytest.mark.parametrize("each, formula", [(p, f) for p, _, f in MISSED], ids=[f"{p.name}: {w}" for p, w, _ in MISSED])
def test_near_misses(each: Pass, formula: Formula) -> None:
    untouched(each, written(formula, "f32[n, 3]", "f32[n, 3]"))


@pytest.mark.parametrize("formula", [lambda x: x.max(-1).min(2), lambda x: x.min(2).max(-1)], ids=["min", "max"])
def test_clip(formula: Formula) -> None:
    check(FuseClip(), written(formula, "f32[n, 3]"), [
        "%0 = core.constant dense f32[] [-1.0] : f32[]", "%1 = core.constant dense f32[] [2.0] : f32[]",
        "%y = nn.clip(%x, %0, %1) : f32[n, 3]",
    ])  # fmt: skip


def test_relu_6() -> None:
    """The maximum with 0 is a rectifier by the time that the minimum is looked at."""
    check(FuseClip(), written(lambda x: x.max(0).min(6), "f32[n, 3]"), [
        "%0 = core.constant dense f32[] [0.0] : f32[]", "%1 = core.constant dense f32[] [6.0] : f32[]",
        "%y = nn.clip(%x, %0, %1) : f32[n, 3]",
    ])  # fmt: skip


def test_a_rectifier_within_a_hard_swish() -> None:
    wanted = ["%y = nn.hard_swish(%x) : f32[n, 3]"]
    check([FuseHardSigmoid(), FuseHardSwish()], written(lambda x: x * relu(x + 3).min(6) / 6, "f32[n, 3]"), wanted)


def test_integers_stay() -> None:
    untouched(FuseClip(), written(lambda x: x.max(0), "i64[n, 3]"))
    untouched(FuseLeakyRelu(), written(lambda x: (x < 0).where(x * 2, x), "i64[n, 3]"))


def test_a_slope_that_makes_the_shape_grow_stays() -> None:
    untouched(FuseLeakyRelu(), written(lambda x: x.max(x * x.constant([[[0.5]]], x.dtype)), "f32[n, 3]"))


def test_the_narrowest_sixth_is_that_of_the_dtype() -> None:
    check(FuseHardSwish(), written(lambda x: x * six(x) * (1 / 6), "f16[n, 3]"), ["%y = nn.hard_swish(%x) : f16[n, 3]"])
