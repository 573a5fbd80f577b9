"""PyTorch modules that are at hand, run as they are: in this process, since they live nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, Protocol

import numpy as np

from interlingua.formats.torch import to_array, to_tensor
from interlingua.runtimes.base import TIMEOUT, Outcome, Runner
from interlingua.runtimes.numerics import Numerics

NUMERICS = Numerics(partial_sums=24)
"""PyTorch on a CPU adds up long sums in few parts: in float32 the error of 4,608 terms of a convolution was measured as
9.9 times that of one rounding of the root of their squares, that of 25,088 terms of a product of two rows as 14.5
times. That is 24 and 60 parts."""


class Convention(Protocol):
    """How a callable of PyTorch's is called on inputs by name: leaves of its arguments in order.

    Attributes:
        inputs: the name of each leaf; ``None`` for one that is fixed.
        fixed: the values of these.
        numbers: which leaves are Python numbers.
        outputs: the name of each leaf of the result; ``None`` for one that is no output.
        in_spec: how leaves are put together to arguments.
    """

    @property
    def inputs(self) -> Sequence[str | None]: ...
    @property
    def fixed(self) -> Sequence[Any]: ...
    @property
    def numbers(self) -> Sequence[bool]: ...
    @property
    def outputs(self) -> Sequence[str | None]: ...
    @property
    def in_spec(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Effects:
    """What a run writes beside its results; all of it is outputs, by these names.

    Attributes:
        buffers: buffers, by their paths.
        attributes: attributes of a script, by their paths: what they hold comes after its results.
        inputs: inputs, each with the output that holds what it is then.
    """

    buffers: Sequence[str] = ()
    attributes: Sequence[str] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)


class Call:
    """A callable of PyTorch's as one from inputs to outputs, both by name.

    Args:
        function: a ``torch.nn.Module``, or what is called like one.
        convention: how it is called.
        effects: what it writes; every run starts from the same buffers.
    """

    def __init__(self, function: Callable[..., Any], convention: Convention, effects: Effects) -> None:
        self.function: Any = function
        self.convention = convention
        self.effects = effects

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        buffers = {name: self.function.get_buffer(name) for name in self.effects.buffers}
        before = {name: buffer.clone() for name, buffer in buffers.items()}
        try:
            outputs = self._outputs(batch)
            return {**{n: to_array(b.clone()) for n, b in buffers.items()}, **outputs}
        finally:
            for name, buffer in buffers.items():
                buffer.copy_(before[name])

    def _outputs(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        import torch
        from torch.utils import _pytree as pytree

        leaves = [fixed if name is None else _given(batch[name], number) for name, fixed, number in self._inputs()]
        named = dict(zip(self.convention.inputs, leaves, strict=True))
        args, kwargs = pytree.tree_unflatten(leaves, self.convention.in_spec)
        with torch.no_grad():
            results = pytree.tree_leaves(self.function(*args, **kwargs))
        own = zip(self.convention.outputs, results, strict=True)
        pairs = chain(((output, named[name]) for name, output in self.effects.inputs.items()), own)
        return {n: _array(r) for n, r in pairs if n is not None}

    def _inputs(self) -> Iterator[tuple[str | None, Any, bool]]:
        own = self.convention
        return zip(own.inputs, own.fixed, own.numbers, strict=True)


class EagerRunner(Runner):
    """Runs the call that ``opened`` gives, once something is to be run."""

    numerics = NUMERICS

    def __init__(self, opened: Callable[[], Call]) -> None:
        self._opened = opened

    @cached_property
    def call(self) -> Call:
        """What is run."""
        return self._opened()

    @property
    def description(self) -> str:
        import torch

        return f"PyTorch {torch.__version__}, eager"

    def run(self, batches: Sequence[Mapping[str, Any]], *, timeout: float = TIMEOUT) -> list[Outcome]:
        return [self._one(batch) for batch in batches]

    def _one(self, batch: Mapping[str, Any]) -> Outcome:
        try:
            return Outcome(self.call(batch))
        except Exception as error:  # noqa: BLE001 - whatever the user's module raises is the outcome
            return Outcome(None, f"{type(error).__name__}: {error}")


def _given(array: Any, number: bool) -> Any:
    return np.asarray(array).item() if number else to_tensor(np.array(array))


def _array(result: Any) -> np.ndarray[Any, Any]:
    """A tensor's elements; a number of Python's, which is no narrower than 64 bits."""
    return np.asarray(result) if isinstance(result, bool | int | float) else to_array(result)
