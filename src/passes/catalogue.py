"""Every built-in pass, and the pipelines, as data."""

from __future__ import annotations

from interlingua.passes.base import Pass
from interlingua.passes.cleanup.arithmetic import Arithmetic, NumericArithmetic
from interlingua.passes.cleanup.broadcasts import Broadcasts
from interlingua.passes.cleanup.casts import Casts
from interlingua.passes.cleanup.clamps import Clamps
from interlingua.passes.cleanup.concats import Concats
from interlingua.passes.cleanup.control_flow import ControlFlow
from interlingua.passes.cleanup.eliminate_dead_code import EliminateDeadCode
from interlingua.passes.cleanup.fold_constants import FoldConstants, FoldKnown, FoldRounded
from interlingua.passes.cleanup.merge_common import MergeCommon, MergeComputations
from interlingua.passes.cleanup.pads import Pads
from interlingua.passes.cleanup.reductions import Reductions
from interlingua.passes.cleanup.refine_types import RefineTypes
from interlingua.passes.cleanup.region_interfaces import RegionInterfaces
from interlingua.passes.cleanup.reshapes import Reshapes
from interlingua.passes.cleanup.selects import Selects
from interlingua.passes.cleanup.shapes import Shapes
from interlingua.passes.cleanup.slices import Slices
from interlingua.passes.cleanup.transposes import Transposes
from interlingua.passes.fusion.affine_chain import AffineChains
from interlingua.passes.fusion.affine_into_linear import AffineIntoLinear
from interlingua.passes.fusion.attention import FuseAttention
from interlingua.passes.fusion.batch_norm import BatchNorms
from interlingua.passes.fusion.channel_shuffle import FuseChannelShuffle
from interlingua.passes.fusion.clip import FuseClip
from interlingua.passes.fusion.depth_to_space import FuseDepthToSpace
from interlingua.passes.fusion.einsum import Einsums
from interlingua.passes.fusion.gelu import FuseGelu
from interlingua.passes.fusion.gemm import FuseGemm
from interlingua.passes.fusion.group_norm import FuseGroupNorm
from interlingua.passes.fusion.hard_sigmoid import FuseHardSigmoid
from interlingua.passes.fusion.hard_swish import FuseHardSwish
from interlingua.passes.fusion.instance_norm import FuseInstanceNorm
from interlingua.passes.fusion.layer_norm import FuseLayerNorm
from interlingua.passes.fusion.leaky_relu import FuseLeakyRelu
from interlingua.passes.fusion.mean import FuseMean
from interlingua.passes.fusion.mish import FuseMish
from interlingua.passes.fusion.power import Powers
from interlingua.passes.fusion.rms_norm import FuseRmsNorm
from interlingua.passes.fusion.rotary import FuseRotary
from interlingua.passes.fusion.sigmoid import FuseSigmoid
from interlingua.passes.fusion.silu import FuseSilu
from interlingua.passes.fusion.softmax import FuseSoftmax
from interlingua.passes.fusion.upsampling import FuseUpsampling
from interlingua.passes.layout.assign_layout import AssignLayout
from interlingua.passes.layout.sink_transposes import SinkTransposes

SIMPLIFY: tuple[type[Pass], ...] = (
    Arithmetic, Casts, Clamps, Selects, Reductions, Broadcasts, Transposes, Reshapes, Slices, Concats, Pads,
    Shapes,
)  # fmt: skip
SIMPLIFY_KEPT: tuple[type[Pass], ...] = (NumericArithmetic, *(p for p in SIMPLIFY if p is not Arithmetic))
RECOGNIZE: tuple[type[Pass], ...] = (
    FuseMean, FuseClip, FuseSigmoid, FuseSilu, FuseGelu, FuseHardSigmoid, FuseHardSwish, FuseMish, FuseLeakyRelu,
    FuseSoftmax, FuseLayerNorm, FuseRmsNorm, FuseInstanceNorm, FuseGroupNorm, FuseRotary, FuseAttention,
    FuseDepthToSpace, FuseChannelShuffle, FuseUpsampling,
)  # fmt: skip
FOLD: tuple[type[Pass], ...] = (BatchNorms, AffineIntoLinear, FuseGemm, AffineChains, Einsums)
REDUCE: tuple[type[Pass], ...] = (Powers,)

PASSES: tuple[type[Pass], ...] = (
    EliminateDeadCode, RefineTypes, FoldConstants, FoldRounded, FoldKnown, ControlFlow, RegionInterfaces, MergeCommon,
    MergeComputations, NumericArithmetic, *SIMPLIFY, *RECOGNIZE, *FOLD, *REDUCE, SinkTransposes, AssignLayout,
)  # fmt: skip

GROUPS: dict[str, tuple[str, ...]] = {
    "simplify": tuple(p.name for p in SIMPLIFY),
    "simplify-kept": tuple(p.name for p in SIMPLIFY_KEPT),
    "recognize": tuple(p.name for p in RECOGNIZE),
    "fold": tuple(p.name for p in FOLD),
    "reduce": tuple(p.name for p in REDUCE),
}
"""Passes made of rules that run as one."""

_TIDY = (
    EliminateDeadCode.name, RefineTypes.name, FoldConstants.name, ControlFlow.name, RegionInterfaces.name,
    MergeCommon.name, "simplify",
)  # fmt: skip

REPEATED: dict[str, tuple[str, ...]] = {
    "clean-up": _TIDY,
    "trainable": (
        EliminateDeadCode.name, RefineTypes.name, FoldKnown.name, ControlFlow.name, RegionInterfaces.name,
        MergeComputations.name, "simplify-kept", "recognize", FuseGemm.name, Einsums.name,
    ),
    "optimize": (*_TIDY, FoldRounded.name, "recognize", "fold", "reduce", SinkTransposes.name),
}
"""Passes that run in turn until none of them finds anything to do. ``trainable`` leaves parameters what they are."""

PIPELINES: dict[str, tuple[str, ...]] = {
    "default": ("optimize",),
    "channels-last": ("default", AssignLayout.name, "optimize"),
    "minimal": (EliminateDeadCode.name,),
    "none": (),
}
"""Names of passes, of groups and of pipelines, in order. A backend names the one that conversions to it run."""
