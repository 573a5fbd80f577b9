"""PyTorch modules held against what they were imported as, to the bit: for modules that compute in small integers."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from torch.utils import _pytree as pytree

import interlingua
from interlingua.formats.torch import to_array
from interlingua.ir.graph import Module


def whole(*shape: int, seed: int = 0, low: int = -4) -> torch.Tensor:
    """A float32 tensor of small integers, with which sums and products are exact."""
    return torch.randint(low, 5, shape, generator=torch.Generator().manual_seed(seed)).float()


def imported(module: torch.nn.Module, *examples: tuple[Any, ...], shapes: Any = None, **options: Any) -> Module:
    """The module as imported on the first set of examples, after it has computed the same as eager on all of them."""
    loaded = interlingua.load(module, example_inputs=examples[0], dynamic_shapes=shapes, **options)
    for example in examples:
        held(loaded, copy.deepcopy(module), copy.deepcopy(example))
    return loaded


def held(loaded: Module, module: torch.nn.Module, example: tuple[Any, ...]) -> None:
    """Assert that both compute the same on one set of examples, dtypes and shapes included. Arguments that were fixed
    come last."""
    given = pytree.tree_leaves(copy.deepcopy(example))[: len(loaded.input_names)]
    got = list(interlingua.evaluate(loaded, [to_array(torch.as_tensor(leaf)) for leaf in given]).values())
    with torch.no_grad():
        want = [to_array(torch.as_tensor(r)) for r in pytree.tree_leaves(module(*example)) if r is not None]
    assert [(g.dtype, g.shape) for g in got] == [(w.dtype, w.shape) for w in want]
    for g, w in zip(got, want, strict=True):
        np.testing.assert_array_equal(g, w)
