"""Modules inside modules: the text of small ones, and that they compute what the graph does."""


import numpy as np
import torch

from interlingua.ir.ops.activation import Relu
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.contraction import Gemm, MatMul
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.shape import Concat, Reshape, Transpose
from interlingua.ir.ops.softmax import Softmax
from interlingua.ir.ops.source import ShapeOf
from interlingua.ir.types import Tensor
from support.torch_nets import BATCH, F32, I64, LENGTH, SEQUENCE, VECTORS, made, ramp


def block(net, scope, x, inner, out, stride):
    y = net.batch_norm(f"{scope}.bn1", net.conv(f"{scope}.conv1", x, inner, out, stride), out)
    y = net.step(f"{scope}.relu", Relu(), y)
    y = net.batch_norm(f"{scope}.bn2", net.conv(f"{scope}.conv2", y, out, out), out)
    if inner == out:
        y = net.step(scope, Add(), y, x)
    return net.step(f"{scope}.relu", Relu(), y)


RESNET = '''\
class Layer1(nn.Module):
    """layer1.0, and 1 more like it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(4)

    def forward(self, x: Tensor) -> Tensor:
        conv1 = self.conv1(x)
        bn1 = self.bn1(conv1)
        relu = F.relu(bn1)
        conv2 = self.conv2(relu)
        bn2 = self.bn2(conv2)
        add = bn2 + x
        return F.relu(add)


class BasicBlock(nn.Module):
    """layer2.0, and 1 more like it."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        conv1 = self.conv1(x)
        bn1 = self.bn1(conv1)
        relu = F.relu(bn1)
        conv2 = self.conv2(relu)
        bn2 = self.bn2(conv2)
        return F.relu(bn2)


class Model(nn.Module):
    """A model."""

    def __init__(self) -> None:
        super().__init__()
        self.layer1 = nn.Sequential(Layer1(), Layer1())
        self.layer2 = nn.Sequential(
            BasicBlock(in_channels=4, out_channels=8, stride=2),
            BasicBlock(in_channels=8, out_channels=6, stride=1),
        )

    def forward(self, image: Tensor) -> Tensor:
        layer1 = self.layer1(image)
        return self.layer2(layer1)
'''


def test_residual_blocks(check):
    def build(net, x):
        for i in range(2):
            x = block(net, f"layer1.{i}", x, 4, 4, 1)
        return block(net, "layer2.1", block(net, "layer2.0", x, 4, 8, 2), 8, 6, 1)

    told = {"torch.classes": {"layer2.0": "torchvision.models.resnet.BasicBlock"}}
    module = made(build, {"image": Tensor(F32, (BATCH, 4, 8, 8))}, told)
    text, model = check(module, image=ramp(2, 4, 8, 8))
    assert text == RESNET
    state = model.state_dict()
    assert state["layer2.0.bn1.num_batches_tracked"] == 0 and state["layer1.1.conv2.weight"].shape == (4, 4, 3, 3)
    assert {name for name, _ in model.named_buffers()} == {
        f"layer{i}.{j}.bn{k}.{name}"
        for i in (1, 2)
        for j in (0, 1)
        for k in (1, 2)
        for name in ("running_mean", "running_var", "num_batches_tracked")
    }


def attention(net, scope, x, mask):
    b = net.b

    def heads(name):
        y = net.linear(f"{scope}.attention.{name}", x)
        with net.at(f"{scope}.attention"):
            rows = b(Gather(axis=0), b(ShapeOf(), x), b.constant([0, 1]))
            return b(Transpose((0, 2, 1, 3)), b(Reshape(), y, b(Concat(axis=0), rows, b.constant([2, 4]))))

    q, k, v = map(heads, ("query", "key", "value"))
    with net.at(f"{scope}.attention"):
        scores = b(MatMul(), q, b(Transpose((0, 1, 3, 2)), k))
        weights = b(Softmax(-1), b(Add(), b(Mul(), scores, b.scalar(0.5, scores)), mask))
        y = b(Reshape(), b(Transpose((0, 2, 1, 3)), b(MatMul(), weights, v)), b(ShapeOf(), x))
    return net.layer_norm(f"{scope}.norm", net.step(scope, Add(), net.linear(f"{scope}.attention.dense", y), x))


