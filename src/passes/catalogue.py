"""Every built-in pass, and the pipelines, as data."""

from __future__ import annotations

from interlingua.passes.base import Pass
from interlingua.passes.cleanup.arithmetic import Arithmetic
from interlingua.passes.cleanup.broadcasts import Broadcasts
from interlingua.passes.cleanup.casts import Casts
from interlingua.passes.cleanup.clamps import Clamps
from interlingua.passes.cleanup.concats import Concats
from interlingua.passes.cleanup.eliminate_dead_code import EliminateDeadCode
from interlingua.passes.cleanup.fold_constants import FoldConstants
from interlingua.passes.cleanup.merge_common import MergeCommon
from interlingua.passes.cleanup.pads import Pads
from interlingua.passes.cleanup.refine_types import RefineTypes
from interlingua.passes.cleanup.reshapes import Reshapes
from interlingua.passes.cleanup.selects import Selects
from interlingua.passes.cleanup.shapes import Shapes
from interlingua.passes.cleanup.slices import Slices
from interlingua.passes.cleanup.transposes import Transposes

PASSES: tuple[type[Pass], ...] = (
    EliminateDeadCode,
    RefineTypes,
    FoldConstants,
    MergeCommon,
    Arithmetic,
    Casts,
    Clamps,
    Selects,
    Broadcasts,
    Transposes,
    Reshapes,
    Slices,
    Concats,
    Pads,
    Shapes,
)

GROUPS: dict[str, tuple[str, ...]] = {
    "simplify": (
        Arithmetic.name, Casts.name, Clamps.name, Selects.name, Broadcasts.name, Transposes.name, Reshapes.name,
        Slices.name, Concats.name, Pads.name, Shapes.name,
    ),
}  # fmt: skip
"""Passes made of rules that run as one."""

PIPELINES: dict[str, tuple[str, ...]] = {
    "default": (
        EliminateDeadCode.name, RefineTypes.name, FoldConstants.name, MergeCommon.name, "simplify", RefineTypes.name,
        FoldConstants.name, MergeCommon.name, EliminateDeadCode.name,
    ),
    "minimal": (EliminateDeadCode.name,),
    "none": (),
}  # fmt: skip
