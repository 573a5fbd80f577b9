"""Kernels of strings: object arrays of ``str``."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from interlingua.ir.kernels.array import Array


def string_concat(a: Array, b: Array) -> Array:
    """Each string of ``a`` with that of ``b`` behind it."""
    return np.asarray(np.add(a, b), np.object_)


def upper(x: Array) -> Array:
    """Every character as its upper case, where that is one character."""
    return mapped(x, upper_character)


def lower(x: Array) -> Array:
    """Every character as its lower case."""
    return mapped(x, lower_character)


def mapped(x: Array, character: Callable[[str], str]) -> Array:
    """``character`` of every character of every string."""
    out = np.empty(np.shape(x), np.object_)
    out.reshape(-1)[:] = ["".join(map(character, s)) for s in np.asarray(x).ravel().tolist()]
    return out


def upper_character(c: str) -> str:
    """Python says by which characters ``c`` is written in capitals, Unicode's simple mapping has one or ``c`` itself:
    of those that Python takes two for, only Greek letters with an iota have one, as in titles."""
    return next((u for u in (c.upper(), c.title()) if len(u) == 1), c)


def lower_character(c: str) -> str:
    """Python puts a dot over the i of ``İ``; the simple mapping has none."""
    return c.lower()[0]


def split_pieces(s: str, delimiter: str, maxsplit: int | None) -> list[str]:
    """The pieces of one string."""
    most = -1 if maxsplit is None else maxsplit
    return s.split(delimiter, most) if delimiter else s.rstrip().split(None, most)


def string_split(x: Array, *, delimiter: str, maxsplit: int | None) -> tuple[Array, Array]:
    """The pieces of each string, empty strings behind the fewer ones, and how many there are."""
    pieces = [split_pieces(s, delimiter, maxsplit) for s in np.asarray(x).ravel().tolist()]
    width = max(map(len, pieces), default=0)
    out = np.full((len(pieces), width), "", np.object_)
    for row, found in zip(out, pieces, strict=True):
        row[: len(found)] = found
    counts = np.array([len(found) for found in pieces], np.int64)
    return out.reshape((*np.shape(x), width)), counts.reshape(np.shape(x))


def full_match(x: Array, *, pattern: str) -> Array:
    """Whether ``pattern`` matches all of the string; ``\\w``, ``\\b`` and the like are of ASCII."""
    match = re.compile(pattern, re.ASCII).fullmatch
    found = [match(s) is not None for s in np.asarray(x).ravel().tolist()]
    return np.array(found, np.bool_).reshape(np.shape(x))


def normalize_words(x: Array, *, stop_words: tuple[str, ...], case_sensitive: bool, case: str) -> Array:
    """The words that are no stop words, in upper or lower case or as they are; one empty word where none is left."""
    words = np.asarray(x)
    keys, stops = words, np.array(stop_words, np.object_)
    if not case_sensitive:
        keys, stops = lower(keys), lower(stops)
    stopped = set(stops.tolist())
    kept = np.array([k not in stopped for k in keys.ravel().tolist()], np.bool_)
    left = words.reshape(-1)[kept]
    if case != "none":
        left = upper(left) if case == "upper" else lower(left)
    left = left if left.size else np.array([""], np.object_)
    return left.reshape((*np.shape(x)[:-1], left.size))
