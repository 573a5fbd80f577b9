"""Ops that move elements: the same kernel moves their errors."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.equivalence.bounds.bounded import Bounded, Error, Step, zeros

ALL = (None,)
"""Every operand is data."""
DATA: dict[str, tuple[int | None, ...]] = {
    **dict.fromkeys(
        (
            "core.reshape", "core.transpose", "core.broadcast_to", "core.slice", "core.reverse", "core.gather",
            "core.gather_nd", "core.gather_along", "nn.expand_dims", "nn.squeeze", "nn.split", "nn.tile", "nn.flatten",
            "nn.depth_to_space", "nn.space_to_depth", "nn.center_crop_pad", "nn.embedding", "nn.reverse_sequence",
            "math.trilu", "nn.max_unpool",
        ),
        (0,),
    ),
    "core.pad": (0, 2),
    "core.concat": ALL,
    "nn.stack": ALL,
    "nn.tensor_scatter": (0, 1),
}  # fmt: skip
"""Which operands' elements go into the result; the others say where to."""
FREE = frozenset({"core.shape_of", "core.constant", "core.iota", "math.eye", "sequence.empty"})
"""Ops whose result hangs on no element's exact value."""


def movement(step: Step) -> list[Error]:
    """The errors, moved as the elements are; nothing can be said where the places themselves are open."""
    data = DATA[step.name]
    errors = step.errors()
    moved: list[Any] = []
    for i, (array, error) in enumerate(zip(step.arrays, errors, strict=True)):
        if data is ALL or i in data:
            moved.append(None if array is None else zeros(array, error))
        elif error is not None and error.any():
            step.fluid = True
            return step.unknown()
        else:
            moved.append(array)
    if all(e is None for e in errors):
        return [None] * len(step.results)
    found = step.op.reference(*moved)
    return [np.asarray(f) for f in found] if isinstance(found, tuple) else [np.asarray(found)]


def free(step: Step) -> list[Error]:
    """No element's value matters."""
    return [None] * len(step.results)


STRUCTURE = frozenset(
    f"{d}.{n}"
    for d, names in {
        "sequence": "construct empty insert erase at length".split(),  # noqa: SIM905
        "optional": "wrap has_element get".split(),  # noqa: SIM905
    }.items()
    for n in names
)
"""Ops on lists and optionals that take their elements as they are."""


def pieces(step: Step) -> list[Any]:
    """``sequence.split``: a list of tensors, each with its part of the errors."""
    x = step.operands[0]
    errors = [None] * len(step.results[0])
    if x.error is not None:
        errors = step.op.reference(x.error, *step.arrays[1:])
    return [Bounded(v, x.dtype, e, signed=x.signed) for v, e in zip(step.results[0], errors, strict=True)]


def joined(step: Step) -> list[Error]:
    """``sequence.concat``."""
    parts = step.operands[0]
    if all(p.error is None for p in parts):
        return [None]
    return [np.asarray(step.op.reference([zeros(p.value, p.error) for p in parts]))]
