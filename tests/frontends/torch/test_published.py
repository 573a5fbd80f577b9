"""The architectures of torchvision and transformers, as the benchmarks have them, converted to ONNX and verified."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from benchmarks.torch.architectures import ARCHITECTURES, language, vision

import interlingua
from interlingua.report import Verdict

LIBRARIES = {"torchvision": vision, "transformers": language}


def needed(name):
    """The libraries without which an architecture cannot be made."""
    return [library for library, home in LIBRARIES.items() if name in home.LISTED or name in home.OTHERS]


INSTALLED = [n for n in ARCHITECTURES if all(find_spec(library) is not None for library in needed(n))]


@pytest.mark.nightly
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", INSTALLED)
def test_published_architectures_are_verified(name):
    made = ARCHITECTURES[name]()
    report = interlingua.convert(
        made.module, to="onnx", example_inputs=made.example_inputs, dynamic_shapes=made.dynamic_shapes
    ).report
    assert report.verdict is Verdict.VERIFIED, report.reason
