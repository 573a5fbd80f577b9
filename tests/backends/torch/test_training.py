"""Artifacts are trained as what they came from would be."""

from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import interlingua
from interlingua.demo import IMAGES, MODEL

CLASSES = 10


class ByHand(nn.Module):
    """The demo's model, written by hand: scripts/train_digits.py says what it is."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Linear(128, CLASSES)

    def forward(self, image):
        return torch.softmax(self.classifier(torch.flatten(self.features(image / 16), 1)), dim=-1)


@pytest.fixture
def model():
    return interlingua.convert(MODEL, to="torch", verify=False).load().train()


@pytest.fixture(scope="module")
def batch():
    with np.load(IMAGES) as packaged:
        return torch.from_numpy(packaged["images"].astype(np.float32)), torch.from_numpy(packaged["labels"]).long()


def loss_of(model, batch):
    images, labels = batch
    return F.nll_loss(torch.log(model(images)), labels)


def test_the_state_is_that_of_the_model_written_by_hand(model):
    ByHand().load_state_dict(model.state_dict())


def test_gradients_are_those_of_the_model_written_by_hand(model, batch):
    other = ByHand()
    other.load_state_dict(model.state_dict())
    for each in (model, other):
        loss_of(each, batch).backward()
    wanted = {name: p.grad for name, p in other.named_parameters()}
    assert len(wanted) == 6 and all(g.abs().max() > 0 for g in wanted.values())
    assert all(torch.equal(p.grad, wanted[name]) for name, p in model.named_parameters()), "the same steps, bit for bit"


def test_steps_of_gradient_descent_lower_the_loss(model, batch):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = loss_of(model, batch)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert all(after < before for before, after in pairwise(losses))
