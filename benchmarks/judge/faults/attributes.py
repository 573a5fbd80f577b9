"""Attributes read, passed on or defaulted wrongly: one row a mistake, over all ops that can suffer it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.judge.faults.base import Fault, attribute, only, variants

from interlingua.ir.dtypes import DType

CONVOLUTIONS = "core.conv core.conv_transpose nn.deform_conv quant.conv_integer quant.qlinear_conv"
POOLS = "core.max_pool core.avg_pool nn.lp_pool nn.max_pool_with_indices"
WINDOWED = f"{CONVOLUTIONS} {POOLS} nn.fold"
NORMS = "nn.batch_norm nn.layer_norm nn.rms_norm nn.instance_norm nn.group_norm nn.mean_variance_norm"
ALONG = (
    "nn.softmax nn.log_softmax nn.hardmax nn.lp_norm core.gather core.gather_along core.top_k core.argmax core.argmin"
    " core.cumsum math.cumprod core.concat nn.stack nn.one_hot nn.layer_norm nn.rms_norm"
    " core.scatter_along nn.tensor_scatter"
)
REDUCED = "core.reduce_sum core.reduce_max nn.mean nn.logsumexp nn.l2 core.reverse nn.mean_variance_norm"


def another(axis: int) -> int:
    """A neighbouring axis, valid for every rank."""
    if axis < 0:
        return axis + 1
    return axis - 1


def shifted(pads: tuple[int, ...]) -> tuple[int, ...]:
    """Along the first axis that has any, one begin less and its end more."""
    n = len(pads) // 2
    for axis in range(n):
        if pads[axis] > 0:
            return (*pads[:axis], pads[axis] - 1, *pads[axis + 1 : axis + n], pads[axis + n] + 1, *pads[axis + n + 1 :])
    return pads


def swapped(pads: tuple[int, ...]) -> tuple[int, ...]:
    """Ends for begins."""
    return pads[len(pads) // 2 :] + pads[: len(pads) // 2]


def paired(pads: tuple[int, ...]) -> tuple[int, ...]:
    """Read as begin, end of each axis in turn."""
    return pads[::2] + pads[1::2]


def backwards(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """In the opposite order."""
    return values[::-1]


def turned(value: bool) -> bool:
    """The other truth."""
    return not value


def mapped(**table: str) -> Callable[[str], str]:
    """One name for another."""
    return lambda value: table.get(value, value)


def to(value: Any) -> Callable[[Any], Any]:
    """Always this."""
    return lambda _: value


def unless_none(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A change of what is given."""
    return lambda value: None if value is None else change(value)


def times(factor: float) -> Callable[[float], float]:
    """So many times as large."""
    return lambda value: value * factor


def plus(step: int) -> Callable[[int], int]:
    """So much more."""
    return lambda value: value + step


