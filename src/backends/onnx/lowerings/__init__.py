"""Lowerings by family; their tables are put together here, explicitly."""

from __future__ import annotations

from functools import cache

from interlingua.backends.lowering import Lowerings, merge


@cache
def lowerings() -> Lowerings:
    """Every lowering of the backend."""
    from interlingua.backends.onnx.lowerings import (
        activation,
        attention,
        binary,
        contraction,
        control,
        convert,
        convolution,
        indexing,
        logic,
        norm,
        pooling,
        quant,
        random,
        reduction,
        resize,
        rnn,
        sequence,
        shape,
        signal,
        source,
        unary,
        vision,
    )

    families = (
        activation,
        attention,
        binary,
        contraction,
        control,
        convert,
        convolution,
        indexing,
        logic,
        norm,
        pooling,
        quant,
        random,
        reduction,
        resize,
        rnn,
        sequence,
        shape,
        signal,
        source,
        unary,
        vision,
    )
    return merge(family.TABLE for family in families)
