"""Activations that a fused op names in an attribute."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.activation import (
    Elu,
    HardSigmoid,
    LeakyRelu,
    Relu,
    Selu,
    Softplus,
    Softsign,
    ThresholdedRelu,
)
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.math import Sigmoid
from interlingua.ir.ops.unary import Tanh

ACTIVATIONS: dict[str, tuple[Callable[..., Op], tuple[str, ...]]] = {
    "Relu": (Relu, ()),
    "Sigmoid": (Sigmoid, ()),
    "Tanh": (Tanh, ()),
    "Softplus": (Softplus, ()),
    "Softsign": (Softsign, ()),
    "LeakyRelu": (LeakyRelu, ("alpha",)),
    "Elu": (Elu, ("alpha",)),
    "ThresholdedRelu": (ThresholdedRelu, ("alpha",)),
    "HardSigmoid": (HardSigmoid, ("alpha", "beta")),
    "Selu": (Selu, ("alpha", "gamma")),
}
"""By ONNX's name: ours, and the parameters that must be given with it. ONNX Runtime has no defaults for these."""


def activated_by_name(n: OnnxNode, b: Builder, x: Value, name: str, parameters: Mapping[str, float | None]) -> Value:
    if not name:
        return x
    op, wanted = ACTIVATIONS.get(name, (None, ()))
    if op is None:
        n.unsupported(f"the activation {name!r}")
    missing = [k for k in wanted if parameters.get(k) is None]
    if missing:
        n.unsupported(f"the activation {name!r} without its {' and '.join(missing)}")
    return b(op(**{k: parameters[k] for k in wanted}), x)


def activated_by_list(n: OnnxNode, b: Builder, x: Value) -> Value:
    """``activation`` with ``activation_params`` in order; Clip has its two bounds there."""
    name, given = n.attr("activation", ""), tuple(n.attr("activation_params", ()))
    if name == "Clip":
        if len(given) != 2:
            n.unsupported("the activation 'Clip' without its two bounds")
        return Expr(b, x).clip(*given).value
    names: Sequence[str] = ACTIVATIONS.get(name, (None, ()))[1]
    return activated_by_name(n, b, x, name, dict(zip(names, given, strict=False)))
