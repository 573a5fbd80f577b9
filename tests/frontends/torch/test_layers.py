"""Layers and functions of torch, loaded and held against eager: convolution, pooling, norms, attention, resizing."""

from __future__ import annotations

import warnings

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from interlingua.errors import UnsupportedOps
from support.torch_judged import agree, fixed

WEIGHT = fixed(6, 2, 3, 3, seed=1)
CONVOLUTIONS = {
    "strided, dilated, in groups": lambda x: F.conv2d(x, WEIGHT, stride=(2, 1), padding=(1, 2), dilation=2, groups=2),
    "with a bias": lambda x: F.conv2d(x, WEIGHT, fixed(6), groups=2),
    "same, dilated": lambda x: F.conv2d(x, fixed(5, 4, 3, 5), padding="same", dilation=(1, 3)),
    "valid": lambda x: F.conv2d(x, WEIGHT, padding="valid", groups=2),
    "transposed": lambda x: F.conv_transpose2d(
        x, fixed(4, 3, 3, 2), fixed(6), stride=(3, 2), padding=1, output_padding=(2, 1), groups=2, dilation=(2, 1)
    ),
    "of one example": lambda x: F.conv2d(x[0], WEIGHT, groups=2),
    "of lines": lambda x: F.conv1d(x[:, :, 0], fixed(3, 4, 3), padding=1),
    "of volumes": lambda x: F.conv3d(x[:, None], fixed(2, 1, 2, 3, 3), stride=(1, 2, 2)),
}


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolutions(name):
    agree(CONVOLUTIONS[name], [fixed(2, 4, 8, 9)], [fixed(3, 4, 8, 9, seed=1)], shapes=[{0: "batch"}])


def test_a_convolution_of_int64_is_declined():
    weight = torch.ones(1, 1, 2, 2, dtype=torch.int64)
    with pytest.raises(UnsupportedOps, match=r"conv2d\.default: of i64"):
        agree(lambda x: F.conv2d(x, weight), [torch.ones(1, 1, 3, 3, dtype=torch.int64)])


POOLINGS = {
    "max": lambda x: F.max_pool2d(x, 3, stride=2, padding=1, dilation=(1, 2)),
    "max, rounded up": lambda x: F.max_pool2d(x, 3, stride=2, ceil_mode=True),
    "max with indices": lambda x: F.max_pool2d(x, (2, 3), return_indices=True),
    "max with indices, of one example": lambda x: F.max_pool2d(x[0], 2, return_indices=True),
    "average": lambda x: F.avg_pool2d(x, 3, stride=2, padding=1),
    "average of what is there": lambda x: F.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False),
    "average, rounded up": lambda x: F.avg_pool2d(x, 3, stride=2, padding=1, ceil_mode=True),
    "sums by a divisor": lambda x: F.avg_pool2d(x, 3, padding=1, divisor_override=5),
    "average of lines": lambda x: F.avg_pool1d(x[:, :, 0], 4, 3),
    "adaptive to one": lambda x: F.adaptive_avg_pool2d(x, 1),
    "adaptive to a divisor": lambda x: F.adaptive_avg_pool2d(x, (4, 3)),
    "adaptive to what overlaps": lambda x: F.adaptive_avg_pool2d(x, (5, 4)),
    "adaptive to more": lambda x: F.adaptive_avg_pool2d(x, (11, 9)),
    "adaptive maximum": lambda x: F.adaptive_max_pool2d(x, (5, 3)),
    "adaptive maximum with indices": lambda x: F.adaptive_max_pool2d(x, (5, 3), return_indices=True),
    "p-norm": lambda x: F.lp_pool2d(x, 2, 3),
}


@pytest.mark.parametrize("name", POOLINGS)
def test_poolings(name):
    agree(POOLINGS[name], [fixed(2, 3, 8, 9)], [fixed(4, 3, 8, 9, seed=1)], shapes=[{0: "batch"}])


ADAPTIVE = {
    "average": lambda x: F.adaptive_avg_pool2d(x, (3, 2)),
    "maximum": lambda x: F.adaptive_max_pool2d(x, (3, 2)),
    "maximum with indices": lambda x: F.adaptive_max_pool2d(x, (3, 2), return_indices=True),
}


