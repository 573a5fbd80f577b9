"""Recurrent layers that stay whole while a program is traced.

PyTorch finds the types of their results by running them step by step, on tensors without elements: that takes long, and
it fixes the number of steps. The types alone need neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


def _outputs(x: Any, state: Any, bidirectional: bool) -> Any:
    return x.new_empty((*x.shape[:-1], state.shape[-1] * (2 if bidirectional else 1)))


def _types(x: Any, hx: Any, *arguments: Any) -> tuple[Any, ...]:
    """Outputs and last states, as tensors of the right types; an LSTM has two states."""
    *_, bidirectional, _batch_first = arguments
    states = hx if isinstance(hx, list | tuple) else [hx]
    return _outputs(x, states[0], bidirectional), *(state.new_empty(state.shape) for state in states)


_LAYERS = ("lstm", "gru", "rnn_tanh", "rnn_relu")


@contextmanager
def whole_layers() -> Iterator[None]:
    """While this lasts, tracing asks such layers for the types of their results alone. Eager PyTorch is as it was."""
    import torch
    from torch._C import DispatchKey

    keys = (DispatchKey.Autograd, DispatchKey.CompositeImplicitAutograd)
    before = {op: dict(op.py_kernels) for op in (getattr(torch.ops.aten, name).input for name in _LAYERS)}
    try:
        for op, found in before.items():
            _set(op, {**found, **dict.fromkeys(keys, _types)})
        yield
    finally:
        for op, found in before.items():
            _set(op, found)


def _set(op: Any, kernels: Mapping[Any, Any]) -> None:
    op.py_kernels.clear()
    op.py_kernels.update(kernels)
    op._dispatch_cache.clear()
