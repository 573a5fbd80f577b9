"""What ONNX's node cases of strings leave out: locales, weights, coordinates, what is no valid node."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper

import interlingua
from interlingua.errors import InvalidModel, UnsupportedOps


def node(op, shape, result=TensorProto.STRING, items=TensorProto.STRING, results=1, **attributes):
    """A module of one node."""
    inputs = [helper.make_tensor_value_info("x", items, shape)]
    outputs = [helper.make_tensor_value_info(f"y{i}", t, None) for i, t in enumerate((result, TensorProto.INT64))]
    made = helper.make_node(op, ["x"], [o.name for o in outputs[:results]], **attributes)
    graph = helper.make_graph([made], "g", inputs, outputs[:results])
    return interlingua.load(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9))


def evaluate(module, x):
    found = list(interlingua.evaluate(module, [x]).values())
    return found[0] if len(found) == 1 else found


def strings(*elements):
    return np.array(elements, object)


def test_a_negative_maxsplit_is_none():
    module = node("StringSplit", ["N"], results=2, delimiter="-", maxsplit=-3)
    assert evaluate(module, strings("a-b-c"))[0].tolist() == [["a", "b", "c"]]


@pytest.mark.parametrize("locale", ["en_US", "en_US.UTF-8", "de_DE.utf8", "C.UTF-8", "fr-FR"])
def test_locales_that_have_the_cases_of_unicode(locale):
    module = node("StringNormalizer", ["N"], case_change_action="UPPER", locale=locale)
    assert evaluate(module, strings("iß")).tolist() == ["Iß"]


@pytest.mark.parametrize("locale", ["tr_TR", "tr_TR.UTF-8", "az_AZ", "C", "POSIX", "", "Turkish_Turkey"])
def test_locales_that_have_other_cases_are_refused_where_it_matters(locale):
    for attributes in ({"case_change_action": "LOWER"}, {"stopwords": ["a"]}):
        with pytest.raises(UnsupportedOps, match="locale"):
            node("StringNormalizer", ["N"], locale=locale, **attributes)
    module = node("StringNormalizer", ["N"], locale=locale, is_case_sensitive=1, stopwords=["a"])
    assert evaluate(module, strings("A", "a")).tolist() == ["A"]


def test_patterns():
    with pytest.raises(InvalidModel, match="RE2"):
        node("RegexFullMatch", ["N"], TensorProto.BOOL, pattern="a(?=b)")
    with pytest.raises(UnsupportedOps, match="Unicode property"):
        node("RegexFullMatch", ["N"], TensorProto.BOOL, pattern=r"\p{Greek}")
    with pytest.raises(InvalidModel, match="pattern"):
        node("RegexFullMatch", ["N"], TensorProto.BOOL)


POOL = {
    "max_skip_count": 0,
    "min_gram_length": 1,
    "max_gram_length": 2,
    "ngram_counts": [0, 3],
    "ngram_indexes": [2, 0, 5, 1, 3],
    "pool_int64s": [1, 2, 3, 1, 2, 2, 2],
}
"""1, 2 and 3 at the coordinates 2, 0 and 5; (1, 2) and (2, 2) at 1 and 3; nothing at 4."""
X = np.array([1, 2, 2, 2, 1])


def tf_idf(shape=("N",), items=TensorProto.INT64, **changes):
    return node("TfIdfVectorizer", shape, TensorProto.FLOAT, items, **{**POOL, "mode": "TF", **changes})


def test_counts_go_to_their_coordinates():
    assert evaluate(tf_idf(), X).tolist() == [3, 1, 2, 2, 0, 0]
    assert evaluate(tf_idf(["N", "M"]), np.stack([X, X[::-1]])).tolist() == [[3, 1, 2, 2, 0, 0]] * 2
    assert evaluate(tf_idf(items=TensorProto.INT32), X.astype(np.int32)).tolist() == [3, 1, 2, 2, 0, 0]


def test_strings_are_counted():
    pool = {"pool_int64s": None, "pool_strings": ["a", "é", "", "a", "é", "é", "é"]}
    assert evaluate(tf_idf(items=TensorProto.STRING, **pool), strings(*"aééé", "a")).tolist() == [3, 1, 2, 2, 0, 0]


def test_counts_of_one_coordinate_add_up():
    assert evaluate(tf_idf(ngram_indexes=[1, 0, 1, 1, 0]), X).tolist() == [5, 3]
    assert evaluate(tf_idf(ngram_indexes=[1, 0, 1, 1, 0], mode="IDF"), X).tolist() == [1, 1]


def test_lengths_that_do_not_count():
    assert evaluate(tf_idf(min_gram_length=2), X).tolist() == [0, 1, 0, 2, 0, 0]
    assert evaluate(tf_idf(max_gram_length=1), X).tolist() == [3, 0, 2, 0, 0, 0]
    assert evaluate(tf_idf(ngram_counts=[0, 7, 7], ngram_indexes=[0] * 7, min_gram_length=2), X).tolist() == [0]


@pytest.mark.parametrize(("mode", "times"), [("TF", None), ("IDF", [1, 1, 0, 1, 1]), ("TFIDF", [2, 3, 0, 1, 2])])
def test_weights(mode, times):
    weights = [0.5, 0.25, 3.0, 1.5, 8.0]
    got = evaluate(tf_idf(mode=mode, ngram_indexes=[0, 1, 2, 3, 4], weights=weights), X)
    assert got.tolist() == ([2, 3, 0, 1, 2] if times is None else np.multiply(weights, times).tolist())


def test_weights_that_text_and_implementations_read_otherwise_are_refused():
    with pytest.raises(UnsupportedOps, match="weights"):
        tf_idf(mode="IDF", ngram_indexes=[1, 0, 2, 3, 4], weights=[1.0, 2.0, 1.0, 1.0, 1.0])
    assert evaluate(tf_idf(mode="IDF", ngram_indexes=[1, 0, 2, 3, 4], weights=[2.0] * 5), X).tolist() == [2, 2, 0, 2, 2]
    assert evaluate(tf_idf(ngram_indexes=[1, 0, 2, 3, 4], weights=[1.0, 2.0, 1.0, 1.0, 1.0]), X).tolist()[0] == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "tf"},
        {"ngram_counts": [0, 4]},
        {"ngram_counts": [3, 0]},
        {"ngram_indexes": [0, 1, 2, 3]},
        {"mode": "IDF", "weights": [1.0]},
        {"shape": ("A", "B", "C")},
        {"pool_int64s": None},
    ],
)
def test_what_is_no_valid_node(changes):
    with pytest.raises(InvalidModel):
        tf_idf(**changes)


def test_images():
    data = np.frombuffer(b"P6 1 1 255\n" + bytes([10, 20, 30]), np.uint8)
    for pixels, want in (("RGB", [10, 20, 30]), ("BGR", [30, 20, 10]), ("Grayscale", [18])):
        module = node("ImageDecoder", ["N"], TensorProto.UINT8, TensorProto.UINT8, pixel_format=pixels)
        assert evaluate(module, data).tolist() == [[want]]
    with pytest.raises(InvalidModel, match="pixel_format"):
        node("ImageDecoder", ["N"], TensorProto.UINT8, TensorProto.UINT8, pixel_format="HSV")
