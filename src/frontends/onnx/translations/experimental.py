"""The experimental ops of ONNX's first opsets, which its schemas no longer hold: exporters of their time wrote them.

Their definitions are those of ONNX 1.0 to 1.4 (``docs/Operators.md``, "experimental"); the standard withdrew them in
version 1.5. Three were not defined well enough to be taken up: ``ATen``, ``GRUUnit`` and ``GivenTensorFill``.
"""

from __future__ import annotations

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Softplus, ThresholdedRelu
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.shape import BroadcastTo, Concat, Slice

TABLE = Table()


def _real(n: OnnxNode, name: str, default: float | None = None) -> float:
    return float(n.required(name) if default is None else n.attr(name, default))


@TABLE.translate("Affine", 1)
def affine(n: OnnxNode, b: Builder) -> Value:
    return (Expr(b, n[0]) * _real(n, "alpha", 1.0) + _real(n, "beta", 0.0)).value


@TABLE.translate("Scale", 1)
def scale(n: OnnxNode, b: Builder) -> Value:
    return (Expr(b, n[0]) * _real(n, "scale", 1.0)).value


@TABLE.translate("ImageScaler", 1)
def image_scaler(n: OnnxNode, b: Builder) -> Value:
    """One bias a channel."""
    x = Expr(b, n[0])
    bias = x.constant(list(n.required("bias")), x.dtype).reshape([-1, *(1,) * (x.rank - 2)])
    return (x * _real(n, "scale", 1.0) + bias).value


@TABLE.translate("ParametricSoftplus", 1)
def parametric_softplus(n: OnnxNode, b: Builder) -> Value:
    """``alpha * ln(1 + exp(beta * x))``."""
    return ((Expr(b, n[0]) * _real(n, "beta")).apply(Softplus()) * _real(n, "alpha")).value


@TABLE.translate("ScaledTanh", 1)
def scaled_tanh(n: OnnxNode, b: Builder) -> Value:
    """``alpha * tanh(beta * x)``."""
    return ((Expr(b, n[0]) * _real(n, "beta")).tanh() * _real(n, "alpha")).value


@TABLE.translate("ThresholdedRelu", 1)
def thresholded_relu(n: OnnxNode, b: Builder) -> Value:
    return b(ThresholdedRelu(alpha=n.attr("alpha", 1.0)), n[0])


@TABLE.translate("MeanVarianceNormalization", 1)
def mean_variance(n: OnnxNode, b: Builder) -> Value:
    """Over each channel of the batch, or with ``across_channels`` over all. Unlike later versions, without an epsilon.

    The text leaves open whether examples are kept apart; ONNX Runtime's kernel does not, nor do the later versions.
    """
    x = Expr(b, n[0])
    axes = tuple(range(x.rank)) if n.attr("across_channels", 0) else (0, *range(2, x.rank))
    centred = x.wide() - x.wide().mean(axes)
    if n.attr("normalize_variance", 1):
        centred = centred / (centred * centred).mean(axes).sqrt()
    return centred.to(x.dtype).value


@TABLE.translate("Crop", 1)
def crop(n: OnnxNode, b: Builder) -> Value:
    """``border`` is cut off at left, top, right and bottom; ``scale`` gives height and width in place of the latter."""
    left, top, right, bottom = n.attr("border", (0, 0, 0, 0))
    extents = n.attr("scale")
    ends = (-bottom, -right) if extents is None else (top + extents[0], left + extents[1])
    # an end of -0 would cut everything
    stops = [end if end or extents is not None else 2**63 - 1 for end in ends]
    return b(Slice(axes=(2, 3)), n[0], b.constant([top, left]), b.constant(stops))


@TABLE.translate("DynamicSlice", 1)
def dynamic_slice(n: OnnxNode, b: Builder) -> Value:
    axes = n.ints(3)
    if axes is None:
        (count,) = n.tensor(1).shape or (None,)
        if not isinstance(count, int):
            n.unsupported("neither its axes nor their number are known")
        axes = tuple(range(count))
    return b(Slice(axes=axes), n[0], n[1], n[2])


@TABLE.translate("ConstantFill", 1)
def constant_fill(n: OnnxNode, b: Builder) -> Value:
    """``value`` in a shape that is an attribute, the operand's own, or with ``input_as_shape`` its elements."""
    value = b.constant(n.attr("value", 0.0), n.dtype("dtype", DType.F32))
    if n.get(0) is None:
        return b(BroadcastTo(), value, b.constant(list(n.required("shape")), DType.I64))
    own = Expr(b, n[0])
    shape = own.to(DType.I64) if n.attr("input_as_shape", 0) else own.shape()
    extra = b.constant(list(n.attr("extra_shape", ())), DType.I64)
    return b(BroadcastTo(), value, b(Concat(axis=0), shape.value, extra))
