"""The op itself: ``silu(gate) * value`` of the two halves along the last axis."""

import torch


@torch.library.custom_op("acme::swiglu", mutates_args=())
def swiglu(x: torch.Tensor, scale: float) -> torch.Tensor:
    gate, value = x.chunk(2, dim=-1)
    return torch.nn.functional.silu(gate) * value * scale


@swiglu.register_fake
def _(x: torch.Tensor, scale: float) -> torch.Tensor:
    return x.new_empty([*x.shape[:-1], x.shape[-1] // 2])
