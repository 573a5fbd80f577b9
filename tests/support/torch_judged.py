"""Functions of PyTorch held against what they are loaded as: eager results within the bounds derived for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from torch.utils import _pytree as pytree

import interlingua
from interlingua.equivalence.expect import expect
from interlingua.equivalence.judge import judge
from interlingua.formats.torch import to_array
from interlingua.ir.graph import Module
from interlingua.report import Comparison


class Applied(torch.nn.Module):
    """A function as a module without weights."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *tensors: torch.Tensor) -> Any:
        return self.function(*tensors)


@cache
def fixed(*shape: int, seed: int = 0) -> torch.Tensor:
    """Normal numbers. A function that is traced finds them made already, by the eager run before."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def arrays(value: Any) -> list[np.ndarray[Any, Any]]:
    """The tensors of a result, as arrays."""
    leaves = [leaf for leaf in pytree.tree_leaves(value) if isinstance(leaf, torch.Tensor)]
    return [to_array(leaf.detach().resolve_conj().resolve_neg().contiguous()) for leaf in leaves]


def compared(module: Module, inputs: Sequence[Any], wanted: Sequence[Any]) -> list[Comparison]:
    """Eager results, and those of ``module`` itself, each with what its reference in float64 allows.

    Raises:
        ValueError: there are more or fewer of one than of the other.
    """
    named = dict(zip(module.input_names, inputs, strict=True))
    expectation = expect(module, named)
    theirs = dict(zip(module.output_names, wanted, strict=True))
    return [*judge(expectation, theirs, "torch"), *judge(expectation, interlingua.evaluate(module, named), "ours")]


def agree(function: Callable[..., Any], *sets: Sequence[torch.Tensor], shapes: Any = None) -> Module:
    """``function`` (or a module) as loaded on the first set of tensors, after it has agreed with eager on all sets.

    ``shapes`` are the dynamic dims of each tensor, by axis.
    """
    module = (function if isinstance(function, torch.nn.Module) else Applied(function)).eval()
    with torch.no_grad():
        wanted = [arrays(module(*(t.clone() for t in tensors))) for tensors in sets]
    dynamic = (tuple(shapes),) if isinstance(module, Applied) and shapes is not None else shapes
    loaded = interlingua.load(module, example_inputs=tuple(sets[0]), dynamic_shapes=dynamic)
    for tensors, eager in zip(sets, wanted, strict=True):
        found = compared(loaded, [to_array(t) for t in tensors], eager)
        assert all(c.passed for c in found), [c for c in found if not c.passed]
        assert not eager or any(c.excused < 1 for c in found), "nothing can be said of any element"
    return loaded
