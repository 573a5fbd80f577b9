"""Which opset is emitted: the one that is asked for; else the source's; else the nearest that can say the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import interlingua
from interlingua.backends.legality import legalize_for_one
from interlingua.backends.onnx.backend import DEFAULT_OPSET, OLDEST_OPSET
from interlingua.backends.onnx.kernels import kernels
from interlingua.errors import UnsupportedOps
from interlingua.ir.clone import clone_module
from interlingua.plugins import plugins
from interlingua.report import Verdict
from support.models import info, mlp, model

NEWEST = min(onnx.defs.onnx_opset_version(), kernels().opset)


def emitted(source: Any, **options: Any) -> tuple[int, interlingua.Conversion]:
    conversion = interlingua.convert(source, to="onnx", **options)
    assert conversion.artifact is not None
    return onnx.load(conversion.artifact).opset_import[0].version, conversion


def nibbles() -> onnx.ModelProto:
    """Of opset 20, which has no 4 bits: the source goes through a cast that only opset 21 can say."""
    return model(
        [helper.make_node("Cast", ["x"], ["h"], to=TensorProto.UINT4), helper.make_node("Cast", ["h"], ["y"], to=1)],
        [info("x", ["n"])],
        [info("y", ["n"])],
        opset=21,
        ir_version=10,
    )


def restamped(source: onnx.ModelProto, opset: str | None) -> interlingua.Module:
    """The module as if it had come from another opset, or from no ONNX file."""
    module = interlingua.load(source)
    module.metadata.pop("onnx.opset")
    if opset is not None:
        module.metadata["onnx.opset"] = opset
    return module


@pytest.mark.parametrize(
    ("said", "found"),
    [("17", 17), ("23", 23), ("9", OLDEST_OPSET), ("900", NEWEST), ("blue", DEFAULT_OPSET), (None, DEFAULT_OPSET)],
)
def test_the_opset_is_that_of_the_source_or_the_nearest(said: str | None, found: int) -> None:
    opset, conversion = emitted(restamped(mlp(), said), verify=False)
    assert opset == found
    assert conversion.report.notes == []


def test_what_the_source_s_opset_cannot_say_goes_to_the_nearest_that_can() -> None:
    opset, conversion = emitted(restamped(nibbles(), "18"), examples=[[np.array([0, 3, 15], np.float32)]])
    assert opset == 21
    assert conversion.verdict is Verdict.VERIFIED
    (note,) = conversion.report.notes
    assert "opset 21" in note
    assert "core.cast: Cast of opset 13 takes no u4" in note


def test_the_opset_that_is_asked_for_is_kept_or_refused() -> None:
    source = nibbles()
    assert emitted(source, opset=24, verify=False)[0] == 24
    report = interlingua.check(source, to="onnx", opset=17)
    assert report.verdict is Verdict.UNSUPPORTED
    assert list(report.unsupported) == [
        "core.cast: Cast of opset 13 takes no u4",
    ]
    assert interlingua.check(source, to="onnx").verdict is Verdict.SUPPORTED
    with pytest.raises(UnsupportedOps):
        interlingua.convert(source, to="onnx", opset=17)


def test_an_older_opset_is_taken_where_the_newer_ones_lack_a_kernel() -> None:
    """ONNX Runtime draws random numbers up to opset 21 alone."""
    source = model(
        [helper.make_node("RandomUniform", [], ["r"], shape=[3]), helper.make_node("Add", ["x", "r"], ["y"])],
        [info("x", [3])],
        [info("y", [3])],
        opset=22,
        ir_version=10,
    )
    assert emitted(source, verify=False)[0] == 21


def test_types_of_the_interface_count() -> None:
    """An input that goes to no node at all."""
    source = model([helper.make_node("Relu", ["x"], ["y"])], [info("x", [2])], [info("y", [2])])
    source.graph.input.append(info("unused", [2], TensorProto.INT4))
    source.ir_version, source.opset_import[0].version = 10, 21
    assert list(interlingua.check(source, to="onnx", opset=20).unsupported) == ["interface: opset 20 has no i4"]
    assert emitted(source, verify=False)[0] == 21
    source.graph.input[1].type.tensor_type.elem_type = TensorProto.COMPLEX64
    assert list(interlingua.check(source, to="onnx").unsupported) == ["interface: ONNX Runtime loads no model with c64"]


def test_what_no_opset_takes_is_said_whole() -> None:
    """Every node, not only those that the opset before refused."""
    nodes = [helper.make_node("Asin", ["x"], ["a"]), helper.make_node("Atan", ["a"], ["y"])]
    source = model(nodes, [info("x", [2], TensorProto.DOUBLE)], [info("y", [2], TensorProto.DOUBLE)])
    with pytest.raises(UnsupportedOps) as caught:
        interlingua.convert(source, to="onnx")
    assert sorted({r.op for r in caught.value.refusals}) == ["core.asin", "core.atan"]


def test_what_failed_at_one_opset_leaves_nothing_behind() -> None:
    """A composite that was taken apart for an opset that then did not do is whole again."""
    nodes = [
        helper.make_node("Gelu", ["x"], ["g"]),
        helper.make_node("Cast", ["g"], ["h"], to=TensorProto.UINT4),
        helper.make_node("Cast", ["h"], ["y"], to=1),
    ]
    source = interlingua.load(model(nodes, [info("x", ["n"])], [info("y", ["n"])], opset=21, ir_version=10))
    backend = plugins().backend("onnx")
    targets = [backend.target(source, opset=opset) for opset in (13, 21)]
    module = clone_module(source)
    target, refused = legalize_for_one(module, backend.lowerings, targets, subject="onnx")
    assert target == targets[1]
    assert refused is not None and [r.op for r in refused.refusals] == ["core.cast"] * 2
    assert [n.op.name for n in module.walk()] == [n.op.name for n in source.walk()]
