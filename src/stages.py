"""The way from a module to a legal one: the stages of a conversion, each by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from interlingua.backends.base import Backend, Target
from interlingua.backends.legality import legalize
from interlingua.ir.graph import Module
from interlingua.passes.base import Pass
from interlingua.passes.pipeline import run_passes

StageName: TypeAlias = Literal["load", "optimize", "legalize", "emit", "run"]
"""In order; ``load`` and ``emit`` with ``run`` are the frontend's and the backend's own."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step, in place. ``name`` is the stage that it belongs to, ``detail`` the pass that it is."""

    name: StageName
    apply: Callable[[Module], object]
    detail: str = ""


def stages(backend: Backend, target: Target, passes: Sequence[Pass]) -> list[Stage]:
    """What happens between loading and emission, in order.

    The passes run again at the end: what legalization leaves can be cleaned up too.
    """
    optimize = [_pass_stage("optimize", each) for each in passes]
    again = [_pass_stage("legalize", each) for each in passes]
    lower = Stage(
        "legalize",
        lambda module: legalize(module, backend.lowerings, target, subject=f"the {backend.name} backend"),
    )
    return [*optimize, lower, *again]


def _pass_stage(name: StageName, each: Pass) -> Stage:
    return Stage(name, lambda module: run_passes(module, [each]), each.name)
