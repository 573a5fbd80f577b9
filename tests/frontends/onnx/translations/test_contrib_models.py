"""Whole models as ONNX Runtime's own tools write them: converted, verified against it, their integers kept."""

from __future__ import annotations

from itertools import product

import numpy as np
import onnx
import pytest

import interlingua
from interlingua.errors import UnsupportedOps
from interlingua.report import Verdict
from support.runtime_models import SOURCES, examples, optimised, quantized

LEVELS = (onnx.TensorProto.INT8, onnx.TensorProto.UINT8)
WIDE = (onnx.TensorProto.FLOAT, onnx.TensorProto.INT32)
U8S8, S8S8, U8U8 = (
    {"activation_type": a, "weight_type": w, "reduce_range": w == "QInt8"}
    for a, w in (("QUInt8", "QInt8"), ("QInt8", "QInt8"), ("QUInt8", "QUInt8"))
)
"""Signed weights have 7 bits: of 8, kernels that ONNX Runtime has for processors without VNNI saturate."""
QUICK = [
    ("transformer", "plain", {}, True),
    ("transformer", "dynamic", {"per_channel": True, "weight_type": "QInt8"}, True),
    ("transformer", "dynamic", {"weight_type": "QUInt8"}, False),
    ("transformer", "QDQ", {"per_channel": True, **U8S8}, False),
    ("transformer", "QOperator", {**U8U8}, True),
    ("network", "plain", {}, True),
    ("network", "dynamic", {"weight_type": "QUInt8"}, False),
    ("network", "QDQ", {"per_channel": True, **S8S8}, False),
    ("network", "QDQ", {**U8S8}, True),
    ("network", "QOperator", {**U8U8}, False),
]
"""Which model, quantized how, and whether ONNX Runtime optimised it."""
ALL = [
    (name, way, {"per_channel": by_channel, **types}, optimise)
    for name, by_channel, optimise in product(SOURCES, (False, True), (False, True))
    for way, types in (
        *(("dynamic", {"weight_type": w}) for w in ("QInt8", "QUInt8")),
        *product(("QDQ", "QOperator"), (U8S8, S8S8, U8U8)),
    )
]


def label(value):
    return "-".join(str(v) for v in value.values()) if isinstance(value, dict) else str(value)


def made(folder, name, way, options, optimise):
    path = folder / "source.onnx"
    onnx.save(SOURCES[name](), path)
    if way != "plain":
        path = quantized(path, folder / "quantized.onnx", name, way, options)
    return optimised(path, folder / "optimised.onnx") if optimise else path


def levels(path):
    """How many elements of weights are levels, and how many have four bytes: floats, and biases that a pass may make
    floats."""
    weights = onnx.load(path).graph.initializer
    sizes = [(w.data_type in LEVELS, w.data_type in WIDE, int(np.prod(w.dims))) for w in weights]
    return sum(n for yes, _, n in sizes if yes), sum(n for _, yes, n in sizes if yes)


def check(folder, name, way, options, optimise):
    source, target = made(folder, name, way, options, optimise), folder / "converted.onnx"
    report = interlingua.convert(source, to="onnx", output=target, examples=examples(name)).report
    assert report.verdict is Verdict.VERIFIED, str(report)
    before, after = levels(source), levels(target)
    assert before[0] * 0.95 <= after[0] <= before[0] * 1.05
    assert after[1] <= before[1] + 64
    assert target.stat().st_size < 1.15 * source.stat().st_size


@pytest.mark.parametrize(("name", "way", "options", "optimise"), QUICK, ids=label)
def test_verified_with_its_integers(name, way, options, optimise, tmp_path):
    check(tmp_path, name, way, options, optimise)


@pytest.mark.nightly
@pytest.mark.parametrize(("name", "way", "options", "optimise"), ALL, ids=label)
def test_verified_with_its_integers_in_every_way(name, way, options, optimise, tmp_path):
    check(tmp_path, name, way, options, optimise)


@pytest.mark.parametrize(("name", "way", "options"), [case[:3] for case in QUICK if case[1] != "plain"], ids=label)
def test_no_weight_becomes_a_float_in_the_default_pipeline(name, way, options, tmp_path):
    module = interlingua.load(made(tmp_path, name, way, options, False))
    before, after = (
        {str(w.dtype): sum(x.size for x in weights if x.dtype is w.dtype) for w in weights}
        for weights in (
            [n.op.weight for n in m.walk() if n.op.name == "core.constant"]
            for m in (module, interlingua.optimize(module))
        )
    )
    for kind in ("i8", "u8"):
        assert before.get(kind, 0) * 0.95 - 64 <= after.get(kind, 0) <= before.get(kind, 0)
    assert after["f32"] <= before["f32"]
    assert after.get("i32", 0) <= before.get("i32", 0) + 64


def test_channels_blocked_for_one_machine_are_refused(tmp_path):
    onnx.save(SOURCES["network"](), tmp_path / "source.onnx")
    path = optimised(tmp_path / "source.onnx", tmp_path / "blocked.onnx", blocked=True)
    if not any(n.domain.endswith("nchwc") for n in onnx.load(path).graph.node):
        pytest.skip("this machine has no such layout")
    with pytest.raises(UnsupportedOps, match="NchwcTransformer"):
        interlingua.load(path)
