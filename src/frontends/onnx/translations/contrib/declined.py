"""Ops of ONNX Runtime's domain that are known, and declined: each says why."""

from __future__ import annotations

from collections.abc import Callable

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.translations.contrib.table import DOMAIN, ContribTable
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value

TABLE = ContribTable()

_SEARCH = "a search over tokens that runs whole decoders as sub-graphs: convert the decoder, and search outside of it"
_EXPERTS = "a mixture of experts: which tokens an expert gets is only known when it runs"
_PACKED = "sequences packed without padding, of which only CUDA has kernels"
_ORDER = "a layout of one vendor's tensor cores"
_GPU = "of one device alone; the documentation does not define its numbers"
DECLINED = {
    **dict.fromkeys(("BeamSearch", "GreedySearch", "Sampling", "WhisperBeamSearch"), _SEARCH),
    **dict.fromkeys(("MoE", "QMoE", "MoEPacked"), _EXPERTS),
    **dict.fromkeys(
        ("PackedAttention", "PackedMultiHeadAttention", "PagedAttention", "RemovePadding", "RestorePadding"), _PACKED
    ),
    **dict.fromkeys(
        (
            *("QOrderedAttention", "QOrderedGelu", "QOrderedLayerNormalization", "QOrderedLongformerAttention"),
            *("QOrderedMatMul", "QuantizeWithOrder", "DequantizeWithOrder"),
        ),
        _ORDER,
    ),
    **dict.fromkeys(("MatMulFpQ4", "GemmFloat8", "EPContext"), _GPU),
    "DecoderMaskedSelfAttention": "a cache that is updated in place",
    "Inverse": "no op here inverts a matrix; rewrite it as the solution of what it is used for",
}
"""By name: the reason."""


def _declining(reason: str) -> Callable[[OnnxNode, Builder], Value]:
    return lambda n, _: n.unsupported(reason)


BLOCKED = (
    *("ReorderInput", "ReorderOutput", "Conv", "MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool"),
    "Upsample",
)
"""Ops on channels in blocks as wide as the vectors of the CPU that the model was optimised on. How wide, the file does
not say."""
for _name in BLOCKED:
    TABLE.translate(_name, 1, domain=f"{DOMAIN}.nchwc")(
        _declining("channels in blocks for one CPU: optimise the model with NchwcTransformer disabled")
    )
for _name, _reason in DECLINED.items():
    TABLE.translate(_name, 1)(_declining(_reason))
