"""Composites: their decompositions, and the other correct algorithms that runtimes have for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from interlingua.equivalence.bounds.bounded import INF, Bounded, Error, Step, finite
from interlingua.equivalence.bounds.contraction import growth
from interlingua.equivalence.bounds.norms import STATISTICS, normalisation
from interlingua.equivalence.bounds.rounding import LIBRARY, REFERENCE
from interlingua.equivalence.expectation import Array
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Value
from interlingua.ir.op import Op
from interlingua.ir.types import MAX_ELEMENTS, Optional, Sequence, Tensor, Type
from interlingua.runtimes.numerics import unit_roundoff


@dataclass(frozen=True)
class Body:
    """A decomposition, and its constants as they were written, before they were rounded to their dtypes: a runtime may
    round them anywhere."""

    graph: Graph
    written: dict[Value, Array]


class _Writing(Builder):
    """Remembers constants as they are written."""

    def __init__(self, graph: Graph, written: dict[Value, Array] | None = None, **rest: Any) -> None:
        super().__init__(graph, **rest)
        self.written: dict[Value, Array] = {} if written is None else written

    def constant(self, value: Any, dtype: DType | None = None, name: str = "") -> Value:
        found = super().constant(value, dtype, name)
        if found.tensor.dtype.kind == "float":
            self.written[found] = np.asarray(value).astype(np.float64)
        return found

    def region(self, name: str = "") -> Builder:
        inner = _Writing(Graph(name), self.written, rewriter=self.rewriter, symbols=self.symbols)
        inner.origin, inner.scope = self.origin, self.scope
        return inner


def body_of(op: Op, operands: list[Any]) -> Body:
    """The decomposition for operands of these very shapes and (small integer) elements.

    Raises:
        UnknownRank, ConstraintError: there is none.
    """
    b = _Writing(Graph(op.name))
    values = [b.input(type_of(o), f"x{i}") if o is not None else None for i, o in enumerate(operands)]
    assert op.decompose is not None
    found = op.decompose(b, *values)
    return Body(b.outputs(list(found) if isinstance(found, tuple | list) else [found]), b.written)


def type_of(value: Any) -> Type:
    """The type of an operand that is there."""
    if isinstance(value, list):
        return Sequence(Tensor(value[0].dtype, None) if value else Tensor(DType.F32, None))
    if not isinstance(value, Bounded):
        return Optional(Tensor(DType.F32, None))
    found = Tensor(value.dtype, value.value.shape)
    if value.dtype.kind in ("bool", "int", "uint") and value.value.size <= MAX_ELEMENTS and value.exact:
        wide = value.value.astype(np.uint64 if value.dtype is DType.U64 else np.int64)
        elements = np.empty(wide.shape, object)
        elements[...] = wide.astype(object)
        return found.with_elements(elements)
    return found


def _determinant(step: Step) -> Error:
    """Gaussian elimination is exact for ``A + δ``, ``|δ| ≤ γ_n·|L|·|U|``, and a pivot stays within ``2^(n-1)`` of the
    largest element, in practice ``n`` of it: what such a ``δ`` does to the determinant is a cofactor an element."""
    x, dtype = step.arrays[0], step.dtypes[0]
    n = x.shape[-1]
    if n == 0 or not x.size:
        return None
    minors = np.zeros(x.shape)
    for i in range(n):
        for j in range(n):
            minor = np.delete(np.delete(finite(x), i, axis=-2), j, axis=-1)
            minors[..., i, j] = np.abs(np.linalg.det(minor)) if n > 1 else 1.0
    most = np.max(np.abs(finite(x)), axis=(-2, -1))
    computed = DType.F32 if dtype in (DType.F16, DType.BF16) else dtype
    own = n * n * (unit_roundoff(computed) + REFERENCE) * most * minors.sum(axis=(-2, -1))
    rounded = 0.0 if computed is dtype else unit_roundoff(dtype) * np.abs(step.results[0])
    return np.where(np.isfinite(step.results[0]), own + rounded, 0.0)


def _working(step: Step) -> float:
    """The unit roundoff that a composite on narrow floats is computed in."""
    dtype = step.dtypes[0]
    return unit_roundoff(DType.F32 if dtype in (DType.F16, DType.BF16) else dtype) + REFERENCE


def _exponential(step: Step) -> Error:
    """ELU and its kin as their papers and ONNX write them, ``exp(x) - 1``: near 0 as exact as 1 is."""
    x, attributes = step.arrays[0], step.op.attributes()
    alpha = attributes["alpha"]
    inner = x / alpha if step.name == "nn.celu" else x
    size = abs(alpha) * abs(attributes.get("gamma", 1.0)) * np.exp(np.minimum(inner, 0.0))
    used = (inner < 0) & np.isfinite(step.results[0])
    return np.where(used, (LIBRARY + 2) * _working(step) * size, 0.0)


def _softplus(step: Step) -> Error:
    """``log(1 + exp(x))`` without a log1p: as exact as the sum is."""
    return np.where(np.isfinite(step.results[0]), 2 * _working(step), 0.0)


def _mish(step: Step) -> Error:
    """What is lost in softplus, by the slope of ``x·tanh``."""
    x = finite(step.arrays[0])
    slope = np.abs(x) * (1 - np.square(np.tanh(np.logaddexp(0.0, x))))
    return np.where(np.isfinite(step.results[0]), 2 * _working(step) * slope, 0.0)


def _sixths(step: Step) -> Error:
    """``min(max(x + 3, 0), 6) / 6``, in hard swish times ``x``: up to three roundings, each as large as the result."""
    return np.where(np.isfinite(step.results[0]), 3 * _working(step) * np.abs(step.results[0]), 0.0)


def _window(step: Step) -> Error:
    """Coefficients rounded to the dtype, their products, and the sum of these: the coefficients' sizes add up to 1."""
    return 3 * _working(step) * np.ones(step.results[0].shape)


