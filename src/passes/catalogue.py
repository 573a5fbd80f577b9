"""Every built-in pass, and the pipelines, as data."""

from __future__ import annotations

from interlingua.passes.base import Pass
from interlingua.passes.cleanup.eliminate_dead_code import EliminateDeadCode
from interlingua.passes.cleanup.fold_constants import FoldConstants
from interlingua.passes.cleanup.merge_common import MergeCommon
from interlingua.passes.cleanup.transposes import Transposes
from interlingua.passes.layout.assign_layout import AssignLayout
from interlingua.passes.layout.sink_transposes import SinkTransposes

PASSES: tuple[type[Pass], ...] = (
    FoldConstants,
    MergeCommon,
    EliminateDeadCode,
    Transposes,
    SinkTransposes,
    AssignLayout,
)

GROUPS: dict[str, tuple[str, ...]] = {
    "simplify": (Transposes.name,),
}
"""Passes made of rules that run as one."""

_TIDY = (FoldConstants.name, MergeCommon.name, EliminateDeadCode.name)

PIPELINES: dict[str, tuple[str, ...]] = {
    "default": (*_TIDY, "simplify", SinkTransposes.name, *_TIDY),
    "channels-last": ("default", AssignLayout.name, "simplify", *_TIDY),
    "minimal": (EliminateDeadCode.name,),
    "none": (),
}
"""Names of passes, of groups and of pipelines, in order. A backend names the one that conversions to it run."""
