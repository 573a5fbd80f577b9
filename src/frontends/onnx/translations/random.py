"""Random sources, and what is made of them: Bernoulli, Multinomial, Dropout."""

from __future__ import annotations

from interlingua.frontends.onnx.elementwise import as_dtype
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Div, Min, Sub
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.layout import ExpandDims
from interlingua.ir.ops.logic import Le, Lt, Not, Or, Select
from interlingua.ir.ops.random import RandomNormal, RandomUniform
from interlingua.ir.ops.reduction import CumSum, ReduceSum
from interlingua.ir.ops.shape import BroadcastTo
from interlingua.ir.ops.shaping import dim_of, vector
from interlingua.ir.ops.softmax import Softmax
from interlingua.ir.ops.source import ShapeOf

TABLE = Table()


def _like(n: OnnxNode) -> DType:
    """The dtype that a …Like node asks for, or that of its operand."""
    own = n.tensor(0).dtype
    return n.dtype("dtype", own if own.is_float else DType.F32)


def _shape(n: OnnxNode, b: Builder) -> Value:
    return b.constant(list(n.required("shape")), DType.I64)


@TABLE.translate("RandomUniform", 1, 22)
def uniform(n: OnnxNode, b: Builder) -> Value:
    return b(_uniform(n, n.dtype("dtype", DType.F32)), _shape(n, b))


@TABLE.translate("RandomUniformLike", 1, 22)
def uniform_like(n: OnnxNode, b: Builder) -> Value:
    return b(_uniform(n, _like(n)), b(ShapeOf(), n[0]))


def _uniform(n: OnnxNode, dtype: DType) -> RandomUniform:
    return RandomUniform(low=n.attr("low", 0.0), high=n.attr("high", 1.0), dtype=dtype, seed=n.attr("seed"))


@TABLE.translate("RandomNormal", 1, 22)
def normal(n: OnnxNode, b: Builder) -> Value:
    return b(_normal(n, n.dtype("dtype", DType.F32)), _shape(n, b))


@TABLE.translate("RandomNormalLike", 1, 22)
def normal_like(n: OnnxNode, b: Builder) -> Value:
    return b(_normal(n, _like(n)), b(ShapeOf(), n[0]))


def _normal(n: OnnxNode, dtype: DType) -> RandomNormal:
    return RandomNormal(
        mean=n.attr("mean", 0.0), scale=n.attr("scale", 1.0), dtype=dtype, seed=n.attr("seed")
    )


@TABLE.translate("Bernoulli", 15, 22)
def bernoulli(n: OnnxNode, b: Builder) -> Value:
    p = n[0]
    drawn = b(RandomUniform(dtype=p.tensor.dtype, seed=n.attr("seed")), b(ShapeOf(), p))
    return b(Cast(to=n.dtype("dtype", p.tensor.dtype)), b(Lt(), drawn, p))


@TABLE.translate("Multinomial", 7, 22)
def multinomial(n: OnnxNode, b: Builder) -> Value:
    """Rows of unnormalised log-probabilities; a sample counts the cumulated ones that a draw reaches."""
    logits = n[0]
    dtype = logits.tensor.dtype
    shape = vector(b, [dim_of(b, logits, 0), n.attr("sample_size", 1)])
    drawn = b(ExpandDims(axes=(2,)), b(RandomUniform(dtype=dtype, seed=n.attr("seed")), shape))
    cumulated = b(ExpandDims(axes=(1,)), b(CumSum(axis=1), b(Softmax(axis=1), logits)))
    index = b(ReduceSum(axes=(2,)), b(Cast(to=DType.I64), b(Le(), cumulated, drawn)))
    classes = as_dtype(b, vector(b, [dim_of(b, logits, 1)]), DType.I64)
    last = b(Sub(), classes, b.constant([1], DType.I64))  # rounding may leave the last sum below 1
    return b(Cast(to=n.dtype("dtype", DType.I32)), b(Min(), index, last))


@TABLE.translate("Dropout", 1, 6, 7, 10)
def dropout_attributes(n: OnnxNode, b: Builder) -> tuple[Value, Value | None]:
    """Opsets 1 to 6 train unless ``is_test`` is set; 7 to 11 know inference alone."""
    x = n[0]
    mask_dtype = DType.BOOL if n.version >= 10 else x.tensor.dtype
    if n.version >= 7 or n.attr("is_test", 0):
        return x, _ones(n, b, mask_dtype)
    y, mask = _dropped(b, x, b.scalar(n.attr("ratio", 0.5), x), None)
    return y, as_dtype(b, mask, mask_dtype)


@TABLE.translate("Dropout", 12, 13, 22)
def dropout(n: OnnxNode, b: Builder) -> tuple[Value, Value | None]:
    x, training = n[0], n.get(2)
    known = n.constant(2)
    ratio = n.constant(1)
    keeps_all = n.get(1) is not None and ratio is not None and not float(ratio)
    if training is None or (known is not None and not bool(known)) or keeps_all:
        return x, _ones(n, b, DType.BOOL)
    rate = b.scalar(0.5, x) if n.get(1) is None else as_dtype(b, n[1], x.tensor.dtype)
    y, mask = _dropped(b, x, rate, n.attr("seed"))
    if known is not None:
        return y, mask
    return b(Select(), training, y, x), b(Or(), b(Not(), training), mask)


def _ones(n: OnnxNode, b: Builder, dtype: DType) -> Value | None:
    """The mask of a dropout that drops nothing."""
    return b(BroadcastTo(), b.constant(1, dtype), b(ShapeOf(), n[0])) if n.wants(1) else None


def _dropped(b: Builder, x: Value, ratio: Value, seed: int | None) -> tuple[Value, Value]:
    """Elements kept with probability ``1 - ratio`` and scaled by its inverse, and the mask of those kept."""
    drawn = b(
        RandomUniform(dtype=x.tensor.dtype, seed=None if seed is None else float(seed)), b(ShapeOf(), x)
    )
    mask = b(Le(), ratio, drawn)
    scaled = b(Div(), x, b(Sub(), b.scalar(1, x), ratio))
    return b(Select(), mask, scaled, b.scalar(0, x)), mask
