"""Strings in ONNX Runtime: what is emitted gives what the reference gives, where the runtime by itself would not."""

from __future__ import annotations

import random
import re
import unicodedata

import numpy as np
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from interlingua.backends.legality import legalize
from interlingua.errors import UnsupportedOps
from interlingua.ir.builder import Builder
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.ngrams import CountNgrams
from interlingua.ir.ops.string import Lower, Normalize, StringSplit, Upper
from interlingua.ir.regex import NotInPython, NotRe2, python_pattern
from interlingua.ir.types import Tensor
from interlingua.plugins import plugins
from support.single import apply


def strings(*elements):
    return np.array(elements, object)


def emitted(op, arrays, path, *, constants=(), opset=20):
    """The op's results in ONNX Runtime, from a model whose dims are symbols."""
    b = Builder(Graph("main"))
    module, operands, feeds = Module({"main": b.graph}), [], {}
    for i, array in enumerate(arrays):
        if i in constants:
            operands.append(b.constant(array))
            continue
        dims = tuple(symbol(f"d{i}_{a}") for a in range(array.ndim))
        operands.append(b.input(Tensor(DType.of(array), dims), f"x{i}"))
        module.inputs.append(Port(f"x{i}", (None,) * array.ndim))
        feeds[f"x{i}"] = array
    results = b.add_all(op, *operands)
    names = [f"y{i}" for i in range(len(results))]
    b.outputs(results, names)
    module.outputs = [Port(n, None) for n in names]
    backend = plugins().backend("onnx")
    target = backend.target(module, opset=opset)
    legalize(module, backend.lowerings, target, subject="onnx")
    backend.emit(module, path, target)
    return ort.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, feeds)


def agrees(op, arrays, path, **more):
    want = apply(op, *arrays)
    for got, due in zip(emitted(op, arrays, path, **more), want if isinstance(want, tuple) else (want,), strict=True):
        assert got.dtype == due.dtype and got.shape == due.shape
        assert got.tolist() == due.tolist()


@pytest.mark.parametrize("x", [strings("", "a-b", "-"), strings("", ""), np.zeros((2, 0), object), strings("--a---")])
@pytest.mark.parametrize("delimiter", ["-", "--"])
@pytest.mark.parametrize("maxsplit", [None, 0, 1])
def test_the_empty_string_is_one_piece(x, delimiter, maxsplit, tmp_path):
    agrees(StringSplit(delimiter, maxsplit), (x,), tmp_path / "m.onnx")


@pytest.mark.parametrize("maxsplit", [None, 0, 1])
def test_splits_at_spaces(maxsplit, tmp_path):
    agrees(StringSplit("", maxsplit), (strings(" a  b c ", "", "  "),), tmp_path / "m.onnx")


@pytest.mark.parametrize("op", [Upper(), Lower()])
@pytest.mark.parametrize("shape", [(), (3,), (0,), (2, 3), (2, 0, 1)])
def test_cases_of_any_shape(op, shape, tmp_path):
    agrees(op, (np.full(shape, "aÉß", object),), tmp_path / "m.onnx")


@pytest.mark.parametrize("op", [Upper(), Lower()])
def test_cases_of_every_character(op, tmp_path):
    """That Unicode 3.2 knew: C libraries are of different ages."""
    characters = map(chr, [*range(1, 0xD800), *range(0xE000, 0x110000)])
    known = [c for c in characters if unicodedata.ucd_3_2_0.category(c) not in ("Cn", "Co")]
    assert len(known) > 90_000
    lines = ["".join(known[i : i + 100]) for i in range(0, len(known), 100)]
    agrees(op, (strings(*lines),), tmp_path / "m.onnx")


@pytest.mark.parametrize("case", ["none", "lower", "upper"])
@pytest.mark.parametrize("sensitive", [False, True])
@pytest.mark.parametrize("stop_words", [(), ("the", "É"), ("the", "The", "", "é")])
def test_normalize(case, sensitive, stop_words, tmp_path):
    words = strings("The", "the", "", "É")
    agrees(Normalize(stop_words, sensitive, case), (words,), tmp_path / "m.onnx")


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("indices", [1, [1, 0], [[1, -1, 0]]])
def test_blocks_of_strings_are_gathered(axis, indices, tmp_path):
    x = strings(*(f"{i}" for i in range(12))).reshape(2, 3, 2)
    agrees(Gather(axis), (x, np.array(indices)), tmp_path / "m.onnx")


