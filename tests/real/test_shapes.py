"""Shapes of trained models before they run: every rank is known, and every dim that ONNX Runtime's inference relates to
the inputs is named here; what is said holds in runs at other sizes."""

from __future__ import annotations

import pytest

from support.real_models import MODELS
from support.shapes import compare

SLOW = ("ppocr-det", "ppocr-rec", "ppocr-cls", "silero", "silero-16k-op15")
"""Their own inference, or the runs at many sizes, take long."""


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.nightly if n in SLOW else ()) for n in MODELS])
def test_shapes_are_known_and_right(name, real_model):
    pytest.importorskip("sympy")
    found = compare(real_model(name))
    assert found.unranked == []
    assert found.anonymous == []
    assert found.unequal == []
    assert found.wrong == []
    assert found.related > 0
    assert len(found.sizes) >= (1 if name == "silero-openvino-16k" else 4)
