"""Every built-in pass, and the pipelines, as data."""

from __future__ import annotations

from interlingua.passes.base import Pass
from interlingua.passes.cleanup.eliminate_dead_code import EliminateDeadCode
from interlingua.passes.cleanup.fold_constants import FoldConstants
from interlingua.passes.cleanup.merge_common import MergeCommon
from interlingua.passes.cleanup.transposes import Transposes
from interlingua.passes.fusion.attention import FuseAttention
from interlingua.passes.fusion.channel_shuffle import FuseChannelShuffle
from interlingua.passes.fusion.clip import FuseClip
from interlingua.passes.fusion.depth_to_space import FuseDepthToSpace
from interlingua.passes.fusion.gelu import FuseGelu
from interlingua.passes.fusion.group_norm import FuseGroupNorm
from interlingua.passes.fusion.hard_sigmoid import FuseHardSigmoid
from interlingua.passes.fusion.hard_swish import FuseHardSwish
from interlingua.passes.fusion.instance_norm import FuseInstanceNorm
from interlingua.passes.fusion.layer_norm import FuseLayerNorm
from interlingua.passes.fusion.leaky_relu import FuseLeakyRelu
from interlingua.passes.fusion.mean import FuseMean
from interlingua.passes.fusion.mish import FuseMish
from interlingua.passes.fusion.rms_norm import FuseRmsNorm
from interlingua.passes.fusion.rotary import FuseRotary
from interlingua.passes.fusion.sigmoid import FuseSigmoid
from interlingua.passes.fusion.silu import FuseSilu
from interlingua.passes.fusion.softmax import FuseSoftmax
from interlingua.passes.fusion.upsampling import FuseUpsampling

PASSES: tuple[type[Pass], ...] = (
    FoldConstants,
    MergeCommon,
    EliminateDeadCode,
    Transposes,
    FuseMean,
    FuseClip,
    FuseSigmoid,
    FuseSilu,
    FuseGelu,
    FuseHardSigmoid,
    FuseHardSwish,
    FuseMish,
    FuseLeakyRelu,
    FuseSoftmax,
    FuseLayerNorm,
    FuseRmsNorm,
    FuseInstanceNorm,
    FuseGroupNorm,
    FuseRotary,
    FuseAttention,
    FuseDepthToSpace,
    FuseChannelShuffle,
    FuseUpsampling,
)

GROUPS: dict[str, tuple[str, ...]] = {
    "simplify": (Transposes.name,),
    "fuse": (
        FuseMean.name,
        FuseClip.name,
        FuseSigmoid.name,
        FuseSilu.name,
        FuseGelu.name,
        FuseHardSigmoid.name,
        FuseHardSwish.name,
        FuseMish.name,
        FuseLeakyRelu.name,
        FuseSoftmax.name,
        FuseLayerNorm.name,
        FuseRmsNorm.name,
        FuseInstanceNorm.name,
        FuseGroupNorm.name,
        FuseRotary.name,
        FuseAttention.name,
        FuseDepthToSpace.name,
        FuseChannelShuffle.name,
        FuseUpsampling.name,
    ),
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
