"""Contractions, norms and broadcasts gone wrong: terms, precision of operands, axes of square operands, groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from benchmarks.judge.faults.base import Fault, attribute, exchanged, formula, operand
from benchmarks.judge.faults.places import reverse
from benchmarks.judge.faults.values import through

from interlingua.ir.draw import FINITE, KINDS, RandomDraw, Sample
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.binary import Add, Max, Mul, Sub
from interlingua.ir.ops.contraction import Gemm, MatMul
from interlingua.ir.ops.convolution import Conv
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.layout import Tile
from interlingua.ir.ops.norm import BatchNorm, InstanceNorm, LayerNorm
from interlingua.ir.ops.quant import Dequantize, Quantize
from interlingua.ir.ops.reduction import ReduceSum

LENGTHS = (8, 64, 512, 1024, 4096)
"""Terms of a contraction."""


def one_zeroed(x: Expr, axis: int, place: int) -> Expr:
    """One slice along an axis made 0, the shape kept."""
    gone = x.slice(axis, place, place + 1)
    return x.slice(axis, 0, place).concat(gone - gone, x.slice(axis, place + 1, 2**31 - 1), axis=axis)


def products(terms: int) -> Callable[[int], Sample]:
    """Matrix products over so many terms."""

    def draws(seed: int) -> Sample:
        draw = RandomDraw(seed)
        return Sample(
            MatMul(), (draw.array((3, terms), DType.F32, kinds=FINITE), draw.array((terms, 4), DType.F32, kinds=FINITE))
        )

    return draws


def gemms(terms: int) -> Callable[[int], Sample]:
    """The same with a bias."""

    def draws(seed: int) -> Sample:
        draw = RandomDraw(seed)
        shapes = (3, terms), (terms, 4), (4,)
        return Sample(Gemm(), tuple(draw.array(s, DType.F32, kinds=FINITE) for s in shapes))

    return draws


def convolutions(terms: int) -> Callable[[int], Sample]:
    """1-d convolutions of so many terms, four places wide."""

    def draws(seed: int) -> Sample:
        draw = RandomDraw(seed)
        shapes = (1, terms // 4, 7), (2, terms // 4, 4)
        return Sample(Conv((1,), (0, 0), (1,)), tuple(draw.array(s, DType.F32, kinds=FINITE) for s in shapes))

    return draws


def sums(terms: int) -> Callable[[int], Sample]:
    """Sums of so many terms."""

    def draws(seed: int) -> Sample:
        return Sample(ReduceSum((1,)), (RandomDraw(seed).array((3, terms), DType.F32, kinds=FINITE),))

    return draws


def square(op: Any, *ranks: int, size: int = 5) -> Callable[[int], Sample]:
    """Operands all of whose axes have one size, where mistakes of axes keep every shape."""

    def draws(seed: int) -> Sample:
        draw = RandomDraw(seed)
        return Sample(op, tuple(draw.array((size,) * rank, DType.F32, kinds=KINDS[:-1]) for rank in ranks))

    return draws


LONG: tuple[tuple[str, Callable[[int], Callable[[int], Sample]], int], ...] = (
    ("core.matmul", products, -1),
    ("nn.gemm", gemms, -1),
    ("core.conv", convolutions, 1),
    ("core.reduce_sum", sums, -1),
)


def contractions() -> Iterator[Fault]:
    """Terms dropped out of long sums, operands of too few digits, square operands transposed."""
    for terms in LENGTHS:
        for op, draws, axis in LONG:
            count = terms // 4 if op == "core.conv" else terms
            for label, place in (("last", count - 1), ("middle", count // 2)):
                gone = operand(0, lambda x, a=axis, p=place: one_zeroed(x, a, p))  # type: ignore[misc]
                yield Fault("dropped term", op, f"the {label} of {terms} terms", gone, draws(terms))
    for terms in (64, 1024, 4096):
        for narrow in (DType.F16, DType.BF16):
            for op, draws, _ in LONG:
                yield Fault(
                    "narrow operands", op, f"{narrow} operand, {terms} terms", operand(0, through(narrow)), draws(terms)
                )
    kind = "transposed square"
    for product, index in ((MatMul(), 0), (MatMul(), 1), (Gemm(), 1)):
        turned = operand(index, lambda x: x.transpose(1, 0))
        yield Fault(kind, product.name, f"operand {index}", turned, square(product, 2, 2))
    plain = Conv((1, 1), (1,) * 4, (1, 1))
    yield Fault(kind, "core.conv", "kernel", operand(1, lambda w: w.transpose(0, 1, 3, 2)), square(plain, 4, 4))
    yield Fault(
        kind, "core.conv", "channels of the weight", operand(1, lambda w: w.transpose(1, 0, 2, 3)), square(plain, 4, 4)
    )
    for name in ("core.conv", "core.conv_transpose"):
        yield Fault(
            "kernel flipped", name, "convolution for correlation", operand(1, lambda w: reverse(w, *range(2, w.rank)))
        )
    yield Fault("channel order", "core.conv", "groups interleaved", formula(_interleaved))
    yield Fault("channel order", "nn.group_norm", "groups interleaved", _interleaved_norm)
    yield Fault("matrices", "math.det", "rows exchanged", operand(0, lambda x: reverse(x, -2)))


def _interleaved(op: Any, x: Expr, w: Expr, *rest: Expr) -> Expr | None:
    if op.groups == 1 or op.layout != "channels_first":
        return None
    shuffled = _shuffled(x, op.groups)
    return Expr(x.b, x.b(op, shuffled.value, w.value, *(r.value for r in rest if r is not None)))


def _shuffled(x: Expr, groups: int) -> Expr:
    channels = x.value.tensor.dims[1]
    assert isinstance(channels, int)
    order = np.arange(channels).reshape(groups, -1).T.ravel()
    return x.gather(x.constant(order), 1)


def _interleaved_norm(b: Any, op: Any, operands: Any) -> Any:
    x = Expr(b, operands[0])
    if op.groups == 1:
        return None
    channels = x.value.tensor.dims[1]
    assert isinstance(channels, int)
    back = np.argsort(np.arange(channels).reshape(op.groups, -1).T.ravel())
    y = Expr(b, b(op, _shuffled(x, op.groups).value))
    y = y.gather(y.constant(back), 1)
    for parameter, how in zip(operands[1:], (y.__class__.__mul__, y.__class__.__add__), strict=False):
        y = y if parameter is None else how(y, Expr(b, parameter).along(1, y.rank))
    return (y.value,)


def quantized(op: Any, dtype: DType) -> Callable[[int], Sample]:
    """A square, and a scale for each of its columns."""

    def draws(seed: int) -> Sample:
        draw = RandomDraw(seed)
        x, scale = draw.array((5, 5), dtype, kinds=FINITE), np.exp2(draw.rng.normal(size=5))
        return Sample(op, (x, scale.astype(np.float32)))

    return draws


def broadcasts() -> Iterator[Fault]:
    """Vectors along the wrong axis, where both fit."""
    kind = "wrong broadcast"
    for op in (Add(), Sub(), Mul(), Max()):
        yield Fault(kind, op.name, "a vector along the rows", operand(1, lambda v: v.expand(1)), square(op, 2, 1))
    yield Fault(
        kind,
        "nn.batch_norm",
        "parameters along another axis",
        attribute(axis=lambda _: 2),
        square(BatchNorm(), 3, 1, 1, 1, 1),
    )
    yield Fault(
        kind, "nn.layer_norm", "scale along the rows", operand(1, lambda v: v.expand(1)), square(LayerNorm(), 2, 1, 1)
    )
    for turned, dtype in ((Quantize(), DType.F32), (Dequantize(), DType.I8)):
        detail = "scales along another axis"
        yield Fault(kind, turned.name, detail, attribute(axis=lambda _: 0), quantized(turned, dtype))
    yield Fault(kind, "nn.instance_norm", "scale and shift exchanged", exchanged(1, 2), square(InstanceNorm(), 3, 1, 1))
    yield Fault(kind, "nn.batch_norm", "mean and variance exchanged", exchanged(3, 4))
    yield Fault(kind, "nn.gemm", "bias along the rows", operand(2, lambda v: v.expand(1)), square(Gemm(), 2, 2, 1))
    yield Fault(kind, "nn.tile", "elements repeated, not the whole", formula(_repeated))


def _repeated(_: Any, x: Expr, repeats: Expr) -> Expr | None:
    if x.rank != 1:
        return None
    whole = x.b(Tile(), x.expand(1).value, Expr(x.b, repeats.constant([1]).value).concat(repeats).value)
    return Expr(x.b, whole).reshape([-1])


def variances() -> Iterator[Fault]:
    """Norms by another formula."""
    for name, axes in (("nn.layer_norm", None), ("nn.instance_norm", 2)):
        for detail, unbiased, inside in (("unbiased variance", True, True), ("eps outside the root", False, False)):
            kind = "variance" if unbiased else "eps"
            yield Fault(kind, name, detail, formula(_standardized(axes, unbiased, inside)))
    yield Fault("variance", "nn.mean", "over one element less", formula(_mean_of_less))


def _standardized(first: int | None, unbiased: bool, inside: bool) -> Any:
    def compute(op: Any, x: Expr, scale: Expr | None = None, shift: Expr | None = None) -> Expr | None:
        start = op.axis % x.rank if first is None else first
        sizes = [x.value.tensor.dims[a] for a in range(start, x.rank)]
        count = int(np.prod([s for s in sizes if isinstance(s, int)]))
        if count < 2 or scale is not None:
            return None
        axes, wide = range(start, x.rank), x.wide()
        centred = wide - wide.mean(axes)
        variance = (centred * centred).mean(axes) * (count / (count - 1) if unbiased else 1.0)
        root = (variance + op.epsilon).sqrt() if inside else variance.sqrt() + op.epsilon
        return (centred / root).to(x.dtype) if shift is None else None

    return compute


def _mean_of_less(op: Any, x: Expr) -> Expr | None:
    count = int(np.prod([x.value.tensor.dims[a] for a in op.axes]))
    return None if count < 2 else Expr(x.b, x.b(op, x.value)) * (count / (count - 1))


def contraction_faults() -> Iterator[Fault]:
    """All of them."""
    for family in (contractions, broadcasts, variances):
        yield from family()
