"""Reductions over axes: all of them where none is named."""

from __future__ import annotations

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.reduction import Mean, ReduceMax, ReduceMin, ReduceProd, ReduceSum

TABLE = Table()

_CAST: dict[type[Op], tuple[str, ...]] = {
    ReduceSum: ("sum.default", "sum.dim_IntList"),
    Mean: ("mean.default", "mean.dim"),
    ReduceMax: ("amax.default", "max.default"),
    ReduceMin: ("amin.default", "min.default"),
    ReduceProd: ("prod.default",),
}
"""Reductions in the element type of the result."""


def reduction(op: type[Op]) -> Translation:
    def reduce(n: TorchNode, b: Builder) -> Value:
        x = n.value("self", n.dtype)
        axes = n.axes("dim", x.tensor.rank) if "dim" in n.arguments else tuple(range(x.tensor.rank))
        keep = bool(n.static("keepdim")) if "keepdim" in n.arguments else False
        return b(op(axes=axes, keepdims=keep), x)  # type: ignore[call-arg]

    return reduce


for _op, _names in _CAST.items():
    TABLE.translate(*_names)(reduction(_op))
