"""Networks in which faults are put: architectures in use, with random weights and re-drawn statistics."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.judge.networks.sequences import bert, gpt, tagger, wav2vec
from benchmarks.judge.networks.vision import Made, convnext, densenet, mobilenet, resnet, unet, vit

NETWORKS: dict[str, Callable[[], Made]] = {
    f.__name__: f for f in (resnet, mobilenet, densenet, convnext, unet, vit, gpt, bert, tagger, wav2vec)
}
"""By name; each call builds it anew, the same every time."""
