"""Where PyTorch or ONNX Runtime is known to compute something else: no false alarms, and not correct either."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from interlingua.ir.draw import Sample
from interlingua.report import Comparison

Applies: TypeAlias = Callable[[Sample, Comparison], bool]


@dataclass(frozen=True)
class Deviation:
    """One difference of one runtime.

    Attributes:
        name: for counting.
        runtime: whose.
        ops: in which ops.
        dtypes: of the first operand; any where empty.
        reason: what it does instead, and where that is documented.
        applies: whether a sample and its comparison show it.
    """

    name: str
    runtime: str
    ops: frozenset[str]
    reason: str
    dtypes: frozenset[str] = frozenset()
    applies: Callable[[Sample, Comparison], bool] = lambda sample, found: True

    def covers(self, runtime: str, sample: Sample, found: Comparison) -> bool:
        """Whether this is it."""
        if runtime != self.runtime or sample.op.name not in self.ops:
            return False
        dtype = next((str(o.dtype) for o in sample.operands if hasattr(o, "dtype")), "")
        return (not self.dtypes or dtype in self.dtypes) and self.applies(sample, found)


def _narrow(*ops: str) -> dict[str, frozenset[str]]:
    return {"ops": frozenset(ops), "dtypes": frozenset({"float16", "bfloat16"})}


def _detail(*texts: str) -> Callable[[Sample, Comparison], bool]:
    """A comparison whose message says one of these."""
    return lambda sample, found: any(t in found.detail for t in texts)


def _nan(sample: Sample, found: Comparison) -> bool:
    """An operand holds a NaN."""
    arrays = (o for o in sample.operands if isinstance(o, np.ndarray) and o.dtype.kind not in "biuO")
    return any(bool(np.isnan(a.astype(np.float64)).any()) for a in arrays)


def _short(sample: Sample, found: Comparison) -> bool:
    """An example of length 0, or a NaN among the operands or on the way."""
    lengths = sample.operands[4]
    return _nan(sample, found) or "nan" in found.detail or (lengths is not None and bool((lengths == 0).any()))


def _odd_fold(sample: Sample, found: Comparison) -> bool:
    attributes = sample.op.attributes()
    n, pads = len(attributes["strides"]), attributes["pads"]
    return n == 3 or pads[:n] != pads[n:]


def _is(**attributes: object) -> Callable[[Sample, Comparison], bool]:
    return lambda sample, found: all(sample.op.attributes()[k] == v for k, v in attributes.items())


def _ort(name: str, ops: str, reason: str, *dtypes: str, applies: Applies = lambda sample, found: True) -> Deviation:
    return Deviation(name, "onnxruntime", frozenset(ops.split()), reason, frozenset(dtypes), applies)


DEVIATIONS: tuple[Deviation, ...] = (
    Deviation("sign(NaN)", "torch", frozenset({"core.sign"}), "0, not NaN", applies=_detail("0.0 is not nan")),
    Deviation(
        "fmod of subnormals",
        "torch",
        frozenset({"core.rem", "math.mod"}),
        "NaN where a / b overflows",
        applies=_detail("nan is not"),
    ),
    Deviation("gelu(inf)", "torch", frozenset({"nn.gelu"}), "NaN, not inf", applies=_detail("nan is not inf")),
    Deviation(
        "gemm with alpha = 0",
        "torch",
        frozenset({"nn.gemm"}),
        "as BLAS has it, A and B are not read: no NaN from them",
        applies=lambda sample, found: sample.op.attributes()["alpha"] == 0,
    ),
    Deviation(
        "prelu(0)",
        "torch",
        frozenset({"nn.prelu"}),
        "takes the slope at 0: NaN where that is infinite",
        applies=_detail("nan is not"),
    ),
    Deviation(
        "erf of near-subnormals",
        "torch",
        reason="off by two subnormals in float16, 0 in bfloat16",
        **_narrow("core.erf"),
    ),
    Deviation("narrow products", "torch", reason="each partial product is rounded", **_narrow("core.reduce_prod")),
    Deviation("narrow instance norm", "torch", reason="statistics are rounded", **_narrow("nn.instance_norm")),
    Deviation(
        "narrow grid_sample", "torch", reason="coordinates and weights are rounded", **_narrow("vision.grid_sample")
    ),
    _ort(
        "NaN among the largest",
        "core.reduce_max core.reduce_min core.argmax core.argmin core.max_pool nn.max_pool_with_indices "
        "nn.global_max_pool core.scatter_nd core.scatter_along nn.hardmax nn.log_softmax",
        "NaN is passed over",
        applies=_nan,
    ),
    _ort("recurrent states", "rnn.gru rnn.lstm rnn.rnn", "0 after length 0; NaN lost in activations", applies=_short),
    _ort("float32 attributes", "nn.batch_norm nn.shrink", "ONNX rounds epsilon, lambd and bias to float32", "float64"),
    _ort("sine of large float64", "core.sin core.cos", "near their zeros only as exact as 1 is", "float64"),
    _ort("inverse float64 transform", "signal.dft", "its scale is float32", "float64", applies=_is(inverse=True)),
    _ort(
        "folding",
        "nn.fold",
        "Col2Im mistakes three axes, and pads that differ",
        applies=_odd_fold,
    ),
    _ort("grid of extent 1", "vision.affine_grid", "-1, not 0", applies=_is(align_corners=True)),
    _ort("narrow affine grid", "vision.affine_grid", "computed in float16", "float16"),
    _ort("wrap twice", "core.pad", "pads more than the axis from elsewhere", applies=_is(mode="wrap")),
    _ort(
        "mean of nothing",
        "nn.mean",
        "0, not NaN",
        applies=lambda sample, found: sample.operands[0].size == 0,
    ),
    _ort(
        "levels of nothing",
        "quant.dynamic_quantize",
        "scale 1",
        applies=lambda sample, found: sample.operands[0].size == 0,
    ),
)
