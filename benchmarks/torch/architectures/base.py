"""What an architecture of the table is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from benchmarks.torch.architectures.weights import SEED, settle
from torch import nn


@dataclass(frozen=True)
class Architecture:
    """A module in evaluation, inputs that it takes, and which of their dims may vary, as ``torch.export`` has it."""

    module: nn.Module
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    dynamic_shapes: Any = None

    @property
    def example_inputs(self) -> Any:
        """As ``interlingua.load`` takes them."""
        return dict(self.kwargs) if self.kwargs else self.args

    def export(self) -> torch.export.ExportedProgram:
        """The program that torch makes of it."""
        return torch.export.export(
            self.module, self.args, dict(self.kwargs), dynamic_shapes=self.dynamic_shapes, strict=False
        )


Factory = Callable[[], Architecture]


def settled(
    build: Callable[[], nn.Module],
    draw: Callable[[], tuple[Any, ...] | dict[str, Any]],
    dynamic_shapes: Any = None,
) -> Factory:
    """A factory: the module and its inputs at a fixed seed, its weights settled on them."""

    def make() -> Architecture:
        torch.manual_seed(SEED)
        module, inputs = build(), draw()
        args, kwargs = (inputs, {}) if isinstance(inputs, tuple) else ((), inputs)
        return Architecture(settle(module, args, kwargs), args, kwargs, dynamic_shapes)

    return make