TRANSFORMER = '''\
class Attention(nn.Module):
    """encoder.layers.0.attention, and 2 more like it."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(8, 8)
        self.key = nn.Linear(8, 8)
        self.value = nn.Linear(8, 8)
        self.dense = nn.Linear(8, 8)

    def forward(self, x: Tensor, x_1: Tensor) -> Tensor:
        batch, length, _ = x.shape
        query = self.query(x)
        reshape = query.reshape(batch, length, 2, 4)
        transpose = reshape.permute(0, 2, 1, 3)
        key = self.key(x)
        reshape_1 = key.reshape(batch, length, 2, 4)
        transpose_1 = reshape_1.permute(0, 2, 1, 3)
        value = self.value(x)
        reshape_2 = value.reshape(batch, length, 2, 4)
        transpose_2 = reshape_2.permute(0, 2, 1, 3)
        transpose_3 = transpose_1.permute(0, 1, 3, 2)
        matmul = transpose @ transpose_3
        mul = matmul * 0.5
        add = mul + x_1
        softmax = F.softmax(add, dim=-1)
        matmul_1 = softmax @ transpose_2
        transpose_4 = matmul_1.permute(0, 2, 1, 3)
        reshape_3 = transpose_4.reshape(batch, length, 8)
        return self.dense(reshape_3)


class Layers(nn.Module):
    """encoder.layers.0, and 2 more like it."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = Attention()
        self.norm = nn.LayerNorm(8)

    def forward(self, x: Tensor, x_1: Tensor) -> Tensor:
        attention = self.attention(x, x_1)
        add = attention + x
        return self.norm(add)


class Encoder(nn.Module):
    """encoder."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layers() for _ in range(3))

    def forward(self, x: Tensor, x_1: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x, x_1)
        return x


class Model(nn.Module):
    """A model."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.encoder = Encoder()
        self.head = nn.Linear(8, 20, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, input_ids: Tensor, mask: Tensor) -> Tensor:
        embedding = self.embedding(input_ids)
        mul = mask * -100.0
        encoder = self.encoder(embedding, mul)
        return self.head(encoder)
'''


def test_a_transformer_with_tied_weights(check):
    def build(net, ids, mask):
        table = net.parameter("embedding.weight", 20, 8)
        x = net.step("embedding", Gather(axis=0), table, ids)
        mask = net.step("", Mul(), mask, net.b.scalar(-100.0, mask))
        for i in range(3):
            x = attention(net, f"encoder.layers.{i}", x, mask)
        with net.at("head"):
            return net.b(MatMul(), x, net.b(Transpose((1, 0)), table))

    types = {"input_ids": Tensor(I64, (BATCH, LENGTH)), "mask": Tensor(F32, (BATCH, 1, 1, LENGTH))}
    mask = np.zeros((2, 1, 1, 5), np.float32)
    mask[1, ..., 3:] = 1
    text, model = check(made(build, types), input_ids=np.arange(10).reshape(2, 5), mask=mask)
    assert text == TRANSFORMER
    assert model.head.weight is model.embedding.weight
    assert "head.weight" in model.state_dict() and len(list(model.parameters())) == 1 + 3 * 10


SHARED = '''\
class Twice(nn.Module):
    """twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(8, 8)
        self.second = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        first = self.first(x)
        relu = F.relu(first)
        return self.second(relu)


class Model(nn.Module):
    """A model."""

    def __init__(self) -> None:
        super().__init__()
        self.twice = Twice()

    def forward(self, x: Tensor) -> Tensor:
        twice = self.twice(x)
        mul = twice * x
        return self.twice(mul)
'''


def twice(net, x):
    y = net.step("twice", Relu(), net.linear("twice.first", x))
    return net.linear("twice.second", y)


def test_a_scope_that_is_entered_twice_is_one_module(check):
    module = made(lambda net, x: twice(net, net.step("", Mul(), twice(net, x), x)), {"x": VECTORS})
    text, model = check(module, x=ramp(2, 8))
    assert text == SHARED
    assert len(list(model.parameters())) == 4


def test_what_a_scope_does_in_two_places_is_done_in_the_module_around_it(check):
    def build(net, x):
        y = net.step("", Mul(), net.linear("part.first", x), x)
        return net.linear("part.second", y)

    text, model = check(made(build, {"x": VECTORS}), x=ramp(2, 8))
    assert text.count("class ") == 1
    assert "self.part = nn.Module()\n        self.part.first = nn.Linear(8, 8)" in text
    assert list(model.state_dict()) == [f"part.{n}.{p}" for n in ("first", "second") for p in ("weight", "bias")]


def test_steps_without_scopes_find_their_layers_by_the_names_of_weights(check):
    def build(net, x):
        for i in range(2):
            x = net.step("", Relu(), net.linear(f"blocks.{i}.proj", x, at=""))
        return x

    text, model = check(made(build, {"x": VECTORS}), x=ramp(2, 8))
    assert "self.blocks = nn.ModuleList([nn.Module(), nn.Module()])" in text
    assert "self.blocks[1].proj = nn.Linear(8, 8)" in text and "self.blocks[0].proj(x)" in text
    assert list(model.state_dict()) == [f"blocks.{i}.proj.{p}" for i in (0, 1) for p in ("weight", "bias")]


