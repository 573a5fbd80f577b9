"""What an emission to LiteRT aims at."""

from __future__ import annotations

from dataclasses import dataclass

from interlingua.backends.base import Target


@dataclass(frozen=True, slots=True)
class LiteRtTarget(Target):
    """A file for LiteRT.

    Attributes:
        cautious: whether lowerings keep clear of known bugs of the runtime. Off, those bugs can be found again.
        inputs_as_nhwc, outputs_as_nhwc: names of inputs and outputs whose channels, second in the source, come last.
    """

    cautious: bool = True
    inputs_as_nhwc: tuple[str, ...] = ()
    outputs_as_nhwc: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "LiteRT"
