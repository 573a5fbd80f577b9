"""Views, and what a tensor becomes when a view of it is written: the inverses of views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from interlingua.frontends.torch.schema import bind, overload_name
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.layout import ExpandDims
from interlingua.ir.ops.shape import Concat, Slice, Transpose
from interlingua.ir.ops.shaping import dims_of, reshaped

Inverse: TypeAlias = Callable[[Any, Builder, Value, Value], Value]
"""``inverse(node, b, whole, part)``: ``whole`` with ``part`` in the place of the view that ``node`` made of it."""


def _kept(node: Any, b: Builder, whole: Value, part: Value) -> Value:
    return part


def _reshaped(node: Any, b: Builder, whole: Value, part: Value) -> Value:
    return reshaped(b, part, dims_of(b, whole, *range(whole.tensor.rank)))


def _permuted(node: Any, b: Builder, whole: Value, part: Value) -> Value:
    rank = whole.tensor.rank
    given = [d % rank for d in _arguments(node)["dims"]] if rank else []
    return b(Transpose(perm=tuple(given.index(i) for i in range(rank))), part) if rank else part


def _transposed(node: Any, b: Builder, whole: Value, part: Value) -> Value:
    perm = list(range(whole.tensor.rank))
    if len(perm) < 2:
        return part
    found = _arguments(node)
    p, q = (found.get(name, default) % len(perm) for name, default in (("dim0", 0), ("dim1", 1)))
    perm[p], perm[q] = perm[q], perm[p]
    return b(Transpose(perm=tuple(perm)), part)


def _placed(node: Any, b: Builder, whole: Value, part: Value) -> Value:
    axis, start, stop = _range(node)
    if overload_name(node.target) == "select.int":
        part = b(ExpandDims(axes=(axis,)), part)
    pieces = []
    if start > 0:
        pieces.append(b(Slice(axes=(axis,)), whole, b.constant([0]), b.constant([start])))
    pieces.append(part)
    if stop is not None:
        pieces.append(b(Slice(axes=(axis,)), whole, b.constant([stop]), b.constant([_END])))
    return pieces[0] if len(pieces) == 1 else b(Concat(axis=axis), *pieces)


_END = (1 << 63) - 1
_INVERSES: dict[str, Inverse] = {
    "alias.default": _kept,
    "detach.default": _kept,
    "lift_fresh.default": _kept,
    "permute.default": _permuted,
    "select.int": _placed,
    "slice.Tensor": _placed,
    "squeeze.default": _reshaped,
    "squeeze.dim": _reshaped,
    "squeeze.dims": _reshaped,
    "t.default": _transposed,
    "transpose.int": _transposed,
    "unsqueeze.default": _reshaped,
    "view.default": _reshaped,
}
CERTAIN = frozenset({
    *_INVERSES, "chunk.default", "diagonal.default", "expand.default", "expand_as.default", "mT.default",
    "movedim.int", "narrow.default", "numpy_T.default", "split.Tensor", "split_with_sizes.default", "split.sizes",
    "swapaxes.default", "swapdims.default", "unbind.int", "unflatten.int", "view_as.default",
})  # fmt: skip
"""Operators that give a view and never a copy."""


def invertible(node: Any) -> bool:
    """Whether a write through the view that ``node`` makes is resolved here: where it lies must be known now."""
    name = overload_name(node.target) if hasattr(node.target, "_schema") else ""
    return name in _INVERSES and (_INVERSES[name] is not _placed or _range(node) is not None)


def written(node: Any, b: Builder, whole: Value, part: Value) -> Value:
    """``whole`` with ``part`` in the place of the view that ``node`` makes of it."""
    return _INVERSES[overload_name(node.target)](node, b, whole, part)


def _arguments(node: Any) -> dict[str, Any]:
    return bind(node.target, node.args, node.kwargs)


def _range(node: Any) -> Any:
    """The axis, the first index and the one past the last (``None`` for the end) of a slice; ``None`` where these are
    not known, or the slice has a step."""
    found = _arguments(node)
    sizes = found["self"].meta["val"].shape
    axis = found["dim"] % len(sizes)
    size = sizes[axis] if isinstance(sizes[axis], int) else None
    if "index" in found:
        start, stop, step = found["index"], None, 1
    else:
        start, stop, step = found["start"] or 0, found["end"], found["step"]
    if not all(isinstance(v, int) for v in (start, step)) or not (stop is None or isinstance(stop, int)) or step != 1:
        return None
    if "index" in found:
        if start < 0 and size is None:
            return None
        first = start + size if start < 0 and size is not None else start
        return axis, first, first + 1
    if size is not None:
        first, last, _ = slice(start, stop).indices(size)
        return axis, first, None if last == size else max(first, last)
    return (axis, 0, None) if start == 0 and (stop is None or stop == _END) else None