ROWS: tuple[tuple[str, str, str, dict[str, Callable[[Any], Any]]], ...] = (
    ("wrong axis", ALONG, "the axis beside", {"axis": another}),
    ("wrong axis", REDUCED, "the axes beside", {"axes": lambda a: tuple(another(i) for i in a)}),
    (
        "wrong axis",
        "core.transpose",
        "the inverse permutation",
        {"perm": lambda p: tuple(p.index(i) for i in range(len(p)))},
    ),
    ("wrong axis", "core.transpose", "the permutation backwards", {"perm": backwards}),
    ("wrong axis", "core.slice core.reverse", "axes backwards", {"axes": backwards}),
    ("wrong axis", "vision.resize", "axes backwards", {"axes": backwards}),
    ("wrong pad", WINDOWED, "begins and ends swapped", {"pads": swapped}),
    ("wrong pad", WINDOWED, "moved by one", {"pads": shifted}),
    ("wrong pad", WINDOWED, "read as pairs", {"pads": paired}),
    ("stride, dilation, window order", WINDOWED, "strides backwards", {"strides": backwards}),
    ("stride, dilation, window order", WINDOWED, "dilations backwards", {"dilations": backwards}),
    ("stride, dilation, window order", POOLS, "window backwards", {"window": backwards}),
    (
        "stride, dilation, window order",
        "core.conv_transpose",
        "output padding backwards",
        {"output_padding": backwards},
    ),
    ("eps", NORMS, "eps ×1.5", {"epsilon": times(1.5)}),
    ("eps", NORMS, "eps ×10", {"epsilon": times(10)}),
    ("eps", NORMS, "eps left at 1e-5", {"epsilon": to(1e-5)}),
    ("window modes", "core.avg_pool", "padding counted or not", {"count_include_pad": turned}),
    ("window modes", POOLS, "ceil mode", {"ceil_mode": turned}),
    ("window modes", "nn.max_pool_with_indices", "indices column by column", {"column_major": turned}),
    ("sampling", "vision.grid_sample vision.affine_grid", "align_corners", {"align_corners": turned}),
    ("sampling", "vision.grid_sample", "border as zeros", {"padding": mapped(border="zeros")}),
    ("sampling", "vision.grid_sample", "reflection as border", {"padding": mapped(reflection="border")}),
    ("sampling", "vision.grid_sample", "cubic as linear", {"mode": mapped(cubic="linear")}),
    ("sampling", "vision.resize", "half_pixel as asymmetric", {"coordinates": mapped(half_pixel="asymmetric")}),
    (
        "sampling",
        "vision.resize",
        "pytorch's half_pixel as half_pixel",
        {"coordinates": mapped(pytorch_half_pixel="half_pixel")},
    ),
    (
        "sampling",
        "vision.resize",
        "symmetric half_pixel as half_pixel",
        {"coordinates": mapped(half_pixel_symmetric="half_pixel")},
    ),
    ("sampling", "vision.resize", "align_corners as half_pixel", {"coordinates": mapped(align_corners="half_pixel")}),
    ("sampling", "vision.resize", "nearest: ties up", {"nearest": mapped(round_prefer_floor="round_prefer_ceil")}),
    ("sampling", "vision.resize", "nearest: floor as round", {"nearest": mapped(floor="round_prefer_floor")}),
    ("sampling", "vision.resize", "cubic coefficient", {"cubic_coeff": to(-0.5)}),
    ("sampling", "vision.resize", "weights outside kept or not", {"exclude_outside": turned}),
    ("sampling", "vision.resize", "antialias forgotten", {"antialias": to(False)}),
    ("sampling", "vision.resize", "cubic as linear", {"mode": mapped(cubic="linear")}),
    ("sampling", "vision.roi_align", "half_pixel", {"half_pixel": turned}),
    ("sampling", "vision.roi_align vision.max_roi_pool", "spatial scale forgotten", {"spatial_scale": to(1.0)}),
    ("sampling", "vision.roi_align", "one sample more", {"sampling_ratio": plus(1)}),
    ("sampling", "vision.nms", "corners as centres", {"center": turned}),
    ("ties", "core.argmax core.argmin", "the last of equals", {"select_last": turned}),
    ("order", "core.top_k", "least for greatest", {"largest": turned}),
    ("order", "core.unique", "sorted or not", {"sorted": turned}),
    ("running sums", "core.cumsum math.cumprod", "exclusive", {"exclusive": turned}),
    ("running sums", "core.cumsum math.cumprod", "reverse", {"reverse": turned}),
    ("casts", "core.cast", "saturating or not", {"saturate": turned}),
    ("scatter", "core.scatter_nd core.scatter_along", "add as set", {"reduction": mapped(add="none")}),
    ("scatter", "core.scatter_nd core.scatter_along", "max as min", {"reduction": mapped(max="min")}),
    ("scatter", "nn.tensor_scatter", "circular as linear", {"mode": mapped(circular="linear")}),
    ("channel order", "nn.depth_to_space nn.space_to_depth", "the other order", {"mode": mapped(dcr="crd", crd="dcr")}),
    ("activations", "nn.leaky_relu nn.elu nn.selu nn.celu", "alpha 1 % off", {"alpha": times(1.01)}),
    ("activations", "nn.leaky_relu", "alpha forgotten", {"alpha": to(0.01)}),
    ("activations", "nn.elu nn.celu nn.silu nn.swiglu", "alpha forgotten", {"alpha": to(1.0)}),
    ("activations", "nn.hard_sigmoid", "another library's slope", {"alpha": to(1 / 6)}),
    ("activations", "nn.hard_sigmoid", "beta forgotten", {"beta": to(0.0)}),
    ("activations", "nn.selu", "gamma rounded to four digits", {"gamma": lambda g: round(g, 3)}),
    ("activations", "nn.gelu", "tanh form for erf", {"form": mapped(erf="tanh")}),
    ("activations", "nn.gelu", "erf form for tanh", {"form": mapped(tanh="erf")}),
    ("activations", "nn.shrink", "bias forgotten", {"bias": to(0.0)}),
    ("activations", "nn.thresholded_relu", "threshold forgotten", {"alpha": to(1.0)}),
    ("norm parameters", "nn.lrn", "size one less", {"size": plus(-1)}),
    ("norm parameters", "nn.lrn", "beta forgotten", {"beta": to(0.75)}),
    ("norm parameters", "nn.lrn", "bias forgotten", {"bias": to(1.0)}),
    ("norm parameters", "nn.lp_norm nn.lp_pool nn.global_lp_pool", "p = 2 whatever it is", {"p": to(2)}),
    ("contraction options", "nn.gemm", "alpha forgotten", {"alpha": to(1.0)}),
    ("contraction options", "nn.gemm", "beta forgotten", {"beta": to(1.0)}),
    ("attention", "nn.attention", "scale left out", {"scale": lambda s: 1.0 if s is None else None}),
    ("attention", "nn.attention", "not causal", {"causal": to(False)}),
    ("attention", "nn.attention", "left window off by one", {"left_window": unless_none(plus(1))}),
    ("attention", "nn.attention", "right window off by one", {"right_window": unless_none(plus(1))}),
    ("attention", "nn.attention", "softcap left out", {"softcap": to(None)}),
    ("attention", "nn.rotary", "halves for pairs", {"interleaved": turned}),
    ("recurrence", "rnn.gru", "reset before or after", {"linear_before_reset": turned}),
    ("recurrence", "rnn.lstm", "input_forget", {"input_forget": turned}),
    ("recurrence", "rnn.rnn rnn.gru rnn.lstm", "clip forgotten", {"clip": to(None)}),
    (
        "recurrence",
        "rnn.rnn rnn.gru rnn.lstm",
        "direction",
        {"direction": mapped(forward="reverse", reverse="forward")},
    ),
    ("recurrence", "rnn.gru rnn.lstm", "activations backwards", {"activations": backwards}),
    ("signals", "signal.dft", "inverse", {"inverse": turned}),
    ("signals", "signal.hann_window signal.hamming_window signal.blackman_window", "periodic", {"periodic": turned}),
    ("matrices", "math.trilu", "the other triangle", {"upper": turned}),
    ("off by one", "math.eye", "diagonal", {"k": plus(1)}),
    ("special values", "core.is_inf", "−inf overlooked", {"detect_negative": to(False)}),
    ("quantization", "quant.dequantize", "result in float32 whatever it is", {"dtype": to(DType.F32)}),
)


def attribute_faults() -> Iterator[Fault]:
    """All of them."""
    for kind, ops, detail, changes in ROWS:
        yield from variants(kind, ops, detail, attribute(**changes))
    narrow = only(lambda op: op.dtype.is_float and op.dtype.bits == 8, attribute(saturate=turned))
    yield Fault("casts", "quant.quantize", "saturating or not", narrow)
    powers = only(lambda op: op.to is DType.F8E8M0, attribute(rounding=mapped(up="nearest", down="up")))
    yield Fault("casts", "core.cast", "rounding of powers of two", powers)
