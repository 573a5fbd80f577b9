"""Kernels of the random sources."""

from __future__ import annotations

import numpy as np

from interlingua.ir.kernels.array import Array


def generator(seed: float | None) -> np.random.Generator:
    """A generator that the bits of ``seed`` determine, or a fresh one."""
    return np.random.default_rng(None if seed is None else int(np.float64(seed).view(np.uint64)))


def random_uniform(shape: Array, *, low: float, high: float, dtype: np.dtype, seed: float | None) -> Array:
    """Independent samples, uniform in [low, high)."""
    return np.asarray(generator(seed).uniform(low, high, tuple(int(d) for d in shape))).astype(dtype)


def random_normal(shape: Array, *, mean: float, scale: float, dtype: np.dtype, seed: float | None) -> Array:
    """Independent samples of the normal distribution."""
    return np.asarray(generator(seed).normal(mean, scale, tuple(int(d) for d in shape))).astype(dtype)
