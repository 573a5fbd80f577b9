"""PyTorch modules that are at hand, run as they are: in this process, since they live nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from interlingua.formats.torch import to_array, to_tensor
from interlingua.runtimes.base import TIMEOUT, Outcome, Runner

if TYPE_CHECKING:
    from interlingua.frontends.torch.signature import Signature


class EagerRunner(Runner):
    """Runs a callable on PyTorch tensors.

    Args:
        function: a ``torch.nn.Module``.
        signature: how its arguments and results become inputs and outputs.
        written: buffers that it writes: what they hold after a run are outputs, and every run starts from the same.
    """

    def __init__(self, function: Any, signature: Signature, written: Sequence[str] = ()) -> None:
        self.function = function
        self.signature = signature
        self.written = tuple(written)

    @property
    def description(self) -> str:
        import torch

        return f"PyTorch {torch.__version__}, eager"

    def run(self, batches: Sequence[Mapping[str, Any]], *, timeout: float = TIMEOUT) -> list[Outcome]:
        return [self._one(batch) for batch in batches]

    def _one(self, batch: Mapping[str, Any]) -> Outcome:
        buffers = {name: self.function.get_buffer(name) for name in self.written}
        before = {name: buffer.clone() for name, buffer in buffers.items()}
        try:
            return Outcome({**self._outputs(batch), **{n: to_array(b.clone()) for n, b in buffers.items()}})
        except Exception as error:  # noqa: BLE001 - whatever the user's module raises is the outcome
            return Outcome(None, f"{type(error).__name__}: {error}")
        finally:
            for name, buffer in buffers.items():
                buffer.copy_(before[name])

    def _outputs(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        import torch
        from torch.utils import _pytree as pytree

        leaves = [fixed if name is None else _given(batch[name], number) for name, fixed, number in self._inputs()]
        args, kwargs = pytree.tree_unflatten(leaves, self.signature.in_spec)
        with torch.no_grad():
            results = pytree.tree_leaves(self.function(*args, **kwargs))
        names = self.signature.outputs
        return {n: to_array(torch.as_tensor(r)) for n, r in zip(names, results, strict=True) if n is not None}

    def _inputs(self) -> Iterator[tuple[str | None, Any, bool]]:
        own = self.signature
        return zip(own.inputs, own.fixed, own.numbers, strict=True)


def _given(array: Any, number: bool) -> Any:
    return np.asarray(array).item() if number else to_tensor(array).clone()
