"""Comparisons, in the promoted element type, and operators on truth values and bits."""

from __future__ import annotations

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.logic import And, Eq, Le, Lt, Or, Select, Xor
from interlingua.ir.ops.math import Ge, Gt, Ne

TABLE = Table()

_COMPARISONS: dict[str, type[Op]] = {"eq": Eq, "ge": Ge, "gt": Gt, "le": Le, "lt": Lt, "ne": Ne}
_BITS: dict[str, type[Op]] = {"and": And, "or": Or, "xor": Xor}


def _comparison(op: type[Op]) -> Translation:
    def compare(n: TorchNode, b: Builder) -> Value:
        dtype = n.promoted("self", "other")
        return b(op(), n.value("self", dtype), n.value("other", dtype))

    return compare


def _bits(op: type[Op]) -> Translation:
    return lambda n, b: b(op(), n.value("self", n.dtype), n.value("other", n.dtype))


for _name, _op in _COMPARISONS.items():
    TABLE.translate(f"{_name}.Tensor", f"{_name}.Scalar")(_comparison(_op))
for _name, _op in _BITS.items():
    TABLE.translate(f"bitwise_{_name}.Tensor", f"bitwise_{_name}.Scalar", f"logical_{_name}.default",
                    f"__{_name}__.Tensor", f"__{_name}__.Scalar")(_bits(_op))  # fmt: skip


@TABLE.translate("where.self", "where.ScalarOther", "where.ScalarSelf", "where.Scalar")
def where(n: TorchNode, b: Builder) -> Value:
    return b(Select(), n.value("condition", DType.BOOL), n.value("self", n.dtype), n.value("other", n.dtype))


@TABLE.translate("masked_fill.Scalar", "masked_fill.Tensor")
def masked_fill(n: TorchNode, b: Builder) -> Value:
    return b(Select(), n.value("mask"), n.value("value", n.dtype), n.value("self"))