def test_a_layer_with_steps_around_it_keeps_its_name(check):
    def build(net, x):
        with net.at("attn.proj"):
            flat = net.b(Reshape(), x, net.b.constant([-1, 8]))
            y = net.b(Gemm(), flat, net.parameter("attn.proj.weight", 8, 8), net.parameter("attn.proj.bias", 8))
            return net.b(Reshape(), y, net.b(ShapeOf(), x))

    text, model = check(made(build, {"x": SEQUENCE}), x=ramp(2, 3, 8))
    assert list(model.state_dict()) == ["attn.proj.weight", "attn.proj.bias"]
    assert "self.proj = nn.Linear(8, 8)" in text and "batch, length, _ = x.shape" in text


def test_pads_that_differ_by_side_come_before_the_layer(check):
    image = Tensor(F32, (BATCH, 4, 8, 8))
    text, _ = check(made(lambda net, x: net.conv("conv", x, 4, 4, 2, (0, 1, 1, 2)), {"x": image}), x=ramp(2, 4, 8, 8))
    assert "self.conv(F.pad(x, (1, 2, 0, 1)))" in text and "nn.Conv2d(4, 4, 3, stride=2, bias=False)" in text


def test_sizes_that_a_module_cannot_tell_are_passed(check):
    def build(net, x):
        rows = net.step("", Reshape(), x, net.b.constant([-1, 8]))
        y = net.step("inner", Relu(), net.linear("inner.proj", rows))
        return net.step("inner", Reshape(), y, net.step("", ShapeOf(), x))

    text, _ = check(made(build, {"x": SEQUENCE}), x=ramp(2, 3, 8))
    assert "def forward(self, x: Tensor, batch: int, length: int) -> Tensor:" in text
    assert "self.inner(reshape, batch, length)" in text


def test_a_number_that_is_no_row_is_a_list(check):
    def build(net, x):
        first, second = (net.linear(f"heads.{i}", x) for i in range(2))
        return net.step("", Mul(), first, second)

    text, _ = check(made(build, {"x": VECTORS}), x=ramp(2, 8))
    assert "self.heads = nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 8)])" in text
    assert "self.heads[0](x)" in text and "self.heads[1](x)" in text


def test_a_missing_number_is_nothing(check):
    def build(net, x):
        return net.linear("features.3", net.step("features.1", Relu(), net.linear("features.0", x)))

    text, _ = check(made(build, {"x": VECTORS}), x=ramp(2, 8))
    assert "nn.Sequential(\n" in text and "            nn.ReLU(),\n            nn.Identity(),\n" in text


def test_buffers_that_the_source_tells_are_not_trained(check):
    def build(net, x):
        y = net.step("", Mul(), x, net.parameter("scale", 8))
        with net.at("proj"):
            return net.b(MatMul(), y, net.b(Transpose((1, 0)), net.parameter("proj.weight", 8, 8)))

    module = made(build, {"x": VECTORS}, {"torch.buffers": ["scale", "proj.weight"]})
    text, model = check(module, x=ramp(2, 8))
    assert not list(model.parameters()) and sorted(model.state_dict()) == ["proj.weight", "scale"]
    assert 'self.register_buffer("scale", torch.empty(8))' in text and "nn.Linear" not in text


def test_a_matrix_on_the_right_is_kept_as_the_layer_has_it(check):
    def build(net, x):
        return net.step("", MatMul(), x, net.parameter("w", 8, 3))

    text, model = check(made(build, {"x": VECTORS}), x=ramp(2, 8))
    assert "nn.Linear(8, 3, bias=False)" in text
    (weight,) = model.parameters()
    assert weight.shape == (3, 8)


def test_names_of_modules_do_not_hide_what_a_module_has(check):
    def build(net, x):
        return net.linear("forward", net.linear("train", net.linear("0", x)))

    _, model = check(made(build, {"x": VECTORS}), x=ramp(2, 8))
    assert {n.partition(".")[0] for n in model.state_dict()} == {"forward_1", "train_1", "layer0"}


def test_the_text_is_the_same_each_time(emitted):
    def build(net, x):
        return twice(net, net.step("", Mul(), twice(net, x), x))

    texts = [(emitted(made(build, {"x": VECTORS}), name) / "model.py").read_text() for name in ("a", "b")]
    assert texts[0] == texts[1]


def test_effects_of_gradients(check):
    """What is tied has one gradient, the sum of both uses."""

    def build(net, x):
        weight = net.parameter("first.weight", 8, 8)
        for scope in ("first", "second"):
            with net.at(scope):
                x = net.b(MatMul(), x, net.b(Transpose((1, 0)), weight))
        return x

    _, model = check(made(build, {"x": VECTORS}), x=ramp(2, 8))
    x = torch.from_numpy(ramp(2, 8))
    weight = model.first.weight.detach().clone().requires_grad_()
    (x @ weight.T @ weight.T).sum().backward()
    model(x).sum().backward()
    torch.testing.assert_close(model.first.weight.grad, weight.grad, rtol=0, atol=0)
