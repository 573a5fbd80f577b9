"""Operators that move elements, and products of matrices, loaded and held against eager."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch.export import Dim

from support.torch_judged import agree, fixed

MOVES = {
    "pad": lambda x: F.pad(x, (1, 2, 0, 3), value=1.5),
    "pad by less": lambda x: F.pad(x, (-1, 2)),
    "pad, mirrored": lambda x: F.pad(x, (2, 1, 1, 3), mode="reflect"),
    "pad, repeated": lambda x: F.pad(x, (2, 1, 7, 3), mode="replicate"),
    "pad, repeated, by less": lambda x: F.pad(x, (-2, 1, 7, -3), mode="replicate"),
    "pad, round": lambda x: F.pad(x, (2, 1, 3, 0), mode="circular"),
    "pad, round, by less": lambda x: F.pad(x, (-2, 3, 2, -1), mode="circular"),
    "roll": lambda x: x.roll((2, -1), (2, -1)),
    "roll by more than there is": lambda x: x.roll(17, 2),
    "roll all": lambda x: x.roll(5),
    "diagonal": lambda x: x.diagonal(dim1=2, dim2=3),
    "diagonal above": lambda x: x.diagonal(2, 3, 1),
    "diagonal below": lambda x: x.diagonal(-3, 2, 3),
    "diagonal beyond": lambda x: x.diagonal(9, 2, 3),
    "sliding windows": lambda x: x.unfold(2, 3, 2),
    "sliding windows of all": lambda x: x.unfold(3, 6, 1),
    "pixels from channels": lambda x: F.pixel_shuffle(x, 2),
    "pixels to channels": lambda x: F.pixel_unshuffle(x, 2),
    "channels in turns": lambda x: F.channel_shuffle(x, 4),
    "axes moved": lambda x: x.movedim((0, 2), (3, 1)),
    "split in halves": lambda x: x.hsplit(2),
    "split at indices": lambda x: torch.tensor_split(x, (1, 4), dim=2),
    "squeezed along no axis": lambda x: torch.squeeze(x[:, :1], ()),
    "adjoint": lambda x: x.mH,
}


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("batch", [1, 3])
def test_moves(name, batch):
    agree(MOVES[name], [fixed(2, 8, 4, 6)], [fixed(batch, 8, 4, 6, seed=1)], shapes=[{0: "batch"}])


OPEN = {
    "roll": lambda x: x.roll((2, -1), (0, 1)),
    "roll all": lambda x: x.roll(5),
    "diagonal": lambda x: x.diagonal(1),
    "diagonal below": lambda x: x.diagonal(-1),
    "sliding windows": lambda x: x.unfold(1, 3, 2),
}


@pytest.mark.parametrize("name", OPEN)
def test_moves_along_axes_that_the_run_knows(name):
    sets = [[fixed(4, 7)], [fixed(9, 5)], [fixed(2, 8)]]
    agree(OPEN[name], *sets, shapes=[{0: "rows", 1: Dim("columns", min=5)}])


PRODUCTS = {
    "einsum": lambda x, y: torch.einsum("bij,bkj->bik", x, y),
    "einsum over dots": lambda x, y: torch.einsum("...ij,...kj->ik", x, y),
    "einsum of vectors under dots": lambda x, y: torch.einsum("...j, ...j -> ...", x[:, :3], y),
    "a sum of products": lambda x, y: torch.addbmm(fixed(5, 3), x, y.mT, beta=0.5, alpha=2),
    "a sum of products alone": lambda x, y: torch.addbmm(fixed(5, 3) * torch.nan, x, y.mT, beta=0),
    "bilinear": lambda x, y: F.bilinear(x[:, :3], y, fixed(6, 4, 4), fixed(6)),
    "products with a bias": lambda x, y: torch.baddbmm(fixed(2, 5, 3), x, y.mT, beta=2, alpha=0.5),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_products(name):
    agree(PRODUCTS[name], [fixed(2, 5, 4), fixed(2, 3, 4, seed=1)])
