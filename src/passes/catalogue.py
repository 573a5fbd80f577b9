"""Every built-in pass, and the pipelines, as data."""

from __future__ import annotations

from interlingua.passes.base import Pass
from interlingua.passes.cleanup.eliminate_dead_code import EliminateDeadCode
from interlingua.passes.cleanup.fold_constants import FoldConstants
from interlingua.passes.cleanup.merge_common import MergeCommon
from interlingua.passes.cleanup.transposes import Transposes
from interlingua.passes.fusion.affine_into_linear import AffineIntoLinear
from interlingua.passes.fusion.batch_norm import BatchNorms

PASSES: tuple[type[Pass], ...] = (
    FoldConstants,
    MergeCommon,
    EliminateDeadCode,
    Transposes,
    BatchNorms,
    AffineIntoLinear,
)

GROUPS: dict[str, tuple[str, ...]] = {
    "simplify": (Transposes.name,),
    "fuse": (BatchNorms.name, AffineIntoLinear.name),
}
"""Passes made of rules that run as one."""

PIPELINES: dict[str, tuple[str, ...]] = {
    "default": (
        EliminateDeadCode.name, FoldConstants.name, MergeCommon.name, "simplify", "fuse", FoldConstants.name,
        MergeCommon.name, EliminateDeadCode.name,
    ),
    "minimal": (EliminateDeadCode.name,),
    "none": (),
}  # fmt: skip
