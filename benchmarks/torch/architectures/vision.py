"""Models of torchvision."""

from __future__ import annotations

from typing import Any

import torch
from benchmarks.torch.architectures.base import Factory, settled
from torch import nn
from torch.export import Dim

CLASSES = 10
UNKNOWN_OPS = ("nms", "qnms")
"""Ops that torchvision says more of as it is imported, which only its own build of torch declares."""


def torchvision() -> Any:
    """The library, also where it was built for another build of torch, whose compiled ops cannot be loaded."""
    try:
        import torchvision
    except RuntimeError:
        for name in UNKNOWN_OPS:
            _declare(name)
        import torchvision
    return torchvision


def _declare(name: str) -> None:
    torch.library.define(f"torchvision::{name}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


def _model(name: str, options: dict[str, Any]) -> nn.Module:
    return torchvision().models.get_model(name, weights=None, **options)


def classifier(name: str, size: int = 64, **options: Any) -> Factory:
    """A model of images, any number of them at once."""
    return settled(
        lambda: _model(name, {"num_classes": CLASSES, **options}),
        lambda: (torch.randn(2, 3, size, size),),
        ({0: Dim("batch")},),
    )


def segmenter(name: str, size: int = 64) -> Factory:
    """A model of images that gives one of the same size."""
    return classifier(name, size, weights_backbone=None)


def video(name: str) -> Factory:
    """A model of clips."""
    return settled(
        lambda: _model(name, {"num_classes": CLASSES}),
        lambda: (torch.randn(2, 3, 8, 32, 32),),
        ({0: Dim("batch")},),
    )


LISTED: dict[str, Factory] = {
    "resnet18": classifier("resnet18"),
    "mobilenet_v2": classifier("mobilenet_v2"),
    "mobilenet_v3_small": classifier("mobilenet_v3_small"),
    "efficientnet_b0": classifier("efficientnet_b0"),
    "densenet121": classifier("densenet121"),
    "squeezenet1_1": classifier("squeezenet1_1"),
    "shufflenet_v2_x1_0": classifier("shufflenet_v2_x1_0"),
    "vgg11_bn": classifier("vgg11_bn", 224),
    "vit_b_16": classifier("vit_b_16", image_size=64),
    "swin_t": classifier("swin_t"),
    "convnext_tiny": classifier("convnext_tiny"),
    "regnet_y_400mf": classifier("regnet_y_400mf"),
    "deeplabv3_mobilenet_v3_large": segmenter("deeplabv3_mobilenet_v3_large"),
    "r3d_18": video("r3d_18"),
}

OTHERS: dict[str, Factory] = {
    "alexnet": classifier("alexnet", 96),
    "googlenet": classifier("googlenet", 96, init_weights=False, aux_logits=True),
    "inception_v3": classifier("inception_v3", 128, init_weights=False, aux_logits=True),
    "mnasnet0_5": classifier("mnasnet0_5"),
    "resnext50_32x4d": classifier("resnext50_32x4d"),
    "wide_resnet50_2": classifier("wide_resnet50_2"),
    "maxvit_t": classifier("maxvit_t", 224),
    "efficientnet_v2_s": classifier("efficientnet_v2_s"),
    "swin_v2_t": classifier("swin_v2_t"),
    "fcn_resnet50": segmenter("fcn_resnet50"),
    "lraspp_mobilenet_v3_large": segmenter("lraspp_mobilenet_v3_large"),
    "mc3_18": video("mc3_18"),
}
