"""Networks in which faults are put: architectures in use, with random weights and re-drawn statistics."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from benchmarks.judge.networks.sequences import bert, gpt, tagger, wav2vec
from benchmarks.judge.networks.vision import Made, convnext, densenet, mobilenet, resnet, unet, vit

NETWORKS: dict[str, Callable[[], Made]] = {
    **{f.__name__: f for f in (resnet, mobilenet, densenet, convnext, unet, vit, gpt, bert, tagger, wav2vec)},
    **{f"{f.__name__}_unit": partial(f, unit=True) for f in (convnext, gpt, bert)},
}
"""By name; each call builds it anew, the same every time.

Those called ``unit`` have activations of unit variance or more before every norm, so that an eps of 1e-5 or 1e-6 hardly
changes their results. They were there first; the others of their names got the scales of published models after the
wrong eps had been missed in them. Both are kept, for it is a property of a network whether its eps can be seen."""
