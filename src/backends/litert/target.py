"""What an emission to LiteRT aims at."""

from __future__ import annotations

from dataclasses import dataclass

from interlingua.backends.base import Target


@dataclass(frozen=True, slots=True)
class LiteRtTarget(Target):
    """A file for LiteRT.

    Attributes:
        inputs_as_nhwc: whether image inputs, which the source has channels first, are to come channels last.
        cautious: whether lowerings keep clear of known bugs of the runtime. Off, those bugs can be found again.
    """

    inputs_as_nhwc: bool = False
    cautious: bool = True

    def __str__(self) -> str:
        return "LiteRT"
