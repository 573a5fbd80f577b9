"""Symbolic sizes: Python numbers where they are known now, else rank-0 int64 values."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from interlingua.frontends.torch.node import TorchNode, as_dtype
from interlingua.frontends.torch.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Add, Div, Max, Min, Mul, Pow, Sub
from interlingua.ir.ops.logic import And, Eq, Le, Lt, Not, Or, Select
from interlingua.ir.ops.math import FloorDiv, Ge, Gt, Mod, Ne
from interlingua.ir.ops.shaping import dim_of, scalar_of
from interlingua.ir.ops.unary import Neg

TABLE = Table()

_BINARY: dict[str, tuple[Callable[[Any, Any], Any], type[Op]]] = {
    "add": (operator.add, Add),
    "sub": (operator.sub, Sub),
    "mul": (operator.mul, Mul),
    "floordiv": (operator.floordiv, FloorDiv),
    "mod": (operator.mod, Mod),
    "pow": (operator.pow, Pow),
    "sym_max": (max, Max),
    "sym_min": (min, Min),
    "eq": (operator.eq, Eq),
    "ne": (operator.ne, Ne),
    "lt": (operator.lt, Lt),
    "le": (operator.le, Le),
    "gt": (operator.gt, Gt),
    "ge": (operator.ge, Ge),
    "and_": (operator.and_, And),
    "or_": (operator.or_, Or),
    "truediv": (operator.truediv, Div),
}
"""What Python does with two numbers, and the op that does it with values."""


def _binary(function: Callable[[Any, Any], Any], op: type[Op]) -> Translation:
    def apply(n: TorchNode, b: Builder) -> Any:
        x, y = n["0"], n["1"]
        if not isinstance(x, Value) and not isinstance(y, Value):
            return function(x, y)
        dtype = DType.F64 if op is Div or any(map(_is_float, (x, y))) else _common(x, y)
        return b(op(), n.as_value(x, dtype), n.as_value(y, dtype))

    return apply


def _is_float(x: Any) -> bool:
    return x.tensor.dtype.is_float if isinstance(x, Value) else isinstance(x, float)


def _common(x: Any, y: Any) -> DType:
    return DType.BOOL if _is_bool(x) and _is_bool(y) else DType.I64


def _is_bool(x: Any) -> bool:
    return x.tensor.dtype is DType.BOOL if isinstance(x, Value) else isinstance(x, bool)


for _name, (_function, _op) in _BINARY.items():
    TABLE.translate(f"python::{_name}")(_binary(_function, _op))


@TABLE.translate("python::neg")
def neg(n: TorchNode, b: Builder) -> Any:
    return b(Neg(), n["0"]) if isinstance(n["0"], Value) else -n["0"]


@TABLE.translate("python::sym_not")
def sym_not(n: TorchNode, b: Builder) -> Any:
    return b(Not(), n["0"]) if isinstance(n["0"], Value) else not n["0"]


@TABLE.translate("python::sym_ite")
def sym_ite(n: TorchNode, b: Builder) -> Any:
    condition, x, y = n["0"], n["1"], n["2"]
    if not isinstance(condition, Value):
        return x if condition else y
    dtype = DType.F64 if _is_float(x) or _is_float(y) else _common(x, y)
    return b(Select(), condition, n.as_value(x, dtype), n.as_value(y, dtype))


@TABLE.translate("python::sym_float")
def sym_float(n: TorchNode, b: Builder) -> Any:
    return as_dtype(b, n["0"], DType.F64) if isinstance(n["0"], Value) else float(n["0"])


@TABLE.translate("sym_size.int")
def sym_size(n: TorchNode, b: Builder) -> Any:
    x = n.value("self")
    size = dim_of(b, x, n.axis("dim", x.tensor.rank))
    return size if isinstance(size, int) else scalar_of(b, size)


@TABLE.translate("item.default", "_local_scalar_dense.default")
def item(n: TorchNode, b: Builder) -> Any:
    """The only element; as Python has it, an int64, float64 or bool."""
    from interlingua.ir.ops.shape import Reshape

    x = n.value("self")
    dtype = DType.F64 if x.tensor.dtype.is_float else DType.BOOL if x.tensor.dtype is DType.BOOL else DType.I64
    return as_dtype(b, b(Reshape(), x, b.constant([], DType.I64)), dtype)


@TABLE.translate(
    "sym_constrain_range_for_size.default",
    "sym_constrain_range.default",
    "_assert_scalar.default",
    "_assert_async.msg",
    "_assert_async.default",
    "_assert_tensor_metadata.default",
)
def nothing(n: TorchNode, b: Builder) -> Any:
    """Assertions about the inputs, which compute nothing."""
    return None
