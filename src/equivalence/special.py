"""What the values of a node are, as far as a known issue may ask for it: NaN, −0.0, an integer that overflows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias, get_args

import ml_dtypes
import numpy as np

from interlingua.errors import InterlinguaError
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.interpret import Interpreter

Special: TypeAlias = Literal["nan", "inf", "-0.0", "0", "least", "empty", "overflow"]
"""What an operand holds, or is: ``0`` is that of an integer, ``least`` the least integer of its dtype. ``overflow``
says that a result of integers lies, computed in float64, beyond their dtype."""
SPECIALS: tuple[Special, ...] = get_args(Special)


def specials(module: Module, inputs: Mapping[str, Any], nodes: Collection[Node]) -> dict[Node, set[Special]]:
    """What ``nodes`` meet when the reference runs ``module`` on ``inputs``; those of a region, in all of its runs.

    Nodes that are never run are left out, all of them where the reference cannot run.
    """
    found: dict[Node, set[Special]] = {}

    def look(value: Value, operands: list[Any], result: Any) -> Any:
        node = value.node
        if node is not None and node in nodes:
            seen = found.setdefault(node, set())
            seen.update(held(operands))
            if _overflows(node, operands):
                seen.add("overflow")
        return result

    try:
        Interpreter(module, perturb=look).run(inputs)
    except InterlinguaError:
        return {}
    return found


def held(values: Iterable[Any]) -> set[Special]:
    """What is among the elements of arrays, or of sequences of them."""
    found: set[Special] = set()
    for array in _arrays(values):
        if array.size == 0:
            found.add("empty")
        dtype = DType.of(array)
        if dtype.is_integer:
            found.update(_integers(array, dtype))
        if dtype.is_float:
            found.update(_floats(array.astype(np.float64)))
    return found


def _integers(array: np.ndarray[Any, Any], dtype: DType) -> Iterator[Special]:
    if (array == 0).any():
        yield "0"
    if (array == ml_dtypes.iinfo(dtype.numpy).min).any():
        yield "least"


def _floats(wide: np.ndarray[Any, Any]) -> Iterator[Special]:
    if np.isnan(wide).any():
        yield "nan"
    if np.isinf(wide).any():
        yield "inf"
    if ((wide == 0) & np.signbit(wide)).any():
        yield "-0.0"


def _overflows(node: Node, operands: Sequence[Any]) -> bool:
    """Whether the node, of integers all, gives more in float64 than they can say."""
    arrays = [o for o in operands if o is not None]
    if node.regions or not all(isinstance(a, np.ndarray) and DType.of(a).is_integer for a in arrays):
        return False
    if not arrays:
        return False
    info = ml_dtypes.iinfo(DType.of(arrays[0]).numpy)
    try:
        with np.errstate(all="ignore"):
            made = node.op.reference(*(None if o is None else o.astype(np.float64) for o in operands))
    except Exception:  # noqa: BLE001 - a kernel that takes no floats says it in its own way
        return False
    results = made if isinstance(made, tuple) else (made,)
    return any(bool(((r < info.min) | (r > info.max)).any()) for r in results if isinstance(r, np.ndarray))


def _arrays(values: Iterable[Any]) -> Iterator[np.ndarray[Any, Any]]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _arrays(value)
        elif isinstance(value, np.ndarray | np.generic):
            yield np.asarray(value)
