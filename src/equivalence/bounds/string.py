"""Strings: exact, where they are defined."""

from __future__ import annotations

from interlingua.equivalence.bounds.bounded import Error, Step


def split(step: Step) -> list[Error]:
    """Which characters besides the space are whitespace is undefined, and with it how many pieces there are."""
    error, x = step.errors()[0], step.arrays[0]
    if error is not None and error.any():
        step.fluid = True
        return step.unknown()
    characters = {c for s in x.ravel().tolist() for c in s}
    if not step.op.attributes()["delimiter"] and any(c.isspace() and c != " " for c in characters):
        step.fluid = True
        return step.unknown("undefined")
    return [None, None]
