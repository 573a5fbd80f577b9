"""Ops of ONNX Runtime's own domain, which its tools write: by decomposition into ours.

The semantics are those of ONNX Runtime's schemas (its ContribOperators documentation) and CPU kernels.
"""

FAMILIES = (
    "activation",
    "attention",
    "blockwise",
    "contraction",
    "convolution",
    "declined",
    "grouped",
    "misc",
    "norm",
    "quantized",
    "recurrent",
)
