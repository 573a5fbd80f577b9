"""StableHLO's ops: against LiteRT's kernels where it has any, else against the specification in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import interlingua
from interlingua.errors import InvalidModel, UnsupportedOps
from interlingua.frontends.litert.translations.stablehlo import TABLE
from interlingua.ir.dtypes import DType
from support.derived import check_derived
from support.litert_cases import Case, check, integers, interpreted, noise, packed, positive
from support.litert_models import Model

F32, I32, BOOL = DType.F32, DType.I32, DType.BOOL
WHOLE = tuple(np.dtype(f"{kind}{bits}").type for kind in ("int", "uint") for bits in (8, 16, 32, 64))
NUMBERS = (np.float16, np.float32, np.float64, *WHOLE)
ARITHMETIC = ("STABLEHLO_ADD", "STABLEHLO_MULTIPLY", "STABLEHLO_MAXIMUM", "STABLEHLO_MINIMUM")


def numbers(dtype: Any, low: int = -9, high: int = 10) -> Any:
    """Whole numbers, none of them negative where the dtype has none."""
    return integers(2, 3, low=0 if np.dtype(dtype).kind in "ub" else low, high=high, dtype=dtype)


def two(op: str, a: Any, b: Any, note: str = "") -> Case:
    return Case(op, [a, b], outputs=[DType.of(a)], note=f"{a.dtype} {note}".strip())


def far(dtype: Any) -> Case:
    """Shifts by as many bits as there are and more: nothing is left. From 32 on C++ leaves the kernel's undefined."""
    bits = np.iinfo(dtype).bits
    amounts = np.array([0, 1, bits - 1, min(bits, 31), min(bits + 1, 31), 31], dtype)
    return two("STABLEHLO_SHIFT_LEFT", np.array([7, -3, 5, 7, 3, -1], dtype), amounts, "far")


