"""Shapes of trained models before they run: every rank is known, and every dim is an expression of the inputs' dims;
what is said holds in runs at other sizes, and is no less than what ONNX Runtime's inference says."""

from __future__ import annotations

import pytest

from interlingua.frontends.onnx.frontend import OnnxFrontend
from interlingua.ir.dims import Dim
from interlingua.ir.types import Tensor
from support.real_models import MODELS
from support.shapes import compare, input_symbols, types_of, with_named_inputs

QUICK = ("silero-16k-sequence", "silero-half", "silero-op18-ifless", "silero-openvino-16k", "faster-whisper-silero-v6")
"""Run at many sizes, the others take minutes."""


@pytest.mark.parametrize("name", MODELS)
def test_every_dim_is_named_after_the_inputs(name, real_model):
    proto = with_named_inputs(real_model(name))
    named = input_symbols(proto)
    types = types_of(OnnxFrontend().trace(proto))
    assert [key for key, t in types.items() if isinstance(t, Tensor) and t.shape is None] == []
    dims = {d for t in types.values() if isinstance(t, Tensor) and t.shape is not None for d in t.shape}
    assert [d for d in dims if isinstance(d, Dim) and not {s.name for s in d.symbols} <= named] == []


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in QUICK else pytest.mark.nightly) for n in MODELS])
def test_no_less_is_known_than_there_and_runs_agree(name, real_model):
    pytest.importorskip("sympy")
    found = compare(real_model(name))
    assert found.unranked == []
    assert found.anonymous == []
    assert found.unequal == []
    assert found.wrong == []
    assert found.related > 0
    assert len(found.sizes) >= (1 if name == "silero-openvino-16k" else 3)
