"""Bad rules: each a rewrite that optimisers make, with a condition dropped that it needs.

They say that they are exact, or that they only round, and are not: a fuzz of passes has to find each of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.passes.rewrite.rule import Rule, RulePass
from support.planted_rules import folds, places, values
from support.planted_rules.base import RULES

__all__ = ["BY_NAME", "Planted", "folds", "places", "planted", "values"]

BY_NAME: dict[str, Rule] = {each.name: each for each in RULES}


@dataclass(frozen=True, slots=True)
class Planted(RulePass):
    """All of the bad rules; ``only`` names those that are meant."""

    name: ClassVar[str] = "planted"
    rules: ClassVar[tuple[Rule, ...]] = tuple(RULES)


def planted(*names: str) -> Planted:
    """A pass of these rules."""
    return Planted(only=names)
