"""Train the demo model, a small convolutional network for scikit-learn's digits, and write it as ONNX.

    python scripts/train_digits.py [--seed 0] [--epochs 30] [--output src/demo]

The same seed on the same machine gives the same files. The network is plain NumPy; scikit-learn has the
data.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits

Array: TypeAlias = np.ndarray[Any, Any]

CHANNELS = (16, 32)
HELD_OUT = 360
"""Images that training never sees: a fifth."""
PACKAGED = 100
"""Of those, how many go into the package."""
BRIGHTEST = 16.0
"""Pixels of the data set count from 0 to 16; the network scales them itself."""


def patches(x: Array) -> Array:
    """The 3×3 neighbourhood of every pixel, zero-padded: (n, h, w, c·9)."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    n, c, h, w = x.shape
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(n, h, w, c * 9)


class Conv:
    """3×3 convolution, padding 1."""

    def __init__(self, rng: np.random.Generator, inputs: int, outputs: int) -> None:
        self.parameters = [
            rng.standard_normal((outputs, inputs, 3, 3)) * np.sqrt(2 / (inputs * 9)),
            np.zeros(outputs),
        ]

    def forward(self, x: Array) -> Array:
        weight, bias = self.parameters
        self.shape, self.patches = x.shape, patches(x)
        return (self.patches @ weight.reshape(len(weight), -1).T + bias).transpose(0, 3, 1, 2)

    def backward(self, gradient: Array) -> Array:
        weight = self.parameters[0]
        flat = gradient.transpose(0, 2, 3, 1).reshape(-1, len(weight))
        columns = self.patches.reshape(len(flat), -1)
        self.gradients = [(flat.T @ columns).reshape(weight.shape), flat.sum(0)]
        # the gradient of the input is the convolution with the kernel turned round and its channels swapped
        turned = weight[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
        return (patches(gradient) @ turned.reshape(len(turned), -1).T).transpose(0, 3, 1, 2)


class Dense:
    """Affine map of flattened inputs."""

    def __init__(self, rng: np.random.Generator, inputs: int, outputs: int) -> None:
        self.parameters = [rng.standard_normal((outputs, inputs)) * np.sqrt(1 / inputs), np.zeros(outputs)]

    def forward(self, x: Array) -> Array:
        self.shape, self.x = x.shape, x.reshape(len(x), -1)
        return self.x @ self.parameters[0].T + self.parameters[1]

    def backward(self, gradient: Array) -> Array:
        self.gradients = [gradient.T @ self.x, gradient.sum(0)]
        return (gradient @ self.parameters[0]).reshape(self.shape)


class Relu:
    """The larger of ``x`` and 0."""

    parameters: list[Array] = []  # noqa: RUF012 - has none, ever

    def forward(self, x: Array) -> Array:
        self.positive = x > 0
        return np.where(self.positive, x, 0.0)

    def backward(self, gradient: Array) -> Array:
        return np.where(self.positive, gradient, 0.0)


class MaxPool:
    """Largest of every 2×2 square."""

    parameters: list[Array] = []  # noqa: RUF012 - has none, ever

    def forward(self, x: Array) -> Array:
        n, c, h, w = x.shape
        squares = x.reshape(n, c, h // 2, 2, w // 2, 2)
        largest = squares.max((3, 5), keepdims=True)
        self.shape, self.chosen = x.shape, squares == largest
        return largest.reshape(n, c, h // 2, w // 2)

    def backward(self, gradient: Array) -> Array:
        share = self.chosen / self.chosen.sum((3, 5), keepdims=True)
        return (share * gradient[:, :, :, None, :, None]).reshape(self.shape)


class Network:
    """conv → relu → pool, twice, and a dense layer."""

    def __init__(self, rng: np.random.Generator) -> None:
        first, second = CHANNELS
        self.convs = Conv(rng, 1, first), Conv(rng, first, second)
        self.dense = Dense(rng, second * 2 * 2, 10)
        self.layers: list[Any] = [
            self.convs[0], Relu(), MaxPool(), self.convs[1], Relu(), MaxPool(), self.dense
        ]  # fmt: skip

    def logits(self, images: Array) -> Array:
        x = images / BRIGHTEST
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def accuracy(self, images: Array, labels: Array) -> float:
        return float((self.logits(images).argmax(1) == labels).mean())

    def step(self, images: Array, labels: Array, velocity: dict[tuple[int, int], Array], rate: float) -> float:
        """One step of gradient descent with momentum on the cross entropy; gives the loss."""
        logits = self.logits(images)
        shares = np.exp(logits - logits.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        loss = -float(np.log(shares[np.arange(len(labels)), labels]).mean())
        gradient = (shares - np.eye(10)[labels]) / len(labels)
        for layer in reversed(self.layers):
            gradient = layer.backward(gradient)
        for i, layer in enumerate(self.layers):
            for j, parameter in enumerate(layer.parameters):
                velocity[i, j] = 0.9 * velocity.get((i, j), 0.0) - rate * layer.gradients[j]
                parameter += velocity[i, j]
        return loss


def train(seed: int, epochs: int, images: Array, labels: Array) -> Network:
    """A trained network; prints the loss as it falls."""
    rng = np.random.default_rng(seed)
    network = Network(rng)
    velocity: dict[tuple[int, int], Array] = {}
    for epoch in range(epochs):
        rate = 0.05 * 0.5 * (1 + np.cos(np.pi * epoch / epochs))
        order = rng.permutation(len(images))
        batches = [order[i : i + 32] for i in range(0, len(order), 32)]
        losses = [network.step(images[b], labels[b], velocity, rate) for b in batches]
        if epoch % 5 == 4 or epoch == epochs - 1:
            print(f"epoch {epoch + 1:3d}: loss {np.mean(losses):.4f}")
    return network


def to_onnx(network: Network) -> onnx.ModelProto:
    """The network as ONNX, with ``batch`` open."""
    first, second = network.convs
    tensors = {
        "features.0.weight": first.parameters[0], "features.0.bias": first.parameters[1],
        "features.3.weight": second.parameters[0], "features.3.bias": second.parameters[1],
        "classifier.weight": network.dense.parameters[0], "classifier.bias": network.dense.parameters[1],
        "brightest": np.array(BRIGHTEST),
    }  # fmt: skip
    node = helper.make_node
    same = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    halve = {"kernel_shape": [2, 2], "strides": [2, 2]}
    nodes = [
        node("Div", ["image", "brightest"], ["scaled"], "/Div"),
        node("Conv", ["scaled", "features.0.weight", "features.0.bias"], ["c0"], "/features/0/Conv", **same),
        node("Relu", ["c0"], ["r1"], "/features/1/Relu"),
        node("MaxPool", ["r1"], ["p2"], "/features/2/MaxPool", **halve),
        node("Conv", ["p2", "features.3.weight", "features.3.bias"], ["c3"], "/features/3/Conv", **same),
        node("Relu", ["c3"], ["r4"], "/features/4/Relu"),
        node("MaxPool", ["r4"], ["p5"], "/features/5/MaxPool", **halve),
        node("Flatten", ["p5"], ["flat"], "/Flatten", axis=1),
        node("Gemm", ["flat", "classifier.weight", "classifier.bias"], ["logits"], "/classifier/Gemm", transB=1),
        node("Softmax", ["logits"], ["probabilities"], "/Softmax", axis=-1),
    ]
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, 8, 8])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 10])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in tensors.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model.producer_name = "scripts/train_digits.py"
    onnx.checker.check_model(model, full_check=True)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--output", type=Path, default=Path("src/demo"))
    options = parser.parse_args()

    data = load_digits()
    order = np.random.default_rng(options.seed).permutation(len(data.images))
    images, labels = data.images[order][:, None], data.target[order]
    network = train(options.seed, options.epochs, images[HELD_OUT:], labels[HELD_OUT:])
    for count, which in ((HELD_OUT, "never trained on"), (PACKAGED, "of them that are packaged")):
        print(f"accuracy on {count} images {which}: {network.accuracy(images[:count], labels[:count]):.4f}")

    path = options.output / "digits.onnx"
    path.write_bytes(to_onnx(network).SerializeToString(deterministic=True))
    np.savez_compressed(
        options.output / "digits.npz",
        images=images[:PACKAGED].astype(np.uint8), labels=labels[:PACKAGED].astype(np.uint8),
    )  # fmt: skip
    print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
