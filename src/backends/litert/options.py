"""The options of each builtin op, by the schema's own names."""

from __future__ import annotations

from functools import cache
from typing import Any

from interlingua.formats.litert import BY_DTYPE, schema
from interlingua.ir.dtypes import DType

REDUCER, POOL = "ReducerOptions", "Pool2DOptions"
SHARED: dict[str, str] = {
    **dict.fromkeys(
        ("SUM", "MEAN", "REDUCE_PROD", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_ANY", "REDUCE_ALL"),
        REDUCER,
    ),
    **dict.fromkeys(("MAX_POOL_2D", "AVERAGE_POOL_2D", "L2_POOL_2D"), POOL),
    **dict.fromkeys(("MAXIMUM", "MINIMUM"), "MaximumMinimumOptions"),
    **dict.fromkeys(("RANDOM_UNIFORM", "RANDOM_STANDARD_NORMAL"), "RandomOptions"),
    "CONV_3D_TRANSPOSE": "Conv3DOptions",
    "L2_NORMALIZATION": "L2NormOptions",
}
"""Options of a name that does not follow from that of the op."""

FUSED = frozenset(
    {"ADD", "SUB", "MUL", "DIV", "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "MAX_POOL_2D", "AVERAGE_POOL_2D"}
)
"""Ops that take an activation along. (Concatenation has an option for one, and its kernel takes none.)"""
ENUMERATIONS = {
    "fused_activation_function": "ActivationFunctionType",
    "padding": "Padding",
    "mode": "MirrorPadMode",
    "activation": "ActivationFunctionType",
}
"""Options that are members of an enumeration."""


@cache
def _names(second: bool) -> dict[str, str]:
    union = schema().BuiltinOptions2 if second else schema().BuiltinOptions
    return {name.lower(): name for name in vars(union) if not name.startswith("_")}


@cache
def table_of(op: str) -> tuple[str, bool] | None:
    """The name of the options of ``op``, and whether they are of the second union; ``None`` where it has none."""
    if op in SHARED:
        return SHARED[op], False
    for second in (False, True):
        found = _names(second).get(op.replace("_", "").lower() + "options")
        if found is not None:
            return found, second
    return None


def packed(op: str, options: dict[str, Any]) -> tuple[Any, int, bool] | None:
    """The options as the schema's object, their number in the union, and whether it is the second union."""
    found = table_of(op)
    if found is None:
        if options:
            raise ValueError(f"{op} has no options, got {sorted(options)}")
        return None
    name, second = found
    made = getattr(schema(), f"{name}T")()
    for key, value in options.items():
        field = _camel(key)
        if not hasattr(made, field):
            raise ValueError(f"{op} has no option {key}")
        setattr(made, field, _value(key, value))
    union = schema().BuiltinOptions2 if second else schema().BuiltinOptions
    return made, getattr(union, name), second


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _value(key: str, value: Any) -> Any:
    if isinstance(value, DType):
        return BY_DTYPE[value]
    if isinstance(value, str):
        return getattr(getattr(schema(), ENUMERATIONS[key]), value)
    return list(value) if isinstance(value, tuple) else value
