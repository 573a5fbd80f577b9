"""Artifacts are trained as what they came from would be."""

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
    """In double precision: the same sums in another order differ by a few roundings of each of their terms."""
    other = ByHand()
    other.load_state_dict(model.state_dict())
    for each in (model, other):
        each.double().zero_grad()
        loss_of(each, (batch[0].double(), batch[1])).backward()
    wanted = {name: p.grad for name, p in other.named_parameters()}
    assert len(wanted) == 6 and all(g.abs().max() > 0 for g in wanted.values())
    for name, parameter in model.named_parameters():
        scale = float(wanted[name].abs().max())
        torch.testing.assert_close(parameter.grad, wanted[name], rtol=0, atol=2**-40 * scale)


def test_steps_of_gradient_descent_lower_the_loss(model, batch):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = loss_of(model, batch)
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
    assert all(after < before for before, after in zip(losses, losses[1:], strict=False))
