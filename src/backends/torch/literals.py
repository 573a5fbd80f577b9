"""Values as PyTorch source that gives the very same bits."""

from __future__ import annotations

import numpy as np

from interlingua.backends.source.literals import Spelling
from interlingua.backends.source.text import quoted
from interlingua.formats.torch import NAMES
from interlingua.ir.dtypes import DType
from interlingua.ir.weights import Weight

SPELLING = Spelling('float("inf")', 'float("nan")', lambda dtype: f"torch.{NAMES[dtype]}", quoted)
DEFAULTS = {DType.F32, DType.I64, DType.BOOL}
"""What ``torch.tensor`` makes of Python's numbers."""


def number(weight: Weight) -> str | None:
    """A constant of one element as a Python number; ``None`` where there is none.

    A float has the digits of its very value where fewer would do to find it among its dtype's: arithmetic takes the
    number as it is, in float32 or wider.
    """
    if weight.size != 1:
        return None
    text = SPELLING.elements(weight.view().reshape(()))
    if text is None or not weight.dtype.is_float or weight.dtype is DType.F64:
        return text
    value = weight.view().reshape(()).astype(np.float64)
    single = weight.dtype is DType.F32 and abs(value) < np.finfo(np.float32).max
    return text if single or not np.isfinite(value) else repr(float(value))


def tensor(weight: Weight) -> str | None:
    """A constant without axes as an expression; ``None`` where it has axes, or bits that no literal gives."""
    text = number(weight) if weight.shape == () else None
    if text is None:
        return None
    return f"torch.tensor({text}{'' if weight.dtype in DEFAULTS else f', dtype={SPELLING.dtype(weight.dtype)}'})"
