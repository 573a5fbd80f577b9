"""Padding as SAME gives it, at the extents that a windowed op has come to take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from interlingua.ir.op import Op
from interlingua.ir.ops.convolution import same_padding


def with_same_padding(op: Op, arrays: Sequence[Any], *, lower: bool) -> Op:
    """``op`` with the pads of SAME, where it slides windows over its first operand; else as it is.

    Args:
        lower: whether an odd element goes to the front (SAME_LOWER).
    """
    found: Any = op
    n = len(found.strides)
    kernel = getattr(op, "window", None)
    if kernel is None and len(arrays) > 1 and getattr(arrays[1], "ndim", 0) == n + 2 and arrays[0].ndim == n + 2:
        kernel = arrays[1].shape[2:]
    if kernel is None or "transpose" in op.name:
        return op
    last = getattr(op, "layout", "channels_first") == "channels_last"
    size = arrays[0].shape[1:-1] if last else arrays[0].shape[2:]
    pairs = [
        same_padding(s, k, t, d, lower=lower)
        for s, k, t, d in zip(size, kernel, found.strides, found.dilations, strict=True)
    ]
    begins, ends = zip(*pairs, strict=True)
    padded: Op = replace(found, pads=(*begins, *ends))
    return padded
