"""PyTorch's kernels by op: where torch has a function of the same meaning, how it is called.

A function takes the op and tensors (``None`` for what is absent) and gives a tensor, a tuple of them, or ``SKIP`` where
torch has no such case.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from interlingua.ir.dtypes import DType

SKIP = object()
WIDE = (torch.float32, torch.float64)
"""Where a function is made of several kernels, each of which rounds to the narrow dtype, only these are taken."""
Kernel = Callable[..., Any]
DTYPES = {DType.F32: torch.float32, DType.F64: torch.float64, DType.F16: torch.float16, DType.BF16: torch.bfloat16}


def tensor_of(array: np.ndarray[Any, Any]) -> torch.Tensor:
    """A copy; bfloat16 by its bits."""
    if array.dtype.name == "bfloat16":
        return torch.from_numpy(np.array(array.view(np.int16))).view(torch.bfloat16)
    return torch.from_numpy(np.array(array))


def array_of(tensor: torch.Tensor) -> np.ndarray[Any, Any]:
    """The inverse of :func:`tensor_of`."""
    if tensor.dtype is torch.bfloat16:
        return tensor.contiguous().view(torch.int16).numpy().view(DType.BF16.numpy)
    return tensor.numpy()


def when(condition: Callable[..., bool], kernel: Kernel) -> Kernel:
    """``kernel`` where ``condition`` of the same arguments holds."""
    return lambda op, *xs: kernel(op, *xs) if condition(op, *xs) else SKIP


def plain(function: Callable[..., Any]) -> Kernel:
    """A function of the operands alone."""
    return lambda op, *xs: function(*xs)


def reduced(function: Callable[..., Any]) -> Kernel:
    """A function of ``x``, axes and whether they stay; torch takes no axes for all of them."""
    return when(lambda op, x: bool(op.axes), lambda op, x: function(x, op.axes, op.keepdims))


def _pads(op: Any) -> Any:
    """Pads that are equal at both ends, as torch has them; ``SKIP`` where they are not."""
    n = len(op.pads) // 2
    return op.pads[:n] if op.pads[:n] == op.pads[n:] else SKIP


def spatial(names: str, build: Callable[..., Any]) -> Kernel:
    """A function with a variant for 1 to 3 spatial axes."""

    def run(op: Any, x: Any, *rest: Any) -> Any:
        n, pads = len(op.strides), _pads(op)
        function = getattr(F, names.format(n), None) if 1 <= n <= 3 else None
        if (
            function is None
            or pads is SKIP
            or getattr(op, "layout", "channels_first") != "channels_first"
            or not x.numel()
        ):
            return SKIP
        return build(function, op, pads, x, *rest)

    return run


def _conv(function: Any, op: Any, pads: Any, x: Any, w: Any, bias: Any = None) -> Any:
    return function(x, w, bias, op.strides, pads, op.dilations, op.groups)


def _conv_transpose(function: Any, op: Any, pads: Any, x: Any, w: Any, bias: Any = None) -> Any:
    fits = all(o < max(s, d) for o, s, d in zip(op.output_padding, op.strides, op.dilations, strict=True))
    if not fits or not w.numel():
        return SKIP
    return function(x, w, bias, op.strides, pads, op.output_padding, op.groups, op.dilations)


def _max_pool(function: Any, op: Any, pads: Any, x: Any) -> Any:
    fits = all(2 * p <= w for p, w in zip(pads, op.window, strict=True))
    return function(x, op.window, op.strides, pads, op.dilations, op.ceil_mode) if fits else SKIP


def _avg_pool(function: Any, op: Any, pads: Any, x: Any) -> Any:
    fits = all(2 * p <= w for p, w in zip(pads, op.window, strict=True)) and set(op.dilations) <= {1}
    return function(x, op.window, op.strides, pads, op.ceil_mode, op.count_include_pad) if fits else SKIP


def _global(op: Any, x: Any) -> Any:
    n = x.ndim - 2
    return getattr(F, f"adaptive_avg_pool{n}d")(x, 1) if 1 <= n <= 3 and x.numel() else SKIP


def _layer_norm(op: Any, x: Any, scale: Any = None, bias: Any = None) -> Any:
    shape = x.shape[op.axis % x.ndim :]
    whole = [None if p is None else p.expand(shape) for p in (scale, bias) if p is None or p.ndim <= len(shape)]
    return F.layer_norm(x, shape, *whole, op.epsilon) if len(whole) == 2 and x.numel() else SKIP


def _rms_norm(op: Any, x: Any, scale: Any = None) -> Any:
    shape = x.shape[op.axis % x.ndim :]
    if not x.numel() or (scale is not None and scale.ndim > len(shape)):
        return SKIP
    return F.rms_norm(x, shape, None if scale is None else scale.expand(shape), op.epsilon)


def _group_norm(op: Any, x: Any, scale: Any = None, bias: Any = None) -> Any:
    return F.group_norm(x, op.groups, scale, bias, op.epsilon) if x.numel() else SKIP


def _instance_norm(op: Any, x: Any, scale: Any = None, bias: Any = None) -> Any:
    many = x.numel() and x[0, 0].numel() > 1
    return F.instance_norm(x, weight=scale, bias=bias, eps=op.epsilon) if many else SKIP


def _batch_norm(op: Any, x: Any, scale: Any, bias: Any, mean: Any, variance: Any) -> Any:
    if op.axis % x.ndim != 1 or not x.numel():
        return SKIP
    return F.batch_norm(x, mean, variance, scale, bias, eps=op.epsilon)


def _attention(op: Any, q: Any, k: Any, v: Any, mask: Any = None, lengths: Any = None, offset: Any = None) -> Any:
    windows = op.left_window, op.right_window, op.softcap
    if any(w is not None for w in windows) or lengths is not None or offset is not None or not q.numel():
        return SKIP
    if q.shape[1] != k.shape[1] or op.causal or (mask is not None and mask.dtype is torch.bool) or not v.numel():
        return SKIP
    return F.scaled_dot_product_attention(q, k, v, mask, scale=op.scale)


def _gemm(op: Any, a: Any, b: Any, c: Any = None) -> Any:
    a, b = a.T if op.trans_a else a, b.T if op.trans_b else b
    if c is None:
        return a @ b if op.alpha == 1 else SKIP
    return torch.addmm(c, a, b, beta=op.beta, alpha=op.alpha) if op.beta else SKIP


def _clip(op: Any, x: Any, low: Any = None, high: Any = None) -> Any:
    return SKIP if low is None and high is None else torch.clamp(x, low, high)


def _top_k(op: Any, x: Any, k: Any) -> Any:
    count = int(k.reshape(()))
    return (torch.topk(x, count, op.axis, op.largest, op.sorted)[0], None)


def _arg(function: Any) -> Kernel:
    return when(lambda op, x: not op.select_last, lambda op, x: function(x, op.axis, op.keepdims))


def _running(function: Any) -> Kernel:
    return when(lambda op, x: not (op.exclusive or op.reverse), lambda op, x: function(x, op.axis))


def _scatter(op: Any, x: Any, index: Any, updates: Any) -> Any:
    names = {"add": "sum", "mul": "prod", "max": "amax", "min": "amin"}
    index = torch.where(index < 0, index + x.shape[op.axis], index).long()
    if op.reduction == "none":
        return torch.scatter(x, op.axis, index, updates)
    return torch.scatter_reduce(x, op.axis, index, updates, names[op.reduction])


def _dft(op: Any, x: Any, length: Any = None) -> Any:
    if op.onesided or x.shape[-1] != 2 or x.dtype not in (torch.float32, torch.float64) or not x.numel():
        return SKIP
    n = None if length is None else int(length.reshape(()))
    function = torch.fft.ifft if op.inverse else torch.fft.fft
    return torch.view_as_real(function(torch.view_as_complex(x.contiguous()), n, dim=op.axis % x.ndim))


def _grid_sample(op: Any, x: Any, grid: Any) -> Any:
    if x.ndim not in (4, 5) or not x.numel() or not grid.numel() or grid.dtype is not x.dtype:
        return SKIP
    if not torch.isfinite(grid).all() or (x.ndim == 5 and op.mode == "cubic"):
        return SKIP
    mode = {"linear": "bilinear", "cubic": "bicubic"}.get(op.mode, op.mode)
    return F.grid_sample(x, grid, mode, op.padding, op.align_corners)


def _affine_grid(op: Any, theta: Any, size: Any) -> Any:
    if theta.dtype not in WIDE:
        return SKIP
    dims = [int(s) for s in size]
    return (
        F.affine_grid(theta, dims, op.align_corners) if theta.shape[1] in (2, 3) and min(dims, default=0) > 0 else SKIP
    )


def _shrink(op: Any, x: Any) -> Any:
    if op.lambd < 0 or torch.isnan(x).any():
        return SKIP
    if op.bias == 0:
        return F.hardshrink(x, op.lambd)
    return F.softshrink(x, op.lambd) if op.bias == op.lambd else SKIP


def _lp_norm(op: Any, x: Any) -> Any:
    if x.dtype not in WIDE:
        return SKIP
    norm = torch.linalg.vector_norm(x, op.p, op.axis, keepdim=True)
    return SKIP if (norm == 0).any() or not x.numel() else F.normalize(x, op.p, op.axis, eps=0.0)


def _gather(op: Any, x: Any, index: Any) -> Any:
    if not x.ndim:
        return SKIP
    size = x.shape[op.axis]
    flat = torch.where(index < 0, index + size, index).long().reshape(-1)
    shape = (*x.shape[: op.axis % x.ndim], *index.shape, *x.shape[op.axis % x.ndim + 1 :])
    return torch.index_select(x, op.axis, flat).reshape(shape)


def _along(op: Any, x: Any, index: Any) -> Any:
    index = torch.where(index < 0, index + x.shape[op.axis], index).long()
    return torch.gather(x, op.axis, index)


def _cast(op: Any, x: Any) -> Any:
    return x.to(DTYPES[op.to]) if op.to in DTYPES and x.is_floating_point() else SKIP


def _det(op: Any, x: Any) -> Any:
    return torch.linalg.det(x) if x.dtype in (torch.float32, torch.float64) and torch.isfinite(x).all() else SKIP


UNARY: dict[str, Kernel] = {
    f"core.{name}": plain(getattr(torch, name))
    for name in """abs neg sign floor ceil round sqrt exp log sin cos tan asin acos atan sinh cosh tanh asinh acosh
    atanh
    erf""".split()  # noqa: SIM905
}
KERNELS: dict[str, Kernel] = {
    **UNARY,
    **{f"core.{n}": plain(getattr(torch, n)) for n in "add sub mul div atan2 pow eq lt le".split()},  # noqa: SIM905
    **{
        f"math.{n}": plain(getattr(torch, n))
        for n in "ne gt ge reciprocal rsqrt square log1p expm1 sigmoid sinc".split()  # noqa: SIM905
    },
    "core.max": plain(torch.maximum),
    "core.min": plain(torch.minimum),
    "core.rem": plain(torch.fmod),
    "math.mod": plain(torch.remainder),
    "core.is_nan": plain(torch.isnan),
    "core.is_inf": when(lambda op, x: op.detect_negative and op.detect_positive, plain(torch.isinf)),
    "core.select": plain(torch.where),
    "core.matmul": plain(torch.matmul),
    "core.reduce_sum": reduced(lambda x, axes, keep: torch.sum(x, axes, keepdim=keep)),
    "core.reduce_max": when(lambda op, x: x.numel() > 0, reduced(lambda x, axes, keep: torch.amax(x, axes, keep))),
    "core.reduce_min": when(lambda op, x: x.numel() > 0, reduced(lambda x, axes, keep: torch.amin(x, axes, keep))),
    "core.reduce_prod": when(lambda op, x: len(op.axes) == 1, lambda op, x: torch.prod(x, op.axes[0], op.keepdims)),
    "nn.mean": reduced(lambda x, axes, keep: torch.mean(x, axes, keepdim=keep)),
    "nn.logsumexp": when(lambda op, x: x.dtype in WIDE, reduced(lambda x, axes, keep: torch.logsumexp(x, axes, keep))),
    "nn.l1": reduced(lambda x, axes, keep: torch.linalg.vector_norm(x, 1, axes, keep)),
    "nn.l2": reduced(lambda x, axes, keep: torch.linalg.vector_norm(x, 2, axes, keep)),
    "core.argmax": _arg(torch.argmax),
    "core.argmin": _arg(torch.argmin),
    "core.cumsum": _running(torch.cumsum),
    "math.cumprod": _running(torch.cumprod),
    "core.transpose": lambda op, x: x.permute(op.perm),
    "core.reshape": lambda op, x, shape: x.reshape([int(d) for d in shape]),
    "core.broadcast_to": lambda op, x, shape: x.expand(torch.broadcast_shapes(x.shape, [int(d) for d in shape])),
    "core.concat": lambda op, *xs: torch.cat(xs, op.axis),
    "nn.stack": lambda op, *xs: torch.stack(xs, op.axis),
    "core.reverse": lambda op, x: torch.flip(x, op.axes),
    "core.gather": _gather,
    "core.gather_along": _along,
    "core.scatter_along": _scatter,
    "core.top_k": _top_k,
    "core.cast": _cast,
    "core.conv": spatial("conv{}d", _conv),
    "core.conv_transpose": spatial("conv_transpose{}d", _conv_transpose),
    "core.max_pool": spatial("max_pool{}d", _max_pool),
    "core.avg_pool": spatial("avg_pool{}d", _avg_pool),
    "nn.global_avg_pool": _global,
    "nn.gemm": _gemm,
    "nn.einsum": lambda op, *xs: torch.einsum(op.equation, *xs),
    "nn.relu": plain(torch.relu),
    "nn.leaky_relu": lambda op, x: F.leaky_relu(x, op.alpha),
    "nn.prelu": when(lambda op, x, slope: slope.numel() == 1 and x.ndim > 0, lambda op, x, s: F.prelu(x, s.reshape(1))),
    "nn.elu": lambda op, x: F.elu(x, op.alpha),
    "nn.selu": when(  # torch's constants have more digits than ONNX's
        lambda op, x: op.alpha > 1.6 and 1 < op.gamma < 1.1 and x.dtype is not torch.float64, plain(F.selu)
    ),
    "nn.celu": when(lambda op, x: op.alpha > 0, lambda op, x: F.celu(x, op.alpha)),
    "nn.gelu": lambda op, x: F.gelu(x, approximate="none" if op.form == "erf" else "tanh"),
    "nn.silu": when(lambda op, x: op.alpha == 1, plain(F.silu)),
    "nn.softplus": lambda op, x: F.softplus(x, threshold=40.0),
    "nn.mish": plain(F.mish),
    "nn.hard_sigmoid": when(lambda op, x: op.alpha == 1 / 6 and op.beta == 0.5, plain(F.hardsigmoid)),
    "nn.hard_swish": plain(F.hardswish),
    "nn.softsign": plain(F.softsign),
    "nn.thresholded_relu": when(lambda op, x: not torch.isnan(x).any(), lambda op, x: F.threshold(x, op.alpha, 0.0)),
    "nn.shrink": _shrink,
    "nn.clip": _clip,
    "nn.softmax": lambda op, x: torch.softmax(x, op.axis),
    "nn.log_softmax": lambda op, x: torch.log_softmax(x, op.axis),
    "nn.layer_norm": _layer_norm,
    "nn.rms_norm": _rms_norm,
    "nn.group_norm": _group_norm,
    "nn.instance_norm": _instance_norm,
    "nn.batch_norm": _batch_norm,
    "nn.lp_norm": _lp_norm,
    "nn.lrn": when(
        lambda op, x: op.size % 2 == 1 and x.ndim >= 3 and x.numel() > 0 and x.dtype in WIDE,
        lambda op, x: F.local_response_norm(x, op.size, op.alpha, op.beta, op.bias),
    ),
    "nn.attention": _attention,
    "nn.embedding": lambda op, table, ids: F.embedding(torch.where(ids < 0, ids + len(table), ids), table),
    "nn.depth_to_space": when(lambda op, x: op.mode == "crd", lambda op, x: F.pixel_shuffle(x, op.block)),
    "nn.tile": lambda op, x, repeats: x.repeat([int(r) for r in repeats]) if x.ndim else SKIP,
    "nn.expand_dims": when(lambda op, x: len(op.axes) == 1, lambda op, x: x.unsqueeze(op.axes[0])),
    "nn.squeeze": lambda op, x: torch.squeeze(x, op.axes),
    "math.trilu": lambda op, x, k=None: (torch.triu if op.upper else torch.tril)(
        x, 0 if k is None else int(k.reshape(()))
    ),
    "math.det": _det,
    "signal.dft": _dft,
    "vision.grid_sample": _grid_sample,
    "vision.affine_grid": _affine_grid,
}
"""By op name. What differs in special cases is skipped above, or listed in :data:`DEVIATIONS`."""