def test_ngrams_given_twice_are_counted_by_other_ops(tmp_path):
    x, pool = strings("a", "b", "a", "b"), strings("a", "b", "a", "b", "b", "a").reshape(3, 2)
    agrees(CountNgrams(1), (x, pool), tmp_path / "m.onnx", constants={1})
    agrees(CountNgrams(1), (x, pool[1:]), tmp_path / "n.onnx", constants={1})


def test_opsets_without_strings(tmp_path):
    with pytest.raises(UnsupportedOps, match="opset 20"):
        emitted(StringSplit(), (strings("a"),), tmp_path / "m.onnx", opset=19)
    words = strings("Straße", "the")
    agrees(Normalize(("the",), case="upper"), (words,), tmp_path / "m.onnx", opset=13)


TOKENS = r"""
a b k K ſ . ^ $ * + ? | ( ) (?: (?i) (?m) (?s) (?i: (?-i: (?U) (?im-s) (?P<n> (?<m> () (|a) (a*)* (a|b)* [ab] [^a] ** ++
[a-k] [^\W] [\s-] [.-\d] [[:alpha:]] [[:^space:]_] []a] [^]a] [a-] [-a] [a\-k] (?i:[k-s]) (?i:\w) (?i:\W) (?i:[^k])
\w \W \s \S \d \D \b \B \A \z \n \v \t \. \_ \- \x41 \x{e9} \101 \0 \Qa*\E \Z \1 {2} {0,1} {,2} {1,} {02} } ] { é _ -
(?= (?#
""".split()  # noqa: SIM905 - a list of them would be a page
TEXTS = strings(
    *(
        "",
        "a",
        "b",
        "ab",
        "aa",
        "k",
        "K",
        "\u212a",
        "ſ",
        "s",
        "S",
        "é",
        "\n",
        "a\n",
        "\na",
        "a\nb",
        " ",
        "_",
        "-",
        "\v",
    ),
    *(
        "a-",
        "A",
        "AB",
        "1",
        "aab",
        "abab",
        "a b",
        "a*",
        "]",
        "}",
        "{",
        "{,2}",
        "{2}",
        "\t",
        "\0",
        "日",
        ".",
        "^",
        "$",
        "0",
    ),
)


def patterns(count):
    rng = random.Random(0)
    for _ in range(count):
        pattern = "".join(rng.choice(TOKENS) for _ in range(rng.randint(1, 6)))
        yield pattern + ")" * max(0, pattern.count("(") - pattern.count(")"))


def re2(*chosen):
    """What ONNX Runtime's RE2 says of the texts, pattern by pattern. It raises where it refuses one."""
    names = [f"y{i}" for i in range(len(chosen))]
    nodes = [helper.make_node("RegexFullMatch", ["x"], [n], pattern=p) for n, p in zip(names, chosen, strict=True)]
    x = helper.make_tensor_value_info("x", TensorProto.STRING, ["N"])
    graph = helper.make_graph(
        nodes, "g", [x], [helper.make_tensor_value_info(n, TensorProto.BOOL, ["N"]) for n in names]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    options = ort.SessionOptions()
    options.log_severity_level = 4
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return [found.tolist() for found in session.run(None, {"x": TEXTS})]


def test_random_patterns_match_what_re2_matches():
    written, refused = {}, []
    for pattern in patterns(1200):
        try:
            written[pattern] = python_pattern(pattern)
        except NotInPython:
            continue
        except NotRe2:
            refused.append(pattern)
    assert len(written) > 600
    for (pattern, own), want in zip(written.items(), re2(*written), strict=True):
        match = re.compile(own, re.ASCII).fullmatch
        assert [match(text) is not None for text in TEXTS.tolist()] == want, pattern
    for pattern in refused[:40]:
        with pytest.raises(Exception, match="regex"):
            re2(pattern)