@pytest.mark.parametrize("name", ADAPTIVE)
def test_adaptive_pooling_of_planes_that_the_run_knows(name):
    sets = [[fixed(1, 2, *size)] for size in ((7, 5), (3, 2), (9, 11))]
    agree(ADAPTIVE[name], *sets, shapes=[{2: "height", 3: "width"}])


SCALE, SHIFT = fixed(4, seed=3), fixed(4, seed=4)
NORMS = {
    "layer": lambda x: F.layer_norm(x, (8, 9), fixed(8, 9), fixed(8, 9)),
    "layer, without parameters": lambda x: F.layer_norm(x, (9,)),
    "layer, with its statistics": lambda x: torch.native_layer_norm(x, (8, 9), fixed(8, 9), None, 1e-5),
    "group": lambda x: F.group_norm(x, 2, SCALE, SHIFT, 1e-3),
    "group, with its statistics": lambda x: torch.native_group_norm(x, SCALE, SHIFT, x.shape[0], 4, 72, 2, 1e-3),
    "instance": lambda x: F.instance_norm(x, weight=SCALE, bias=SHIFT),
    "batch": lambda x: F.batch_norm(x, SHIFT, SCALE.abs() + 0.1, SCALE, SHIFT),
    "batch, without parameters": lambda x: F.batch_norm(x, SHIFT, SCALE.abs() + 0.1),
    "batch, by its own statistics": lambda x: F.batch_norm(x, None, None, SCALE, SHIFT, training=True),
    "root mean square": lambda x: F.rms_norm(x, (9,), fixed(9)),
    "local response": lambda x: F.local_response_norm(x, 3),
}


@pytest.mark.parametrize("name", NORMS)
def test_norms(name):
    agree(NORMS[name], [fixed(2, 4, 8, 9)], [fixed(3, 4, 8, 9, seed=1)], shapes=[{0: "batch"}])


@pytest.mark.parametrize(("dim", "shape"), [(0, (4, 1, 1)), (2, (1, 1, 5)), (1, (1, 3, 1)), (-1, ())])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_weight_norm(dim, shape, dtype):
    g = fixed(*shape).to(dtype)
    agree(lambda v: torch._weight_norm(v, g, dim), [fixed(4, 3, 5).to(dtype)])


def masked(q, k, v, mask):
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)


@pytest.mark.parametrize("lead", [(), (3,), (2, 3), (2, 2, 3)], ids=str)
@pytest.mark.parametrize("kind", ["none", "causal", "bool", "float"])
def test_attention(lead, kind):
    q, k, v = fixed(*lead, 4, 8), fixed(*lead, 6, 8, seed=1), fixed(*lead, 6, 5, seed=2)
    if kind == "none":
        agree(lambda q, k, v: F.scaled_dot_product_attention(q, k, v, scale=0.3), [q, k, v])
    elif kind == "causal":
        agree(lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True), [q, k, v])
    else:
        seen = fixed(4, 6, seed=5) > -0.5
        seen[1] = False
        mask = seen if kind == "bool" else torch.where(seen, fixed(4, 6), torch.tensor(-torch.inf))
        agree(masked, [q, k, v, mask])


def test_attention_with_shared_heads():
    q, k = fixed(2, 6, 4, 8), fixed(2, 2, 5, 8)
    agree(lambda q, k: F.scaled_dot_product_attention(q, k, k, enable_gqa=True), [q, k])


RESIZES = {
    "nearest": lambda x: F.interpolate(x, scale_factor=(2, 1.5)),
    "nearest, to sizes": lambda x: F.interpolate(x, size=(5, 13)),
    "nearest, exact": lambda x: F.interpolate(x, size=(5, 13), mode="nearest-exact"),
    "linear": lambda x: F.interpolate(x, scale_factor=(1.7, 0.6), mode="bilinear"),
    "linear, to one": lambda x: F.interpolate(x, size=(1, 1), mode="bilinear"),
    "linear, corners aligned, by factors": lambda x: F.interpolate(
        x, scale_factor=(1.7, 0.6), mode="bilinear", align_corners=True
    ),
    "linear, corners aligned, to sizes": lambda x: F.interpolate(x, size=(4, 17), mode="bilinear", align_corners=True),
    "cubic": lambda x: F.interpolate(x, scale_factor=2, mode="bicubic"),
    "cubic, smoothed": lambda x: F.interpolate(x, size=(4, 5), mode="bicubic", antialias=True),
    "linear, smoothed": lambda x: F.interpolate(x, size=(4, 5), mode="bilinear", antialias=True),
    "area": lambda x: F.interpolate(x, size=(4, 3), mode="area"),
}


