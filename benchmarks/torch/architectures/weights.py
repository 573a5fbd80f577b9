"""Weights at random, under which a deep network stays in range and a fault in any part of it shows.

What initialisers leave would hide faults: norms that do nothing, biases of zero, attention that looks everywhere alike,
activations that die away with the depth. So everything constant is drawn anew, and every layer is scaled on the
example inputs for its output to have a standard deviation of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import torch
from torch import nn

SEED = 20261128
STATISTICS = {"running_mean": lambda t: t.normal_(0, 0.2), "running_var": lambda t: t.uniform_(0.5, 1.5)}
LOOKUPS = (nn.Embedding, nn.EmbeddingBag)


@torch.no_grad()
def settle(module: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any]) -> nn.Module:
    """``module`` in evaluation, with weights drawn and scaled."""
    module.eval().requires_grad_(False)
    for parameter in module.parameters():
        _enliven(parameter)
    for name, buffer in module.named_buffers():
        drawn = STATISTICS.get(name.rpartition(".")[2])
        if drawn is not None:
            drawn(buffer)
    for part in module.modules():
        if isinstance(part, LOOKUPS):
            part.weight.normal_(0, 0.5)
    with ExitStack() as hooks:
        for part in module.modules():
            if _is_layer(part):
                hooks.enter_context(part.register_forward_hook(_scale))
        module(*args, **kwargs)
    return module


def _enliven(parameter: torch.Tensor) -> None:
    """Draw what an initialiser left constant: scales around one, offsets around zero."""
    if parameter.is_floating_point() and parameter.numel() and bool((parameter == parameter.flatten()[0]).all()):
        if bool((parameter == 0).all()):
            parameter.normal_(0, 0.1)
        else:
            parameter.uniform_(0.5, 1.5)


def _is_layer(part: nn.Module) -> bool:
    weight = getattr(part, "weight", None)
    return isinstance(weight, torch.Tensor) and weight.dim() >= 2 and not isinstance(part, LOOKUPS)


def _scale(part: Any, inputs: Any, output: Any) -> Any:
    if torch.compiler.is_compiling():  # a branch of torch.cond: its layers stay as they are
        return output
    deviation = output.float().std() if isinstance(output, torch.Tensor) and output.numel() > 1 else torch.zeros(())
    if not 1e-6 < float(deviation) < 1e6:
        return output
    for name in ("weight", "bias"):
        parameter = getattr(part, name, None)
        if isinstance(parameter, torch.Tensor):
            parameter.div_(deviation.to(parameter.dtype))
    return output / deviation.to(output.dtype)
