"""Faults that cannot change any defined result, each with its reason: they are listed, and not counted."""

from __future__ import annotations

EQUIVALENT: dict[str, str] = {
    "core.reverse: axes backwards": "axes are reversed in any order",
}
"""By the name of the fault."""

OWN: dict[str, str] = {
    "nn.global_max_pool: NaN taken for −inf": "ONNX Runtime skips NaN by itself: original and mutant fail alike",
    "nn.hardmax: NaN taken for −inf": "ONNX Runtime skips NaN by itself: original and mutant fail alike",
    "core.max_pool: ceil mode": "the ONNX backend refuses the mutant wherever the two modes differ",
    "core.avg_pool: ceil mode": "the ONNX backend refuses the mutant wherever the two modes differ",
}
"""Faults that no lowering can add: the runtime makes them by itself, or the backend refuses what they give."""
