"""The table of bad rules, and what they share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.types import Tensor
from interlingua.passes.base import Contract
from interlingua.passes.rewrite.pattern import OpPattern, Var
from interlingua.passes.rewrite.rule import Replace, Rule, rule

A, C, W, X, Y = (Var(name) for name in "acwxy")
STATS = (Var("s"), Var("o"), Var("m"), Var("v"))
"""Scale, offset, mean and variance."""
Made: TypeAlias = Callable[[Replace], Rule]
RULES: list[Rule] = []
"""All of them."""


def bad(*patterns: OpPattern, contract: Contract = "exact") -> Made:
    """Make a function a rule of the table. ``contract`` is what it says of itself."""

    def wrap(function: Replace) -> Rule:
        made = rule(*patterns, contract=contract, shared=True)(function)
        RULES.append(made)
        return made

    return wrap


def full(b: Builder, like: Value, number: float) -> Value | None:
    """A constant of the type of ``like``."""
    shape = like.type.static_shape if isinstance(like.type, Tensor) and like.type.shape is not None else None
    return None if shape is None else b.constant(np.full(shape, number, like.tensor.dtype.numpy))


def floating(value: Value) -> bool:
    """Whether it is a tensor of floats as models have them."""
    return isinstance(value.type, Tensor) and value.type.dtype in (DType.F16, DType.F32, DType.F64)
