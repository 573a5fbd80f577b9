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
from interlingua.passes.cleanup.refine_types import RefineTypes
from interlingua.passes.cleanup.region_interfaces import RegionInterfaces
from interlingua.passes.cleanup.reshapes import Reshapes
from interlingua.passes.cleanup.selects import Selects
from interlingua.passes.cleanup.shapes import Shapes
from interlingua.passes.cleanup.slices import Slices
from interlingua.passes.cleanup.transposes import Transposes
from interlingua.passes.fusion.affine_into_linear import AffineIntoLinear
from interlingua.passes.fusion.batch_norm import BatchNorms
from interlingua.passes.layout.assign_layout import AssignLayout
from interlingua.passes.layout.sink_transposes import SinkTransposes

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
    Broadcasts,
    Transposes,
    Reshapes,
    Slices,
    Concats,
    Pads,
    Shapes,
    BatchNorms,
    AffineIntoLinear,
    SinkTransposes,
    AssignLayout,
)

GROUPS: dict[str, tuple[str, ...]] = {
    "simplify": (
        Arithmetic.name, Casts.name, Clamps.name, Selects.name, Broadcasts.name, Transposes.name, Reshapes.name,
        Slices.name, Concats.name, Pads.name, Shapes.name,
    ),
    "fuse": (BatchNorms.name, AffineIntoLinear.name),
}  # fmt: skip
"""Passes made of rules that run as one."""

_TIDY = (
    EliminateDeadCode.name, RefineTypes.name, FoldConstants.name, ControlFlow.name, RegionInterfaces.name,
    MergeCommon.name, "simplify",
)  # fmt: skip

REPEATED: dict[str, tuple[str, ...]] = {
    "clean-up": _TIDY,
    "optimize": (*_TIDY, FoldRounded.name, "fuse", SinkTransposes.name),
}
"""Passes that run in turn until none of them finds anything to do."""

PIPELINES: dict[str, tuple[str, ...]] = {
    "default": ("optimize",),
    "channels-last": ("default", AssignLayout.name, "optimize"),
    "minimal": (EliminateDeadCode.name,),
    "none": (),
}
"""Names of passes, of groups and of pipelines, in order. A backend names the one that conversions to it run."""
