"""Kernels of n-grams."""

from __future__ import annotations

import math

import numpy as np

from interlingua.ir.kernels.array import Array


def count_ngrams(x: Array, ngrams: Array, *, max_skip: int) -> Array:
    """How often each row of ``ngrams`` occurs in each row of ``x``, its items up to ``max_skip`` others apart."""
    items, n = np.asarray(x), np.shape(ngrams)[1]
    places: dict[tuple[object, ...], list[int]] = {}
    for place, row in enumerate(np.asarray(ngrams).tolist()):
        places.setdefault(tuple(row), []).append(place)
    rows = math.prod(items.shape[:-1])
    counts = np.zeros((rows, len(ngrams)), np.int64)
    for row, own in zip(items.reshape(rows, items.shape[-1]).tolist(), counts, strict=True):
        for distance in range(1, 2 if n == 1 else max_skip + 2):
            for found in zip(*(row[j * distance :] for j in range(n)), strict=False):
                own[places.get(found, [])] += 1
    return counts.reshape((*items.shape[:-1], len(ngrams)))