@pytest.mark.parametrize("name", RESIZES)
def test_resizes(name):
    agree(RESIZES[name], [fixed(2, 3, 8, 9)], [fixed(3, 3, 8, 9, seed=1)], shapes=[{0: "batch"}])


def test_smoothing_with_corners_aligned_is_declined():
    with pytest.raises(UnsupportedOps, match="corners aligned"):
        agree(
            lambda x: F.interpolate(x, size=(4, 5), mode="bilinear", antialias=True, align_corners=True),
            [fixed(2, 3, 8, 9)],
        )


@pytest.mark.parametrize("aligned", [False, True])
def test_resizing_by_factors_of_planes_that_the_run_knows(aligned):
    def grown(x):
        return F.interpolate(x, scale_factor=(2, 1.5), mode="bilinear", align_corners=aligned)

    agree(grown, [fixed(1, 2, 6, 8)], [fixed(1, 2, 5, 7)], shapes=[{2: "height", 3: "width"}])


RECURRENT = {
    "LSTM": nn.LSTM(3, 4),
    "LSTM, deep, both ways": nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True),
    "LSTM without biases": nn.LSTM(3, 4, bias=False),
    "GRU, deep, both ways": nn.GRU(3, 4, num_layers=2, bidirectional=True),
    "GRU": nn.GRU(3, 4, batch_first=True),
    "RNN": nn.RNN(3, 4, nonlinearity="relu"),
}


@pytest.mark.parametrize("name", RECURRENT)
def test_recurrent_layers(name):
    agree(RECURRENT[name], [fixed(5, 2, 3)])


@pytest.mark.parametrize("name", RECURRENT)
def test_recurrent_layers_of_any_length(name):
    axes = (0, 1) if RECURRENT[name].batch_first else (1, 0)
    sets = [[fixed(*size, 3)] for size in ((5, 2), (2, 7), (3, 4))]
    agree(RECURRENT[name], *sets, shapes=({axes[0]: "batch", axes[1]: "length"},))


def test_tracing_leaves_eager_layers_as_they_were():
    layer = nn.LSTM(3, 4)
    x = fixed(5, 2, 3)
    before = layer(x)[0]
    agree(layer, [x])
    assert torch.equal(layer(x)[0], before)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.export warns of torch's own layers
        unrolled = torch.export.export(layer, (x,)).run_decompositions()
    assert not any("lstm" in str(node.target) for node in unrolled.graph.nodes)
    torch.testing.assert_close(unrolled.module()(x)[0], before)


def test_a_recurrent_layer_from_given_states():
    layer = nn.LSTM(3, 4, num_layers=2)

    class From(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = layer

        def forward(self, x, h, c):
            return self.layer(x, (h, c))

    agree(From(), [fixed(5, 2, 3), fixed(2, 2, 4), fixed(2, 2, 4, seed=1)])


SAMPLINGS = {
    f"{mode}, {padding}, {aligned}": (mode, padding, aligned)
    for mode in ("bilinear", "nearest", "bicubic")
    for padding in ("zeros", "border", "reflection")
    for aligned in (True, False)
}


@pytest.mark.parametrize("name", SAMPLINGS)
def test_sampling_on_a_grid(name):
    mode, padding, aligned = SAMPLINGS[name]
    grid = torch.rand(2, 3, 4, 2, generator=torch.Generator().manual_seed(5)) * 3 - 1.5
    agree(lambda x, g: F.grid_sample(x, g, mode, padding, aligned), [fixed(2, 3, 5, 6), grid])


@pytest.mark.parametrize("aligned", [False, True])
def test_grids_of_affine_maps(aligned):
    agree(lambda t: F.affine_grid(t, (2, 3, 4, 2), aligned), [fixed(2, 2, 3)])