TRUTH = np.array([[False, False], [True, True]]), np.array([[False, True], [False, True]])
GREATEST = np.array([2**31 - 1, -(2**31), 7], np.int32)
CASES = [
    *(two(op, numbers(d), numbers(d)) for op in ARITHMETIC for d in NUMBERS),
    *(two(op, *TRUTH) for op in (*ARITHMETIC, "STABLEHLO_AND")),
    *(two(op, GREATEST, GREATEST, "wraps") for op in ("STABLEHLO_ADD", "STABLEHLO_MULTIPLY")),
    *(two("STABLEHLO_AND", numbers(d), numbers(d)) for d in WHOLE),
    *(two("STABLEHLO_SHIFT_LEFT", numbers(d), numbers(d, 0, 7)) for d in (np.int8, np.int16, np.int32)),
    *(far(d) for d in (np.int8, np.int16, np.int32)),
    Case("STABLEHLO_ADD", [np.float32(1), np.float32(2)], note="scalars"),
    Case("STABLEHLO_ADD", [noise(0, 3), noise(0, 3)], note="empty"),
]
RUN = {case.op for case in CASES} | {"STABLEHLO_COMPOSITE"}
"""The ops that LiteRT has kernels of, among those that are read."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_as_the_kernel(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("op", ["STABLEHLO_MAXIMUM", "STABLEHLO_MINIMUM"])
def test_only_the_kernel_loses_a_nan(op: str) -> None:
    """That of the second operand; the specification keeps both."""
    data, fed = packed(two(op, np.float32([np.nan, 1]), np.float32([1, np.nan])))
    assert np.isnan(interpreted(data, fed)[0]).tolist() == [True, False]
    assert np.isnan(interlingua.evaluate(interlingua.load(data), fed)["y0"]).all()


@dataclass(frozen=True)
class Specified:
    """An op without a kernel, and what the specification says of its operands."""

    case: Case
    means: Callable[..., Any]


def one(op: str, x: Any, means: Callable[..., Any], options: Any = None, out: DType | None = None) -> Specified:
    return Specified(Case(op, [x], options, [out or DType.of(x)], note=str(x.dtype)), means)


def pair(op: str, a: Any, b: Any, means: Callable[..., Any]) -> Specified:
    return Specified(two(op, a, b), means)


X, P, J = noise(2, 3), positive(2, 3), integers(2, 3)
K = np.array([[1, -2, 3], [-4, 5, -6]], np.int32)
B, C = integers(2, 3, low=0, high=2, dtype=bool), integers(2, 3, low=0, high=2, dtype=bool)
WINDOW = {"start_indices": [0, 1], "limit_indices": [2, 3], "strides": [1, 2]}
DIRECTIONS = (np.equal, np.not_equal, np.greater_equal, np.greater, np.less_equal, np.less)
WITHOUT = [
    one("STABLEHLO_ABS", X, np.abs),
    one("STABLEHLO_ABS", J, np.abs),
    one("STABLEHLO_COSINE", X, np.cos),
    one("STABLEHLO_EXPONENTIAL", X, np.exp),
    one("STABLEHLO_FLOOR", 3 * X, np.floor),
    one("STABLEHLO_LOG", P, np.log),
    one("STABLEHLO_LOGISTIC", X, lambda x: 1 / (1 + np.exp(-x))),
    one("STABLEHLO_NEGATE", X, np.negative),
    one("STABLEHLO_NEGATE", J, np.negative),
    one("STABLEHLO_RSQRT", P, lambda x: 1 / np.sqrt(x)),
    one("STABLEHLO_TANH", X, np.tanh),
    pair("STABLEHLO_DIVIDE", X, P, np.divide),
    pair("STABLEHLO_DIVIDE", J, K, lambda a, b: np.trunc(a / b)),
    pair("STABLEHLO_REMAINDER", X, P, np.fmod),
    pair("STABLEHLO_REMAINDER", J, K, np.fmod),
    pair("STABLEHLO_POWER", P, X, np.power),
    pair("STABLEHLO_SUBTRACT", X, P, np.subtract),
    pair("STABLEHLO_SUBTRACT", GREATEST, -GREATEST, np.subtract),
    pair("STABLEHLO_OR", J, K, np.bitwise_or),
    pair("STABLEHLO_OR", B, C, np.logical_or),
    *(
        Specified(Case("STABLEHLO_SELECT", [c, X, P], note=f"{np.shape(c)}"), np.where)
        for c in (B, np.array(True), np.array(False))
    ),
    *(
        Specified(Case("STABLEHLO_COMPARE", [a, b], ("StablehloCompareOptions", {"comparison_direction": code}), [BOOL],
                       note=str(a.dtype)), means)
        for code, means in enumerate(DIRECTIONS)
        for a, b in ((np.float32([1, 2, np.nan]), np.float32([1, 1, np.nan])), (J, K))
    ),
    one("STABLEHLO_CONVERT", 4 * X, lambda x: x.astype(np.int32), out=I32),
    one("STABLEHLO_CONVERT", J, lambda x: x.astype(np.float32), out=F32),
    one("STABLEHLO_CONVERT", J, lambda x: x != 0, out=BOOL),
    one("STABLEHLO_SLICE", X, lambda x: x[0:2:1, 1:3:2], ("StablehloSliceOptions", WINDOW)),
    one("STABLEHLO_TRANSPOSE", X, np.transpose, ("StablehloTransposeOptions", {"permutation": [1, 0]})),
    Specified(
        Case("STABLEHLO_CONCATENATE", [X, P], ("StablehloConcatenateOptions", {"dimension": 1})),
        lambda a, b: np.concatenate([a, b], 1),
    ),
]  # fmt: skip


@pytest.mark.parametrize("specified", WITHOUT, ids=lambda s: s.case.label)
def test_as_the_specification(specified: Specified) -> None:
    """And LiteRT has no kernel still, or it would be a case of the kernels."""
    data, fed = packed(specified.case)
    module = interlingua.load(data)
    dtype = module.main.outputs[0].tensor.dtype.numpy
    exact = [x.astype(np.float64) if x.dtype.kind == "f" else x for x in fed.values()]
    check_derived(module, fed, {"y0": np.asarray(specified.means(*exact)).astype(dtype)})
    with pytest.raises(ValueError, match="Didn't find op"):
        interpreted(data, fed)


def reshaping(shape: list[int]) -> bytes:
    model = Model()
    graph = model.subgraph()
    x = graph.input("x", (2, 3))
    graph.outputs = [graph.tensor("y", [abs(d) for d in shape], signature=shape)]
    graph.op("STABLEHLO_RESHAPE", [x], graph.outputs)
    return model.pack()


def test_a_reshape_is_to_the_declared_shape() -> None:
    for shape in ([3, 2], [-1, 2], [6]):
        data = reshaping(shape)
        np.testing.assert_array_equal(interlingua.evaluate(interlingua.load(data), {"x": X})["y"], X.reshape(shape))
        with pytest.raises(ValueError, match="Didn't find op"):
            interpreted(data, {"x": X})


def test_a_reshape_to_several_open_dims_is_refused() -> None:
    with pytest.raises(UnsupportedOps, match="several dims"):
        interlingua.load(reshaping([-1, -1]))


def test_every_row_has_a_case() -> None:
    """Of the table of translations; composites are with the subgraphs."""
    assert RUN.isdisjoint(s.case.op for s in WITHOUT)
    assert TABLE.rows.keys() == (RUN - {"STABLEHLO_COMPOSITE"}) | {s.case.op for s in WITHOUT} | {"STABLEHLO_RESHAPE"}


@pytest.mark.parametrize("op", ["STABLEHLO_ADD", "STABLEHLO_AND", "STABLEHLO_SHIFT_LEFT", "STABLEHLO_COMPARE"])
def test_operands_of_different_shapes_are_damage(op: str) -> None:
    options = ("StablehloCompareOptions", {}) if op == "STABLEHLO_COMPARE" else None
    case = Case(op, [integers(2, 3), integers(1, 3)], options, [I32])
    with pytest.raises(InvalidModel, match="one shape"):
        interlingua.load(packed(case)[0])


def test_a_total_order_is_refused() -> None:
    """It sets -0.0 before 0.0 and has places for NaN."""
    case = Case("STABLEHLO_COMPARE", [X, P], ("StablehloCompareOptions", {"compare_type": 2}), [BOOL])
    with pytest.raises(UnsupportedOps, match="total order"):
        interlingua.load(packed(case)[0])


def test_a_composite_is_what_it_stands_for() -> None:
    from flatbuffers import flexbuffers

    model = Model()
    graph, inner = model.subgraph(), model.subgraph()
    x = graph.input("x", (2,))
    graph.outputs = [graph.tensor("y", (2,))]
    options = {"name": "own.twice", "decomposition_subgraph_index": 1}
    options |= {"composite_attributes": list(flexbuffers.Dumps({}))}
    graph.op("STABLEHLO_COMPOSITE", [x], graph.outputs, ("StableHLOCompositeOptions", options))
    a = inner.input("a", (2,))
    inner.outputs = [inner.tensor("b", (2,))]
    inner.op("ADD", [a, a], inner.outputs, ("AddOptions", {}))
    data, fed = model.pack(), {"x": noise(2)}
    np.testing.assert_array_equal(interlingua.evaluate(interlingua.load(data), fed)["y"], interpreted(data, fed)[0])
