"""What is said of strings: exact, open behind what is open, and nothing where an op leaves it undefined."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from interlingua.equivalence.expect import expect
from interlingua.equivalence.judge import judge
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.image import DecodeImage
from interlingua.ir.ops.indexing import Gather, Unique
from interlingua.ir.ops.logic import Eq, Select
from interlingua.ir.ops.string import StringConcat, StringSplit, Upper
from interlingua.ir.types import Tensor
from interlingua.report import Verdict

TEXT = Cast(to=DType.STRING)


def expectation(build, array):
    b = Builder(Graph("main"))
    module = Module({"main": b.graph}, [Port("x", array.shape)])
    results = build(b, b.input(Tensor(DType.of(array), array.shape), "x"))
    results = results if isinstance(results, tuple) else (results,)
    names = [f"y{i}" for i in range(len(results))]
    b.outputs(results, names)
    module.outputs = [Port(n, None) for n in names]
    return expect(module, {"x": array})


def verdicts(build, array, *outputs):
    given = {f"y{i}": np.array(o, object if isinstance(o[0], str) else None) for i, o in enumerate(outputs)}
    return [c.verdict for c in judge(expectation(build, array), given, "case")]


def test_characters_are_exact():
    x = np.array(["a", "é"], object)
    assert verdicts(lambda b, v: b(Upper(), v), x, ["A", "É"]) == [Verdict.VERIFIED]
    assert verdicts(lambda b, v: b(Upper(), v), x, ["A", "E"]) == [Verdict.MISMATCH]


def test_how_a_float_is_written_is_undefined():
    assert verdicts(lambda b, v: b(TEXT, v), np.array([2.5], np.float32), ["2.50000"]) == [Verdict.UNDEFINED]
    assert verdicts(lambda b, v: b(TEXT, v), np.array([True]), ["True"]) == [Verdict.UNDEFINED]
    assert verdicts(lambda b, v: b(TEXT, v), np.array([25]), ["26"]) == [Verdict.MISMATCH]


@pytest.mark.parametrize(
    "build",
    [
        lambda b, s: b(StringConcat(), s, s),
        lambda b, s: b(Upper(), s),
        lambda b, s: b(Gather(axis=0), s, b.constant([0])),
        lambda b, s: b(Eq(), s, b.constant("0.3", DType.STRING)),
        lambda b, s: b(Select(), b.constant(True), s, s),
        lambda b, s: b(Cast(to=DType.F32), s),
        lambda b, s: b(Cast(to=DType.BOOL), s),
        lambda b, s: b.add_all(Unique(), s),
        lambda b, s: b.add_all(StringSplit("."), s),
    ],
)
def test_what_follows_from_an_open_string_is_open(build):
    found = expectation(lambda b, v: build(b, b(TEXT, b(Cast(to=DType.BOOL), v))), np.array([0.3], np.float32))
    assert all(np.isinf(each.error).all() for each in found.outputs.values())


def test_whitespace_other_than_spaces():
    split = lambda b, v: b.add_all(StringSplit(), v)  # noqa: E731 - two lines more say no more
    assert verdicts(split, np.array(["a b"], object), [["a", "b"]], [2]) == [Verdict.VERIFIED] * 2
    assert verdicts(split, np.array(["a b"], object), [["a b"]], [1]) == [Verdict.MISMATCH] * 2
    assert Verdict.MISMATCH not in verdicts(split, np.array(["a\tb"], object), [["a\tb"]], [1])


@pytest.mark.parametrize(("format_", "open_"), [("JPEG", True), ("WEBP", True), ("PNG", False), ("PPM", False)])
def test_pixels_of_lossy_formats_are_open(format_, open_):
    file = io.BytesIO()
    Image.new("RGB", (3, 2), "teal").save(file, format_)
    found = expectation(lambda b, v: b(DecodeImage(), v), np.frombuffer(file.getvalue(), np.uint8)).outputs["y0"]
    assert found.value.shape == (2, 3, 3)
    assert (found.error is not None and bool(np.isinf(found.error).all())) == open_
