"""Result types of a node: the op's own rule, with what is generic done once for all ops."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import ml_dtypes
import numpy as np

from interlingua.errors import ConstraintError
from interlingua.ir import ratios
from interlingua.ir.dims import Dim, is_unknown
from interlingua.ir.op import Op, formals
from interlingua.ir.types import MAX_ELEMENTS, Signature, Tensor, Type, UnknownRank


def infer_types(op: Op, operands: Sequence[Type | None], regions: Sequence[Signature] = ()) -> tuple[Type, ...]:
    """The types of the results.

    Raises:
        ConstraintError: too few or too many operands, one absent or of the wrong kind, or a rule broken.
    """
    _check_arity(op, operands)
    if len(regions) != len(op.regions):
        raise ConstraintError(f"{op.name} takes {len(op.regions)} region(s), got {len(regions)}")
    try:
        found = op.infer(*operands, **dict(zip(op.regions, regions, strict=True))) if regions else op.infer(*operands)
    except UnknownRank:
        found = op.unranked(*operands)
    except ConstraintError as error:
        if error.what.startswith(f"{op.name}:"):
            raise
        raise ConstraintError(f"{op.name}: {error.what}", where=error.where, hint=error.hint) from error
    types = found if isinstance(found, tuple) else (found,)
    if op.symbolic and len(types) == 1:
        return (_with_elements(op, operands, types[0]),)
    return types


def _check_arity(op: Op, operands: Sequence[Type | None]) -> None:
    least, most, formal = formals(type(op))
    count = len(operands)
    if count < least or (most is not None and count > most):
        wanted = str(least) if least == most else f"{least} to {'any number' if most is None else most}"
        raise ConstraintError(f"{op.name} takes {wanted} operand(s), got {count}")
    if count > len(formal):
        formal = (*formal, *formal[-1:] * (count - len(formal)))
    for one, actual in zip(formal, operands, strict=False):
        if actual is None:
            if not one.optional:
                raise ConstraintError(f"{op.name}: operand {one.name} is required")
        elif one.kinds and not isinstance(actual, one.kinds):
            kinds = " or ".join(kind.__name__.lower() for kind in one.kinds)
            raise ConstraintError(f"{op.name}: operand {one.name} must be a {kinds}, got {actual}")


def _with_elements(op: Op, operands: Sequence[Type | None], result: Type) -> Type:
    """Run the kernel on what is known of the elements, where the result is a small tensor."""
    if not isinstance(result, Tensor) or result.elements is not None:
        return result
    if result.dtype.kind not in ("int", "uint", "bool") and result.dtype not in ratios.DTYPES:
        return result
    shape = result.static_shape
    if shape is None or prod(shape) > MAX_ELEMENTS:
        return result
    known: list[Any] = []
    for operand in operands:
        elements = operand.elements if isinstance(operand, Tensor) else None
        if operand is not None and elements is None:
            return result
        known.append(elements)
    return result.with_elements(_apply(op, known, result))


def _apply(op: Op, known: list[Any], result: Tensor) -> np.ndarray[Any, Any] | None:
    try:
        out = np.asarray(op.known_elements(*known), dtype=object)
    except (TypeError, ValueError, ArithmeticError, IndexError, AttributeError):
        return None  # an operation that dims have no answer to, such as an order: nothing is known
    if out.shape != result.static_shape:
        return None
    cleaned = np.empty(out.size, dtype=object)
    cleaned[:] = [_clean(element, result) for element in out.ravel().tolist()]
    return cleaned.reshape(out.shape)


def _clean(element: Any, result: Tensor) -> Any:
    if result.dtype.is_float:
        return element if isinstance(element, ratios.Ratio) and not is_unknown(element.num) else None
    if isinstance(element, Dim):
        return element if result.dtype.bits >= 32 and not is_unknown(element) else None
    if isinstance(element, (bool, np.bool_)):
        return int(element)
    if isinstance(element, (int, np.integer)):
        value = int(element)
        if result.dtype.kind == "bool":
            return int(bool(value))
        info = ml_dtypes.iinfo(result.dtype.numpy)
        return value if info.min <= value <= info.max else None
    return None
