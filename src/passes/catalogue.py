"""Every built-in pass, and the pipelines, as data."""

from __future__ import annotations

from interlingua.passes.base import Pass
from interlingua.passes.cleanup.arithmetic import Arithmetic
from interlingua.passes.cleanup.broadcasts import Broadcasts
from interlingua.passes.cleanup.casts import Casts
from interlingua.passes.cleanup.clamps import Clamps
from interlingua.passes.cleanup.concats import Concats
from interlingua.passes.cleanup.control_flow import ControlFlow
from interlingua.passes.cleanup.eliminate_dead_code import EliminateDeadCode
from interlingua.passes.cleanup.fold_constants import FoldConstants, FoldRounded
from interlingua.passes.cleanup.merge_common import MergeCommon
from interlingua.passes.cleanup.pads import Pads
from interlingua.passes.cleanup.reductions import Reductions
from interlingua.passes.cleanup.refine_types import RefineTypes
from interlingua.passes.cleanup.region_interfaces import RegionInterfaces
from interlingua.passes.cleanup.reshapes import Reshapes
from interlingua.passes.cleanup.selects import Selects
from interlingua.passes.cleanup.shapes import Shapes
from interlingua.passes.cleanup.slices import Slices
from interlingua.passes.cleanup.transposes import Transposes

PASSES: tuple[type[Pass], ...] = (
    EliminateDeadCode,
    RefineTypes,
    FoldConstants,
    FoldRounded,
    ControlFlow,
    RegionInterfaces,
    MergeCommon,
    Arithmetic,
    Casts,
    Clamps,
    Selects,
    Reductions,
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
        Arithmetic.name, Casts.name, Clamps.name, Selects.name, Reductions.name, Broadcasts.name, Transposes.name,
        Reshapes.name, Slices.name, Concats.name, Pads.name, Shapes.name,
    ),
}  # fmt: skip
"""Passes made of rules that run as one."""

REPEATED: dict[str, tuple[str, ...]] = {
    "clean-up": (
        EliminateDeadCode.name, RefineTypes.name, FoldConstants.name, ControlFlow.name, RegionInterfaces.name,
        MergeCommon.name, "simplify",
    ),
}  # fmt: skip
"""Passes that run in turn until none of them finds anything to do."""

PIPELINES: dict[str, tuple[str, ...]] = {
    "default": ("clean-up",),
    "minimal": (EliminateDeadCode.name,),
    "none": (),
}
