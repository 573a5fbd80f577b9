"""Strings, n-grams and images."""

from __future__ import annotations

import builtins
import zlib

import numpy as np
import pytest

import interlingua
from interlingua.errors import ConstraintError, RuntimeMissing
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.ops.control import Scan
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.image import DecodeImage
from interlingua.ir.ops.ngrams import CountNgrams
from interlingua.ir.ops.string import FullMatch, Lower, Normalize, StringConcat, StringSplit, Upper
from interlingua.ir.types import Tensor
from support.single import apply, apply_decomposed, infer

WORDS = Tensor(DType.STRING, (2,))


def strings(*elements):
    return np.array(elements, object)


@pytest.mark.parametrize("shapes", [((2, 1), (3,)), ((), (2,)), ((0,), (1,)), ((), ())])
def test_concat(shapes):
    a, b = (np.full(shape, text, object) for shape, text in zip(shapes, ("é", "\0z"), strict=True))
    got = apply(StringConcat(), a, b)
    assert got.shape == np.broadcast_shapes(*shapes)
    assert got.dtype == object and all(type(s) is str and s == "é\0z" for s in got.ravel().tolist())


@pytest.mark.parametrize(
    ("delimiter", "maxsplit", "text", "pieces"),
    [
        ("-", None, "a-b--c-", ["a", "b", "", "c", ""]),
        ("-", 2, "a-b--c-", ["a", "b", "-c-"]),
        ("-", 0, "a-b", ["a-b"]),
        ("-", None, "", [""]),
        ("aa", None, "baaac", ["b", "ac"]),
        ("", None, "  a  b ", ["a", "b"]),
        ("", 1, " a b  c ", ["a", "b  c"]),
        ("", 0, " a b ", ["a b"]),
        ("", None, "", []),
        ("", None, "  ", []),
        ("日", None, "x日y", ["x", "y"]),
    ],
)
def test_split(delimiter, maxsplit, text, pieces):
    found, counts = apply(StringSplit(delimiter, maxsplit), strings(text))
    assert found.tolist() == [pieces] and counts.tolist() == [len(pieces)]


def test_split_pads_with_empty_strings():
    found, counts = apply(StringSplit(","), strings("a", "b,c", "").reshape(3, 1))
    assert found.tolist() == [[["a", ""]], [["b", "c"]], [["", ""]]]
    assert counts.tolist() == [[1], [2], [1]]


@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3)])
def test_split_of_nothing(shape):
    found, counts = apply(StringSplit(","), np.zeros(shape, object))
    assert found.shape == (*shape, 0) and counts.shape == shape


def test_full_match():
    x = strings("ab", "ab\n", "xab", "").reshape(2, 2)
    assert apply(FullMatch("(ab)?$"), x).tolist() == [[True, False], [False, True]]


@pytest.mark.parametrize("pattern", ["(a", r"\pL", "a**"])
def test_patterns_that_are_refused(pattern):
    with pytest.raises(ConstraintError, match="C2"):
        infer(FullMatch(pattern), WORDS)


def test_case_is_by_character_and_in_no_language():
    assert apply(Upper(), strings("Straße", "ǆᾳﬁŉ", "iı")).tolist() == ["STRAßE", "Ǆᾼﬁŉ", "II"]
    assert apply(Lower(), strings("ΑΣ", "İI", "ǅ")).tolist() == ["ασ", "ii", "ǆ"]


@pytest.mark.parametrize("run", [apply, apply_decomposed])
@pytest.mark.parametrize(
    ("op", "left"),
    [
        (Normalize(("The",)), ["", "a The", "É"]),
        (Normalize(("The",), case_sensitive=True), ["the", "", "a The", "É"]),
        (Normalize(("É", "a"), case="lower"), ["the", "the", "", "a the"]),
        (Normalize(("é",), True, "upper"), ["THE", "THE", "", "A THE", "É"]),
        (Normalize((), case="upper"), ["THE", "THE", "", "A THE", "É"]),
        (Normalize(), ["The", "the", "", "a The", "É"]),
        (Normalize(("the", "é", "", "A THE")), [""]),
    ],
)
def test_normalize(run, op, left):
    words = strings("The", "the", "", "a The", "É")
    assert run(op, words).tolist() == left
    assert run(op, words[None]).tolist() == [left]


def counted(x, ngrams, skip):
    """By the definition, one n-gram at a time."""
    n, found = len(ngrams[0]), []
    for ngram in ngrams:
        places = {
            tuple(range(start, start + n * d, d))
            for d in range(1, skip + 2)
            for start in range(len(x) - (n - 1) * d)
            if [x[start + j * d] for j in range(n)] == list(ngram)
        }
        found.append(len(places))
    return found


