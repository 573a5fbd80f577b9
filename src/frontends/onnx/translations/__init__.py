"""Translations by family; their tables are put together here, explicitly."""

from __future__ import annotations

from functools import cache

from interlingua.frontends.onnx.table import Table, merge


@cache
def table() -> Table:
    """Every translation of the frontend."""
    from interlingua.frontends.onnx.translations import (
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
        training,
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
        training,
        unary,
        vision,
    )
    return merge(family.TABLE for family in families)
