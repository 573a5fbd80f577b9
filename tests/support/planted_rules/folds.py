"""Bad rules about what is folded into convolutions, products and norms."""

from __future__ import annotations

from dataclasses import replace

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Gelu, Relu
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.contraction import Gemm, MatMul
from interlingua.ir.ops.convolution import Conv, ConvTranspose
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.norm import BatchNorm, LayerNorm
from interlingua.ir.ops.pooling import AvgPool
from interlingua.passes.rewrite.pattern import Match, OpPattern
from support.planted_rules.base import STATS, C, W, X, Y, bad, floating


def folded(m: Match, b: Builder, epsilon: float) -> tuple[Expr, Expr]:
    """Factor and offset of a batch norm."""
    s, o, mean, v = (Expr(b, m[n]) for n in "somv")
    factor = s / (v + epsilon).sqrt()
    return factor, o - mean * factor


CONV_NORM = OpPattern(
    BatchNorm, OpPattern(Conv, X, W, name="conv", layout="channels_first"), *STATS, name="norm", axis=1
)


@bad(CONV_NORM, contract="rounding")
def norm_without_epsilon(m: Match, b: Builder) -> Value:
    """The epsilon is forgotten."""
    factor, offset = folded(m, b, 0.0)
    w = Expr(b, m["w"])
    return b(m.op("conv"), m["x"], (w * factor.along(0, m["w"].tensor.rank)).value, offset.value)


@bad(
    OpPattern(BatchNorm, OpPattern(Conv, X, W, C, name="conv", layout="channels_first"), *STATS, name="norm", axis=1),
    contract="rounding",
)
def norm_with_the_bias_as_it_was(m: Match, b: Builder) -> Value:
    """The bias of the convolution is not scaled."""
    factor, offset = folded(m, b, m.op("norm").epsilon)
    w, bias = Expr(b, m["w"]), Expr(b, m["c"])
    return b(m.op("conv"), m["x"], (w * factor.along(0, m["w"].tensor.rank)).value, (offset + bias).value)


@bad(
    OpPattern(
        Conv, OpPattern(BatchNorm, X, *STATS, name="norm", axis=1), W, name="conv", groups=1, layout="channels_first"
    ),
    contract="rounding",
)
def norm_before_a_padded_conv(m: Match, b: Builder) -> Value:
    """The padding is shifted too."""
    factor, offset = folded(m, b, m.op("norm").epsilon)
    w, rank = Expr(b, m["w"]), m["w"].tensor.rank
    bias = (w * offset.along(1, rank)).sum(range(1, rank))
    return b(m.op("conv"), m["x"], (w * factor.along(1, rank)).value, bias.value)


@bad(
    OpPattern(
        BatchNorm, OpPattern(ConvTranspose, X, W, name="conv", layout="channels_first"), *STATS, name="norm", axis=1
    ),
    contract="rounding",
)
def norm_after_groups(m: Match, b: Builder) -> Value | None:
    """Each group is scaled as the first one."""
    factor, offset = folded(m, b, m.op("norm").epsilon)
    each = m["w"].tensor.shape[1] if m["w"].tensor.shape is not None else None
    if not isinstance(each, int):
        return None
    w, part = Expr(b, m["w"]), factor.slice(0, 0, each)
    return b(m.op("conv"), m["x"], (w * part.along(1, m["w"].tensor.rank)).value, offset.value)


@bad(OpPattern(BatchNorm, X, *STATS, name="norm"), contract="rounding")
def epsilon_outside_the_root(m: Match, b: Builder) -> Value:
    """``sqrt(v) + epsilon``."""
    axis, rank = m.op("norm").axis % m["x"].tensor.rank, m["x"].tensor.rank
    s, o, mean, v = (Expr(b, m[n]).along(axis, rank) for n in "somv")
    return ((Expr(b, m["x"]) - mean) / (v.sqrt() + m.op("norm").epsilon) * s + o).value


@bad(OpPattern(LayerNorm, X, ..., name="norm"), contract="rounding")
def norm_of_the_last_axis(m: Match, b: Builder) -> Value | None:
    """The statistics are of the last axis alone."""
    norm, rank = m.op("norm"), m["x"].tensor.rank
    return None if norm.axis % rank == rank - 1 else b(replace(norm, axis=-1), m["x"], *m.root.operands[1:])


@bad(OpPattern(Gelu, X, form="erf"), contract="rounding")
def gelu_by_tanh(m: Match, b: Builder) -> Value:
    """Another function."""
    return b(Gelu("tanh"), m["x"])


@bad(OpPattern(Mul, OpPattern(Conv, X, W, C, name="conv"), Y), contract="rounding")
def scaled_conv_with_its_bias(m: Match, b: Builder) -> Value | None:
    """The bias is not scaled."""
    scalar = m["y"].tensor.shape is not None and m["y"].tensor.rank == 0
    return b(m.op("conv"), m["x"], b(Mul(), m["w"], m["y"]), m["c"]) if scalar else None


@bad(OpPattern(Add, OpPattern(Gemm, X, W, C, name="gemm"), Y), contract="rounding")
def bias_beside_beta(m: Match, b: Builder) -> Value | None:
    """What joins the bias is scaled as the bias is."""
    small = m["y"].tensor.rank <= 1 and floating(m["y"])
    return b(m.op("gemm"), m["x"], m["w"], b(Add(), m["c"], m["y"])) if small else None


@bad(OpPattern(MatMul, OpPattern(MatMul, X, W), Y), contract="exact")
def products_in_another_order(m: Match, b: Builder) -> Value | None:
    """``(x w) y = x (w y)``: it rounds otherwise."""
    ranks = [m[n].tensor.rank for n in "xwy"]
    return b(MatMul(), m["x"], b(MatMul(), m["w"], m["y"])) if min(ranks) >= 2 else None


@bad(OpPattern(Relu, OpPattern(AvgPool, X, name="pool")), contract="rounding")
def pool_of_relu(m: Match, b: Builder) -> Value:
    """A mean and a maximum do not change places."""
    return b(m.op("pool"), b(Relu(), m["x"]))


@bad(OpPattern(AvgPool, X, name="pool", count_include_pad=False), contract="rounding")
def count_what_is_padded(m: Match, b: Builder) -> Value:
    """The same only where nothing is padded."""
    return b(replace(m.op("pool"), count_include_pad=True), m["x"])
