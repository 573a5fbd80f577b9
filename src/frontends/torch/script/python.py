"""What TorchScript does outside of tensors: numbers, texts, lists, sizes. As Python does it, so that sizes that are
symbols stay symbols."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

Function = Callable[..., Any]

SCALARS: dict[str, tuple[str, ...]] = {
    "ScalarType": (
        *("uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"),
        *("complex32", "complex64", "complex128", "bool", "qint8", "quint8", "qint32", "bfloat16"),
    ),
    "Layout": ("strided",),
    "MemoryFormat": ("contiguous_format", "preserve_format", "channels_last", "channels_last_3d"),
}
"""Types that TorchScript has as numbers: what each number is called in ``torch`` (c10/core/ScalarType.h and beside)."""


def _number_of(dtype: Any) -> int:
    return SCALARS["ScalarType"].index(str(dtype).removeprefix("torch."))


ALWAYS: dict[str, Function] = {
    "aten::__contains__": lambda held, item: item in held,
    "aten::__derive_index": lambda index, start, step: start + index * step,
    "aten::__getitem__": operator.getitem,
    "aten::__is__": operator.is_,
    "aten::__isnot__": operator.is_not,
    "aten::__not__": operator.not_,
    "aten::__range_length": lambda start, stop, step: len(range(start, stop, step)),
    "aten::_set_item": operator.setitem,
    "aten::append": lambda held, item: held.append(item) or held,
    "aten::clear": lambda held: held.clear(),
    "aten::copy": lambda held: held.copy(),
    "aten::dim": lambda x: x.dim(),
    "aten::extend": lambda held, more: held.extend(more),
    "aten::format": lambda text, *values: text.format(*values),
    "aten::get": lambda held, key, default=None: held.get(key, default),
    "aten::insert": lambda held, index, item: held.insert(index, item),
    "aten::is_floating_point": lambda x: x.is_floating_point(),
    "aten::items": lambda held: list(held.items()),
    "aten::keys": lambda held: list(held),
    "aten::len": len,
    "aten::list": list,
    "aten::numel": lambda x: x.numel(),
    "aten::pop": lambda held, index=-1: held.pop(index),
    "aten::reverse": lambda held: held.reverse(),
    "aten::size": lambda x, axis=None: list(x.shape) if axis is None else x.shape[axis],
    "aten::str": str,
    "aten::stride": lambda x, axis=None: list(x.stride()) if axis is None else x.stride(axis),
    "aten::values": lambda held: list(held.values()),
    "aten::warn": lambda *_: None,
    "prim::Print": lambda *_: None,
    "prim::TupleIndex": operator.getitem,
    "prim::Uninitialized": lambda: None,
    "prim::abs": abs,
    "prim::annotate": lambda x: x,
    "prim::data": lambda x: x.detach(),
    "prim::device": lambda x: x.device,
    "prim::dtype": lambda x: _number_of(x.dtype),
    "prim::is_cuda": lambda x: x.is_cuda,
    "prim::layout": lambda x: 0,
    "prim::max": max,
    "prim::min": min,
    "prim::rangelist": lambda stop: list(range(stop)),
    "prim::requires_grad": lambda x: x.requires_grad,
    "prim::unchecked_cast": lambda x: x,
    "prim::unchecked_unwrap_optional": lambda x: x,
}
"""By kind, whatever the operands."""

NUMBERS: dict[str, Function] = {
    "aten::Bool": bool,
    "aten::Float": float,
    "aten::Int": int,
    "aten::__and__": operator.and_,
    "aten::__or__": operator.or_,
    "aten::__xor__": operator.xor,
    "aten::abs": abs,
    "aten::add": operator.add,
    "aten::ceil": math.ceil,
    "aten::cos": math.cos,
    "aten::div": operator.truediv,
    "aten::eq": operator.eq,
    "aten::exp": math.exp,
    "aten::floor": math.floor,
    "aten::floordiv": operator.floordiv,
    "aten::ge": operator.ge,
    "aten::gt": operator.gt,
    "aten::le": operator.le,
    "aten::log": math.log,
    "aten::lt": operator.lt,
    "aten::mul": operator.mul,
    "aten::ne": operator.ne,
    "aten::neg": operator.neg,
    "aten::pow": operator.pow,
    "aten::remainder": operator.mod,
    "aten::round": round,
    "aten::sin": math.sin,
    "aten::slice": lambda held, start=None, stop=None, step=1: held[start:stop:step],
    "aten::sqrt": math.sqrt,
    "aten::sub": operator.sub,
}
"""By kind, where no operand is a tensor."""

ONE_ELEMENT: dict[str, Function] = {
    "aten::Bool": bool,
    "aten::Float": lambda x: float(x.item()),
    "aten::FloatImplicit": lambda x: x.item(),
    "aten::Int": lambda x: int(x.item()),
    "aten::IntImplicit": lambda x: x.item(),
    "aten::ScalarImplicit": lambda x: x.item(),
}
"""By kind, of a tensor: a number that depends on its value."""