def _accumulated(step: Step) -> Error:
    """Sums that start at ``beta·c`` round it with every term."""
    c, y = _present(step, 2), step.results[0]
    if c is None or y.dtype.kind != "f":
        return None
    a = step.arrays[0]
    terms = a.shape[0] if step.op.attributes()["trans_a"] else a.shape[1]
    grown = float(growth(step, terms + 1, products=False)) * _working(step)
    found = grown * np.broadcast_to(np.abs(step.op.attributes()["beta"] * finite(c)), y.shape)
    return np.where(np.isfinite(y) & ~_whole(step), found, 0.0)


def _whole(step: Step) -> Array:
    """Where all operands are integers that sums of float16 already hold: nothing rounds, whatever the order."""
    arrays = [a for a in step.arrays if a is not None]
    size = np.abs(step.op.reference(*(np.abs(finite(a)) for a in arrays)))
    return np.asarray(all(np.all(finite(a) == np.rint(finite(a))) for a in arrays) & (size < 2048))


def _resized(step: Step) -> Error:
    """Coordinates may be computed in the precision of the data: ``n·u`` along an axis of ``n``, times the steepest
    slope of the kernel."""
    x, y = finite(step.arrays[0]), step.results[0]
    attributes = step.op.attributes()
    if not x.size or y.dtype.kind != "f" or attributes["mode"] == "nearest":
        return _weightless(step)
    axes = tuple(a % x.ndim for a in attributes["axes"])
    span = x.max(axis=axes, keepdims=True) - x.min(axis=axes, keepdims=True)
    reach = sum(max(x.shape[a], y.shape[a]) for a in axes)
    found = np.broadcast_to(SLOPE * COORDINATE * reach * _working(step) * span, y.shape)
    found = np.where(np.isfinite(y), found, 0.0)
    lost = _weightless(step)
    return found if lost is None else found + lost


def _weightless(step: Step) -> Error:
    """Interpolation: neighbours of weight 0 may be left out, or be multiplied by it, infinite as they are."""
    y = step.results[0]
    return np.where(np.isnan(y), INF, 0.0) if np.isinf(step.arrays[0]).any() else None


def _fourier(step: Step) -> Error:
    """Angles up to 2π are rounded before their sines are taken; and lengths that are no power of two go through three
    transforms of up to four times the length (Bluestein's algorithm), which round in each of their stages."""
    x = finite(step.arrays[0])
    if step.name == "signal.dft":
        axis = step.op.attributes()["axis"] % x.ndim
        size = np.abs(x).sum(axis=(axis, -1), keepdims=True)
        count = step.results[0].shape[axis]
        size = size / max(count, 1) if step.op.attributes()["inverse"] else size
    else:
        window = _present(step, 2)
        size = np.abs(x).max(axis=(1, 2), initial=0.0).reshape(-1, 1, 1, 1)
        count = x.shape[1] if window is None else len(window)
        size = size * (count if window is None else np.abs(finite(window)).sum())
    stages = 3 * np.log2(4 * max(count, 1))
    found = (TURN + stages) * _working(step) * np.broadcast_to(size, step.results[0].shape)
    return np.where(np.isfinite(step.results[0]), found, 0.0)


def _present(step: Step, index: int) -> Array | None:
    return step.arrays[index] if len(step.arrays) > index else None


SLOPE, COORDINATE = 2.0, 3.0
"""Of Keys' kernel, and the roundings of a coordinate."""
TURN = 8.0
"""2π and the rounding of the sine."""

ALTERNATIVES: dict[str, Callable[[Step], Error]] = {
    "math.det": _determinant,
    **dict.fromkeys(("nn.elu", "nn.selu", "nn.celu"), _exponential),
    "nn.softplus": _softplus,
    "nn.mish": _mish,
    **dict.fromkeys(("signal.dft", "signal.stft"), _fourier),
    **dict.fromkeys(("signal.hann_window", "signal.hamming_window", "signal.blackman_window"), _window),
    "nn.hard_sigmoid": _sixths,
    "nn.hard_swish": _sixths,
    "vision.resize": _resized,
    "nn.gemm": _accumulated,
    "nn.deform_conv": _weightless,
    **dict.fromkeys(STATISTICS, normalisation),
}
"""What another correct algorithm that is in use may be off beyond the decomposition, by op."""

LITERAL = frozenset({"math.floor_div"})
"""Composites that say which rounded results they are made of: every step of the decomposition is as alone."""
