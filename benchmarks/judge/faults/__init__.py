"""Faults to seed: of ops (as wrong lowerings and wrong rewrites), and of whole models (weights, subtle changes)."""

from __future__ import annotations

from benchmarks.judge.faults.attributes import attribute_faults
from benchmarks.judge.faults.base import Fault
from benchmarks.judge.faults.contractions import contraction_faults
from benchmarks.judge.faults.places import place_faults
from benchmarks.judge.faults.values import value_faults


def op_faults() -> list[Fault]:
    """Every fault of an op, in a fixed order."""
    return [*attribute_faults(), *value_faults(), *contraction_faults(), *place_faults()]