@pytest.mark.parametrize("run", [apply, apply_decomposed])
@pytest.mark.parametrize("skip", [0, 1, 4])
@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("items", [0, 2, 9])
def test_count_ngrams(run, skip, n, items):
    rng = np.random.default_rng([skip, n, items])
    x, ngrams = rng.integers(0, 2, (2, 3, items)), rng.integers(0, 2, (5, n))
    want = [[counted(row.tolist(), ngrams.tolist(), skip) for row in part] for part in x]
    assert run(CountNgrams(skip), x, ngrams).tolist() == want
    words = strings("é", "")
    assert run(CountNgrams(skip), words[x], words[ngrams]).tolist() == want


PIXELS = np.arange(24, dtype=np.uint8).reshape(2, 4, 3) * 10


def ppm(pixels):
    return np.frombuffer(b"P6\n4 2\n255\n" + pixels.tobytes(), np.uint8)


def bmp(pixels):
    rows = b"".join(row[:, ::-1].tobytes() for row in pixels[::-1])  # four pixels of three bytes take no padding
    header = [len(rows) + 54, 0, 54, 40, 4, 2, 1 | 24 << 16, 0, len(rows), 0, 0, 0, 0]
    return np.frombuffer(b"BM" + b"".join(n.to_bytes(4, "little") for n in header) + rows, np.uint8)


def png(pixels):
    rows = zlib.compress(b"".join(b"\0" + row.tobytes() for row in pixels))
    parts = [b"IHDR" + bytes([0, 0, 0, 4, 0, 0, 0, 2, 8, 2, 0, 0, 0]), b"IDAT" + rows, b"IEND"]
    chunks = [(len(p) - 4).to_bytes(4, "big") + p + zlib.crc32(p).to_bytes(4, "big") for p in parts]
    return np.frombuffer(b"\x89PNG\r\n\x1a\n" + b"".join(chunks), np.uint8)


@pytest.mark.parametrize("encode", [ppm, bmp, png])
def test_decode_image(encode):
    data = encode(PIXELS)
    assert np.array_equal(apply(DecodeImage(), data), PIXELS)
    assert np.array_equal(apply(DecodeImage("bgr"), data), PIXELS[:, :, ::-1])
    gray = apply(DecodeImage("gray"), data)
    luminance = PIXELS @ np.array([0.299, 0.587, 0.114])
    assert gray.shape == (2, 4, 1) and (np.abs(gray[:, :, 0] - luminance) <= 1).all()


@pytest.mark.parametrize("data", [b"", b"no image", png(PIXELS).tobytes()[:50], b"GIF89a" + bytes(40)])
@pytest.mark.parametrize(("pixels", "channels"), [("rgb", 3), ("gray", 1)])
def test_what_is_no_image_has_no_pixels(data, pixels, channels):
    assert apply(DecodeImage(pixels), np.frombuffer(data, np.uint8)).shape == (0, 0, channels)


def test_a_missing_decoder_is_named(monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.partition(".")[0] == "PIL":
            raise ImportError(name=name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(RuntimeMissing, match=r"interlingua\[images\]"):
        apply(DecodeImage(), ppm(PIXELS))


def test_stop_words_leave_an_unknown_number():
    assert infer(Normalize((), case="upper"), WORDS).static_shape == (2,)
    assert infer(Normalize(("a",)), WORDS).static_shape is None


def test_a_scan_takes_strings_one_by_one():
    b = Builder(Graph("main"))
    body = b.region("body")
    each = body.input(Tensor(DType.STRING, ()), "s")
    graph = body.outputs([body(StringConcat(), each, each)])
    x = b.input(WORDS, "x")
    b.outputs(b.add_all(Scan(0, 1, (0,), (False,), (0,), (False,)), x, regions=[graph]), ["y"])
    module = Module({"main": b.graph}, [Port("x", (2,))], [Port("y", (2,))])
    found = interlingua.evaluate(module, [strings("a\0", "é")])["y"]
    assert found.tolist() == ["a\0a\0", "éé"]
    assert {type(s) for s in found.tolist()} == {str}


def test_numbers_are_written_and_read():
    whole = np.array([2**64 - 1, 0], np.uint64)
    text = apply(Cast(to=DType.STRING), whole)
    assert text.tolist() == ["18446744073709551615", "0"]
    assert apply(Cast(to=DType.U64), text).tolist() == whole.tolist()
    flags = apply(Cast(to=DType.STRING), np.array([True, False]))
    assert flags.tolist() == ["1", "0"]
    assert apply(Cast(to=DType.BOOL), flags).tolist() == [True, False]
    floats = apply(Cast(to=DType.F32), strings("1e-3", "+INF", "-inf", "NaN"))
    assert floats.tolist()[:3] == [np.float32(1e-3), np.inf, -np.inf] and np.isnan(floats[3])
