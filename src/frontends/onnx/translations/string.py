"""StringConcat, StringSplit, StringNormalizer, RegexFullMatch, TfIdfVectorizer."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from interlingua.errors import InvalidModel
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add, Min, Mul
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.ngrams import CountNgrams
from interlingua.ir.ops.shape import Concat, Pad
from interlingua.ir.ops.string import FullMatch, Normalize, StringConcat, StringSplit
from interlingua.ir.regex import NotInPython, NotRe2, python_pattern

TABLE = Table()

PLAIN_LOCALE = re.compile(
    r"(C|(?!tr|az)[a-z]{2,3}([_-][A-Z]{2})?)\.utf-?8|(?!tr|az)[a-z]{2,3}[_-][A-Z]{2}", re.IGNORECASE
)
"""Locales whose letters have the cases that Unicode says: not Turkish and Azerbaijani, whose dotted i is another
letter, nor ``C``, which knows ASCII alone, nor the environment's own (the empty name)."""


@TABLE.translate("StringConcat", 20)
def concat(n: OnnxNode, b: Builder) -> Value:
    return b(StringConcat(), n[0], n[1])


@TABLE.translate("StringSplit", 20)
def split(n: OnnxNode, b: Builder) -> Sequence[Value]:
    """ONNX does not say what a negative ``maxsplit`` is: to its reference and to ONNX Runtime, as many as there are."""
    most = n.attr("maxsplit", -1)
    return b.add_all(StringSplit(n.attr("delimiter", ""), most if most >= 0 else None), n[0])


@TABLE.translate("StringNormalizer", 10)
def normalize(n: OnnxNode, b: Builder) -> Value:
    sensitive, stop_words = bool(n.attr("is_case_sensitive", 0)), n.attr("stopwords", ())
    case, locale = n.attr("case_change_action", "NONE").lower(), n.attr("locale", "en_US")
    cased = case != "none" or (stop_words and not sensitive)
    if cased and not PLAIN_LOCALE.fullmatch(locale):
        n.unsupported(f"the cases of letters in the locale {locale!r}")
    return b(Normalize(stop_words, sensitive, case), n[0])


@TABLE.translate("RegexFullMatch", 20)
def full_match(n: OnnxNode, b: Builder) -> Value:
    pattern = n.required("pattern")
    try:
        python_pattern(pattern)
    except NotRe2 as error:
        raise InvalidModel(f"the pattern is no regular expression of RE2: {error}") from error
    except NotInPython as error:
        n.unsupported(f"in its regular expression, {error}")
    return b(FullMatch(pattern), n[0])


@TABLE.translate("TfIdfVectorizer", 9)
def tf_idf(n: OnnxNode, b: Builder) -> Value:
    """Counts of n-grams, length by length, put at their coordinates and weighed."""
    mode = n.required("mode")
    if mode not in ("TF", "IDF", "TFIDF"):
        raise InvalidModel(f"TfIdfVectorizer has no mode {mode!r}")
    counts = _counts(n, b)
    if mode == "IDF":
        counts = b(Min(), counts, b.constant(1))
    found = b(Cast(to=DType.F32), counts)
    weights = None if mode == "TF" else _weights(n)
    return found if weights is None else b(Mul(), found, b.constant(weights))


def _counts(n: OnnxNode, b: Builder) -> Value:
    """How often what belongs to each coordinate occurs."""
    x, strings = n[0], n.attr("pool_strings")
    if n.rank(0) not in (1, 2):
        raise InvalidModel(f"TfIdfVectorizer takes a vector or a matrix, not {x.type}")
    if strings is None and x.tensor.dtype is not DType.I64:
        x = b(Cast(to=DType.I64), x)
    pool = np.array(n.required("pool_int64s") if strings is None else strings, x.tensor.dtype.numpy)
    found, coordinates = [], []
    for length, rows, places in _lengths(n, pool):
        found.append(b(CountNgrams(n.required("max_skip_count")), x, b.constant(rows.reshape(-1, length))))
        coordinates += places
    size = max(n.required("ngram_indexes")) + 1
    if not found:
        found.append(b(CountNgrams(), x, b.constant(pool[:0].reshape(0, 1))))
    return _placed(b, found[0] if len(found) == 1 else b(Concat(axis=-1), *found), coordinates, size)


def _lengths(n: OnnxNode, pool: np.ndarray) -> list[tuple[int, np.ndarray, list[int]]]:
    """Each length of n-grams that counts, with their items and their coordinates."""
    starts, places = n.required("ngram_counts"), n.required("ngram_indexes")
    found, first = [], 0
    for length, (start, stop) in enumerate(zip(starts, (*starts[1:], len(pool)), strict=True), 1):
        count, left = divmod(stop - start, length)
        if left or not 0 <= start <= stop <= len(pool) or first + count > len(places):
            raise InvalidModel(f"the pool of TfIdfVectorizer does not consist of whole {length}-grams")
        if count and n.required("min_gram_length") <= length <= n.required("max_gram_length"):
            found.append((length, pool[start:stop], list(places[first : first + count])))
        first += count
    return found


def _placed(b: Builder, counts: Value, coordinates: Sequence[int], size: int) -> Value:
    """Each column of ``counts`` at its coordinate: those of one are added, and where there is none is 0."""
    if list(coordinates) == list(range(size)):
        return counts
    columns: list[list[int]] = [[] for _ in range(size)]
    for column, coordinate in enumerate(coordinates):
        columns[coordinate].append(column)
    if any(not each for each in columns) or max(map(len, columns)) > 1:
        rank = counts.tensor.rank
        counts = b(Pad(), counts, b.constant([int(i == 2 * rank - 1) for i in range(2 * rank)]))
    layers = [
        b(Gather(axis=-1), counts, b.constant([each[i] if i < len(each) else len(coordinates) for each in columns]))
        for i in range(max(1, *map(len, columns)))
    ]
    total = layers[0]
    for layer in layers[1:]:
        total = b(Add(), total, layer)
    return total


def _weights(n: OnnxNode) -> np.ndarray | None:
    """By coordinate. ONNX's text has a weight for each n-gram of the pool, its reference and ONNX Runtime one for each
    coordinate: what is not the same in both is declined."""
    weights, places = n.attr("weights"), n.required("ngram_indexes")
    if weights is None:
        return None
    if len(weights) != len(places):
        raise InvalidModel(f"TfIdfVectorizer has {len(weights)} weights for {len(places)} n-grams")
    if any(p >= len(weights) or weights[p] != w for p, w in zip(places, weights, strict=True)):
        n.unsupported("the weights of n-grams are not those of their coordinates: implementations differ from the text")
    found = np.zeros(max(places) + 1, np.float32)
    found[list(places)] = weights
    return found
