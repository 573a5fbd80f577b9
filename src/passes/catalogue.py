"""Every built-in pass, and the pipelines, as data."""

from __future__ import annotations

from interlingua.passes.base import Pass
from interlingua.passes.cleanup.constant_layout import ConstantLayout
from interlingua.passes.cleanup.eliminate_dead_code import EliminateDeadCode
from interlingua.passes.cleanup.fold_constants import FoldConstants
from interlingua.passes.cleanup.merge_common import MergeCommon
from interlingua.passes.cleanup.transposes import Transposes
from interlingua.passes.fusion.affine_chain import AffineChains
from interlingua.passes.fusion.affine_into_linear import AffineIntoLinear
from interlingua.passes.fusion.batch_norm import BatchNorms
from interlingua.passes.fusion.einsum import Einsums
from interlingua.passes.fusion.gemm import FuseGemm
from interlingua.passes.fusion.power import Powers

PASSES: tuple[type[Pass], ...] = (
    FoldConstants,
    MergeCommon,
    EliminateDeadCode,
    Transposes,
    ConstantLayout,
    BatchNorms,
    AffineIntoLinear,
    AffineChains,
    FuseGemm,
    Einsums,
    Powers,
)

GROUPS: dict[str, tuple[str, ...]] = {
    "simplify": (Transposes.name, ConstantLayout.name),
    "fuse": (BatchNorms.name, AffineIntoLinear.name, FuseGemm.name, AffineChains.name, Einsums.name),
    "reduce": (Powers.name,),
}
"""Passes made of rules that run as one."""

PIPELINES: dict[str, tuple[str, ...]] = {
    "default": (
        EliminateDeadCode.name, FoldConstants.name, MergeCommon.name, "simplify", "fuse", "reduce",
        FoldConstants.name, MergeCommon.name, EliminateDeadCode.name,
    ),
    "minimal": (EliminateDeadCode.name,),
    "none": (),
}  # fmt: skip
