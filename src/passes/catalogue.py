"""Every built-in pass, and the pipelines, as data."""

from __future__ import annotations

from interlingua.passes.base import Pass
from interlingua.passes.cleanup.eliminate_dead_code import EliminateDeadCode
from interlingua.passes.cleanup.fold_constants import FoldConstants
from interlingua.passes.cleanup.merge_common import MergeCommon

PASSES: tuple[type[Pass], ...] = (FoldConstants, MergeCommon, EliminateDeadCode)

PIPELINES: dict[str, tuple[str, ...]] = {
    "default": tuple(p.name for p in PASSES),
    "minimal": (EliminateDeadCode.name,),
    "none": (),
}
