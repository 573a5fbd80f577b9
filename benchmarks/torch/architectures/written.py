"""Networks of torch alone: recurrence and control flow."""

from __future__ import annotations

from typing import Any

import torch
from benchmarks.torch.architectures.base import Factory, settled
from torch import nn
from torch._higher_order_ops import while_loop
from torch.export import Dim

BATCH, LENGTH = Dim("batch"), Dim("length", min=2, max=64)
FEATURES = {0: BATCH, 1: LENGTH}
STEPS = {0: BATCH}
"""Of recurrent layers: ``torch.export`` unrolls them to find their types, by which the length becomes a constant."""


class Recurrent(nn.Module):
    """A recurrent layer over features; what it says of the last step is classified."""

    def __init__(self, layer: type[nn.RNNBase], **options: Any) -> None:
        super().__init__()
        self.layer = layer(16, 32, batch_first=True, **options)
        self.head = nn.Linear(32, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        steps, _ = self.layer(x)
        return self.head(steps[:, -1]).log_softmax(-1)


class Tagger(nn.Module):
    """Words to tags, by two layers that read both ways."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(50, 24)
        self.layer = nn.LSTM(24, 32, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(64, 7)

    def forward(self, words: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        steps, _ = self.layer(self.words(words))
        return self.head(steps).argmax(-1), steps


class Routed(nn.Module):
    """The sign of the mean says which of two experts takes a batch."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.other = nn.Linear(16, 16), nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 16))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cond(x.mean() > 0, lambda y: self.one(y), lambda y: self.other(y), (x,)).relu()


class Iterated(nn.Module):
    """A layer applied until its result is small enough, or ten times."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(16, 16)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        def goes_on(step: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return (step < 10) & (y.abs().amax() > 0.05)

        def body(step: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return step + 1, torch.tanh(self.layer(y)) * 0.5

        return while_loop(goes_on, body, (torch.zeros((), dtype=torch.int64), x))


LISTED: dict[str, Factory] = {
    "lstm": settled(lambda: Recurrent(nn.LSTM), lambda: (torch.randn(2, 6, 16),), (STEPS,)),
    "gru": settled(lambda: Recurrent(nn.GRU), lambda: (torch.randn(2, 6, 16),), (STEPS,)),
    "tagger": settled(Tagger, lambda: (torch.randint(0, 50, (2, 6)),), (STEPS,)),
    "cond": settled(Routed, lambda: (torch.randn(2, 16),), ({0: BATCH},)),
    "while_loop": settled(Iterated, lambda: (torch.randn(2, 16),), ({0: BATCH},)),
}

OTHERS: dict[str, Factory] = {
    "rnn": settled(lambda: Recurrent(nn.RNN), lambda: (torch.randn(2, 6, 16),), (STEPS,)),
    "transformer_encoder": settled(
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64, batch_first=True), 2),
        lambda: (torch.randn(2, 6, 32),),
        (FEATURES,),
    ),
    "transformer": settled(
        lambda: nn.Transformer(32, 4, 2, 2, 64, batch_first=True),
        lambda: (torch.randn(2, 6, 32), torch.randn(2, 5, 32)),
        (FEATURES, {0: BATCH, 1: Dim("written", min=2, max=64)}),
    ),
}
