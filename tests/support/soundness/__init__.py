"""Adversarial models: each invites a simplification that would be wrong on it."""

from support.soundness import arithmetic, fusion, movement, numbers, structure
from support.soundness.trap import Trap

TRAPS: tuple[Trap, ...] = (
    *arithmetic.TRAPS, *movement.TRAPS, *fusion.TRAPS, *numbers.TRAPS, *structure.TRAPS,
)  # fmt: skip
