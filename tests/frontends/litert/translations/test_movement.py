"""Shapes, slices, indices, scatters, reductions and products, against LiteRT's kernels."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from interlingua.ir.dtypes import DType
from support.litert_cases import Case, Fed, Fixed, check, integers, noise

F32, I32, I64, BOOL = DType.F32, DType.I32, DType.I64, DType.BOOL
X = noise(3, 4, 5)


def ints(*values):
    return Fixed(np.array(values, np.int32))


def scalar(value):
    return Fixed(np.array(value, np.int32))


def strided(x, begin, end, strides, /, *, fed=False, steps_fed=False, **masks):
    operands = [np.array(v, np.int32) for v in (begin, end, strides)]
    operands = [v if given else Fixed(v) for v, given in zip(operands, (fed, fed, steps_fed), strict=True)]
    options = {f"{name}_mask": mask for name, mask in masks.items()}
    return Case(
        "STRIDED_SLICE",
        [x, *operands],
        ("StridedSliceOptions", options),
        note=f"{begin} {end} {strides} {fed} {steps_fed}",
    )


SHAPES = [
    Case("RESHAPE", [X, ints(4, -1)], ("ReshapeOptions", {})),
    Case("RESHAPE", [X], ("ReshapeOptions", {"new_shape": [2, -1, 6]})),
    Case("RESHAPE", [noise(1)], ("ReshapeOptions", {"new_shape": [0]})),
    Case("RESHAPE", [X, np.array([5, 12], np.int32)], ("ReshapeOptions", {}), note="fed"),
    Case("SQUEEZE", [noise(1, 3, 1, 2)], ("SqueezeOptions", {"squeeze_dims": [0, -2]})),
    Case("SQUEEZE", [noise(1, 3, 1, 2)], ("SqueezeOptions", {"squeeze_dims": []})),
    *(Case("EXPAND_DIMS", [X, scalar(axis)], ("ExpandDimsOptions", {}), note=str(axis)) for axis in (0, 2, -1, -3)),
    *(Case("TRANSPOSE", [X, ints(*p)], ("TransposeOptions", {}), note=str(p)) for p in [(2, 0, 1), (0, 2, 1)]),
    *(
        Case("CONCATENATION", [noise(2, 3), noise(2, 3), Fixed(noise(2, 3))], ("ConcatenationOptions", {"axis": a}))
        for a in (0, 1, -1)
    ),
    *(
        Case("PACK", [noise(2, 3), noise(2, 3)], ("PackOptions", {"axis": axis, "values_count": 2}))
        for axis in (0, 1, 2, -1)
    ),
    *(Case("UNPACK", [noise(2, 3, 2)], ("UnpackOptions", {"axis": a, "num": 2}), [F32, F32]) for a in (0, 2, -1)),
    *(
        Case("SPLIT", [scalar(axis), noise(4, 6)], ("SplitOptions", {"num_splits": 2}), [F32, F32], note=str(axis))
        for axis in (0, -1)
    ),
    *(
        Case(
            "SPLIT_V",
            [noise(3, 6), ints(*sizes), scalar(1)],
            ("SplitVOptions", {"num_splits": 3}),
            [F32] * 3,
            note=str(sizes),
        )
        for sizes in [(1, 2, 3), (2, -1, 2)]
    ),
    *(
        Case(
            "SPLIT_V",
            [noise(3, 6), np.int32(sizes), scalar(1)],
            ("SplitVOptions", {"num_splits": 3}),
            [F32] * 3,
            note=f"{sizes} fed",
        )
        for sizes in [(1, 2, 3), (2, -1, 2)]
    ),
    *(
        Case("TILE", [noise(2, 3), r], ("TileOptions", {}), note=str(i))
        for i, r in enumerate([ints(2, 3), np.int32([1, 2])])
    ),
    Case("BROADCAST_TO", [noise(3, 1), ints(2, 3, 4)], ("BroadcastToOptions", {}), version=2),
    Case("BROADCAST_ARGS", [ints(3, 1), ints(2, 1, 4)], outputs=[I32]),
    Case("BROADCAST_ARGS", [np.int32([3, 1]), np.int32([2, 1, 4])], outputs=[I32], note="fed"),
    *(Case("SHAPE", [X], ("ShapeOptions", {"out_type": t}), [d]) for t, d in [(2, I32), (4, I64)]),
    Case("RANK", [X], ("RankOptions", {}), [I32]),
    Case("FILL", [ints(2, 3), Fixed(np.float32(2.5))], ("FillOptions", {})),
    Case("FILL", [np.int32([2, 3]), np.float32(2.5)], ("FillOptions", {}), note="fed"),
    Case("ZEROS_LIKE", [X], ("ZerosLikeOptions", {})),
    Case("RANGE", [np.int32(1), np.int32(9), np.int32(3)], ("RangeOptions", {}), [I32]),
    Case("RANGE", [np.float32(1), np.float32(-2), np.float32(-0.7)], ("RangeOptions", {})),
    *(Case("REVERSE_V2", [X, ints(*a)], ("ReverseV2Options", {}), note=str(a)) for a in [(0,), (2,), (1, 2)]),
    *(
        Case(
            "REVERSE_SEQUENCE",
            [noise(3, 4, 2), Fixed(np.array(lengths, np.int32))],
            ("ReverseSequenceOptions", {"seq_dim": s, "batch_dim": b}),
        )
        for s, b, lengths in [(1, 0, [1, 4, 3]), (0, 1, [1, 2, 3, 2])]
    ),
]
SLICES = [
    *(
        Case("SLICE", [X, b if fed else Fixed(b), s if fed else Fixed(s)], ("SliceOptions", {}), note=f"{b} {s} {fed}")
        for b, s in [(np.int32([0, 1, 2]), np.int32([2, -1, 2])), (np.int32([1, 0, 4]), np.int32([-1, 4, 1]))]
        for fed in (False, True)
    ),
    strided(X, [0, 1, 0], [3, 4, 5], [1, 2, 2]),
    strided(X, [-1, 3, 4], [-4, 0, -6], [-1, -2, -1]),
    strided(X, [1, 1, 1], [0, 0, 0], [1, 1, 1], begin=5, end=7),
    strided(X, [1, 1, 1], [2, 2, 2], [-1, -2, -1], begin=7, end=7),
    strided(X, [1, 0, -2], [2, 4, 5], [1, 1, 1], shrink_axis=5),
    strided(X, [1, 0, 2], [2, 4, 3], [1, 1, 1], shrink_axis=1, begin=2, end=6),
    strided(X, [0, 0, 1], [0, 0, 3], [1, 1, 1], ellipsis=1),
    strided(X, [1, 0, 1], [2, 0, 3], [1, 1, 1], ellipsis=2),
    strided(X, [0, 1], [0, 3], [1, 1], new_axis=1),
    strided(X, [0, 0, 1, 2], [3, 0, 2, 4], [1, 1, 1, 1], new_axis=2, shrink_axis=4),
    strided(X, [0, 1], [2, 3], [1, 1]),
    strided(X, [0, 1, 0], [9, 9, 9], [1, 2, 2]),
    strided(X, [2, 1, 2], [1, 4, 3], [1, 1, 1]),
    strided(X, [0, 1, 0], [3, 4, 5], [1, 2, 2], fed=True),
    strided(X, [1, 1, -1], [3, 4, 5], [1, 2, 1], fed=True, shrink_axis=4, end=1),
    strided(noise(5), [1], [2], [1], shrink_axis=1),
    Case(
        "STRIDED_SLICE",
        [noise(5), Fed(np.int32([1]), open_dims=(0,)), ints(4), ints(1)],
        ("StridedSliceOptions", {}),
        note="of a vector of open length",
    ),
    strided(X, [0, 3, 4], [3, 0, -6], [1, -2, -1], steps_fed=True),
    strided(X, [1, 1, 1], [0, 2, 2], [-1, 2, -1], steps_fed=True, begin=3, end=6),
    strided(X, [1, 1, -1], [3, 0, 5], [1, -1, 1], fed=True, steps_fed=True, shrink_axis=4, end=2),
]
INDICES = [
    *(
        Case("GATHER", [X, i], ("GatherOptions", {"axis": a}), note=str(np.shape(i)))
        for a in (0, 1, -1)
        for i in (np.int32([2, 0, 1]), np.int64([[0, 1], [2, 2]]), np.int32(1))
    ),
    *(
        Case("GATHER", [noise(2, 3, 4, 5), i], ("GatherOptions", {"axis": a, "batch_dims": n}), note=str(i.shape))
        for a, n, i in [
            (1, 1, integers(2, 3, low=0, high=3)),
            (2, 1, integers(2, 3, low=0, high=4)),
            (3, 2, integers(2, 3, 2, low=0, high=5)),
            (2, 1, integers(2, 3, 2, low=0, high=4)),
            (2, 0, integers(2, 3, low=0, high=4)),
        ]
    ),
    *(
        Case("GATHER_ND", [X, i], ("GatherNdOptions", {}), note=str(i.shape))
        for i in (np.int32([[2, 1], [0, 3]]), np.int64([[[1], [0]]]), np.int32([[2, 1, 4]]))
    ),
    *(
        Case(
            "ONE_HOT",
            [np.int32([[0, 2, -1], [1, 5, 3]]), scalar(4), Fixed(np.float32(2)), Fixed(np.float32(-1))],
            ("OneHotOptions", {"axis": axis}),
        )
        for axis in (-1, 0, 1)
    ),
    *(Case("WHERE", [x], ("WhereOptions", {}), [I64]) for x in (integers(3, 4, low=0, high=2, dtype=bool),)),
    Case("EMBEDDING_LOOKUP", [np.int32([2, 0, 2]), noise(4, 3)]),
    *(
        Case("SCATTER_ND", [i, u, s], ("ScatterNdOptions", {}), note=str(k))
        for k, (i, u, s) in enumerate(
            [
                (np.int32([[1], [3], [1]]), noise(3), ints(5)),
                (np.int32([[1, 0], [2, 2]]), noise(2, 4), ints(3, 3, 4)),
                (np.int32([[0], [2]]), noise(2, 3), np.int32([4, 3])),
            ]
        )
    ),
    Case("SEGMENT_SUM", [noise(5, 2), np.int32([0, 0, 1, 2, 2])], ("SegmentSumOptions", {})),
    *(
        Case(
            f"UNSORTED_SEGMENT_{how}",
            [noise(6, 2), Fixed(np.int32([2, 0, 2, -1, 4, 0])), scalar(6)],
            (f"UnsortedSegment{how.capitalize()}Options", {}),
        )
        for how in ("SUM", "PROD", "MIN", "MAX")
    ),
    *(
        Case("SPARSE_TO_DENSE", [i, s, v, Fixed(np.float32(-1))], ("SparseToDenseOptions", {}), note=str(k))
        for k, (i, s, v) in enumerate(
            [
                (np.int32(2), ints(5), Fixed(np.float32(3))),
                (np.int32([1, 3]), ints(5), noise(2)),
                (np.int32([[0, 1], [2, 0]]), ints(3, 2), noise(2)),
                (np.int32([[0, 1], [2, 0]]), ints(3, 2), Fixed(np.float32(7))),
            ]
        )
    ),
    *(
        Case(
            "DYNAMIC_UPDATE_SLICE",
            [X, noise(2, 1, 3), np.int32(start)],
            ("DynamicUpdateSliceOptions", {}),
            note=str(start),
        )
        for start in ([1, 2, 1], [9, -3, 4])
    ),
    Case("MATRIX_DIAG", [noise(2, 3)], ("MatrixDiagOptions", {})),
    *(
        Case("MATRIX_SET_DIAG", [noise(2, *s), noise(2, min(s))], ("MatrixSetDiagOptions", {}), note=str(s))
        for s in [(3, 3), (2, 4), (4, 2)]
    ),
    *(
        Case("TOPK_V2", [noise(3, 6), k], ("TopKV2Options", {}), [F32, I32], note=str(i))
        for i, k in enumerate([scalar(3), np.int32(2)])
    ),
    Case("UNIQUE", [np.float32([3, 1, 3, 2, 1])], ("UniqueOptions", {"idx_out_type": 2}), [F32, I32]),
    Case("UNIQUE", [np.int64([3, 1, 3, 2, 1])], ("UniqueOptions", {"idx_out_type": 4}), [I64, I64]),
]
REDUCED = ("SUM", "MEAN", "REDUCE_PROD", "REDUCE_MAX", "REDUCE_MIN")
REDUCTIONS = [
    *(
        Case(op, [X, ints(*axes)], ("ReducerOptions", {"keep_dims": keep}), note=str(axes))
        for op, axes, keep in product(REDUCED, [(0,), (1, -1), (-2, 1), (0, 1, 2)], (False, True))
    ),
    *(Case(op, [integers(3, 4), ints(1)], ("ReducerOptions", {}), [I32], note="integers") for op in REDUCED),
    *(
        Case(op, [integers(3, 4, low=0, high=2, dtype=bool), ints(1)], ("ReducerOptions", {}), [BOOL])
        for op in ("REDUCE_ANY", "REDUCE_ALL")
    ),
    *(
        Case(
            op, [X, scalar(axis)], (f"Arg{op[4:].capitalize()}Options", {"output_type": code}), [dtype], note=str(axis)
        )
        for op in ("ARG_MAX", "ARG_MIN")
        for axis, code, dtype in [(0, 2, I32), (-1, 4, I64)]
    ),
    *(
        Case("CUMSUM", [X, scalar(axis)], ("CumsumOptions", {"exclusive": e, "reverse": r}), note=str(axis))
        for axis, e, r in product((0, -1), (False, True), (False, True))
    ),
]
PRODUCTS = [
    *(
        Case("BATCH_MATMUL", [noise(*a), b], ("BatchMatMulOptions", {"adj_x": ax, "adj_y": ay}), note=f"{a}")
        for a, b, ax, ay in [
            ((2, 3, 4), noise(2, 4, 5), False, False),
            ((2, 4, 3), noise(2, 4, 5), True, False),
            ((2, 3, 4), noise(2, 5, 4), False, True),
            ((2, 4, 3), noise(2, 5, 4), True, True),
            ((2, 1, 3, 4), noise(3, 4, 5), False, False),
            ((3, 4), Fixed(noise(4, 5)), False, False),
        ]
    ),
    *(
        Case(
            "FULLY_CONNECTED",
            [x, Fixed(noise(5, 4)), b],
            ("FullyConnectedOptions", {"keep_num_dims": k, "fused_activation_function": f}),
            note=f"{np.shape(getattr(x, 'array', x))} {b is None} {getattr(x, 'open_dims', '')}",
        )
        for x in (
            *(noise(3, 4), noise(2, 3, 4)),
            *(Fed(noise(2, 3, 4), open_dims=(0, 1)), Fed(noise(3, 4), open_dims=(0, 1))),
        )
        for k in (False, True)
        for b, f in [(Fixed(noise(5)), 0), (None, 1)]
    ),
    Case("FULLY_CONNECTED", [noise(2, 3, 8), Fixed(noise(5, 4)), None], ("FullyConnectedOptions", {}), note="folded"),
]


@pytest.mark.parametrize("case", [*SHAPES, *SLICES, *INDICES, *REDUCTIONS, *PRODUCTS], ids=lambda case: case.label)
def test_as_the_kernel(case: Case) -> None:
    check(case)
