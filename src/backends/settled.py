"""What a node gives whatever the model is given: computed where the target has no kernel for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.errors import EvaluationError
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor

LIMIT = 1 << 20
"""Elements of what is computed, at most."""


def settled(node: Node) -> list[np.ndarray[Any, Any]] | None:
    """The results of a node that depends on constants and on known shapes alone, by the ops' own references.

    A runtime that has the kernels may round otherwise; this is for nodes that it has none for. One of operands that a
    target may have no constants of is left to its reasons: they would stay in the graph.
    """
    types = [o.type for o in node.operands if o is not None]
    if any(isinstance(t, Tensor) and t.dtype.needs_ml_dtypes for t in types):
        return None
    return _results(node, {})


def _results(node: Node, seen: dict[Value, Any]) -> list[np.ndarray[Any, Any]] | None:
    if node.results and all(r in seen for r in node.results):
        found = [seen[r] for r in node.results]
        return None if any(f is None for f in found) else found
    made = _computed(node, seen)
    seen.update(zip(node.results, made if made is not None else [None] * len(node.results), strict=True))
    return made


def _computed(node: Node, seen: dict[Value, Any]) -> list[np.ndarray[Any, Any]] | None:
    types = [r.type for r in node.results]
    if node.op.effects or node.regions or not types or not all(map(_small, types)):
        return None
    if isinstance(node.op, Constant):
        return [node.op.weight.view()]
    if len(types) == 1 and isinstance(types[0], Tensor) and types[0].known() is not None:
        assert types[0].elements is not None
        return [types[0].elements.astype(types[0].dtype.numpy)]
    operands: list[Any] = []
    for operand in node.operands:
        given = None if operand is None or operand.node is None else _results(operand.node, seen)
        if operand is not None and given is None:
            return None
        operands.append(None if operand is None else seen[operand])
    try:
        with np.errstate(all="ignore"):
            found = node.op.reference(*operands)
    except (EvaluationError, ArithmeticError, LookupError, ValueError):
        return None  # an error of the model's own, for the run
    made = [np.asarray(f) for f in (found if isinstance(found, tuple) else (found,))]
    return made if len(made) == len(types) and all(map(_fits, made, types)) else None


def _small(type_: Any) -> bool:
    """Whether it is a tensor of few elements, of a dtype that every target has constants of."""
    if not isinstance(type_, Tensor) or type_.static_shape is None or type_.dtype.needs_ml_dtypes:
        return False
    return int(np.prod(type_.static_shape, dtype=np.float64)) <= LIMIT


def _fits(found: np.ndarray[Any, Any], type_: Any) -> bool:
    return found.shape == type_.static_shape and DType.of(found) is type_.dtype
