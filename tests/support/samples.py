"""Hypothesis as a source of samples."""

from __future__ import annotations

from hypothesis import strategies as st

from interlingua.equivalence.generators.modules import module_of, type_of
from interlingua.ir.draw import Draw

__all__ = ["HypothesisDraw", "module_of", "type_of"]


class HypothesisDraw(Draw):
    """Answers from Hypothesis."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def integer(self, lo: int, hi: int) -> int:
        return self.data.draw(st.integers(lo, hi))
