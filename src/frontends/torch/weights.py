"""Parameters, buffers and constants of a program: borrowed, never copied."""

from __future__ import annotations

from typing import Any

from interlingua.formats.torch import to_array
from interlingua.ir.weights import ArrayWeight, Weight


class Weights:
    """Handles of tensors; one for each piece of memory, so that tied parameters stay tied."""

    def __init__(self) -> None:
        self._found: dict[tuple[Any, ...], Weight] = {}

    def of(self, tensor: Any) -> Weight:
        """The handle of a tensor. The array that it holds keeps the tensor's memory alive."""
        place = tensor.data_ptr() if tensor.numel() else 0
        key = place, tensor.dtype, tuple(tensor.shape), tensor.stride()
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = ArrayWeight(to_array(tensor))
        return found
