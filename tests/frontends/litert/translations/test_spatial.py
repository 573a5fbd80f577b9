"""Convolutions, poolings, resampling and blocks, against LiteRT's kernels."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from interlingua.ir.dtypes import DType
from support.litert_cases import Case, Fed, Fixed, check, integers, noise

PADDING = {"SAME": 0, "VALID": 1}
OPEN = (0, 1, 2)


def plane(padding: int, sh: int = 1, sw: int = 1, dh: int = 1, dw: int = 1, **more: int) -> dict[str, int]:
    named = {"padding": padding, "stride_h": sh, "stride_w": sw, "dilation_h_factor": dh, "dilation_w_factor": dw}
    return {**named, **more}


def conv(size, out, kernel, options, *, channels=3, each=3, open_dims=()):
    x = Fed(noise(2, *size, channels), open_dims=open_dims)
    operands = [x, Fixed(noise(out, *kernel, each)), Fixed(noise(out))]
    return Case("CONV_2D", operands, ("Conv2DOptions", options), note=f"{size} {kernel} {channels} {open_dims}")


def depthwise(size, kernel, multiplier, options, *, open_dims=()):
    filters = Fixed(noise(1, *kernel, 3 * multiplier))
    operands = [Fed(noise(2, *size, 3), open_dims=open_dims), filters, Fixed(noise(3 * multiplier))]
    options = {**options, "depth_multiplier": multiplier}
    return Case("DEPTHWISE_CONV_2D", operands, ("DepthwiseConv2DOptions", options), note=f"{size} {kernel} {open_dims}")


def transposed(out, kernel, stride, padding, size, *, bias=True):
    shape = np.array([1, *out, 4], np.int32)
    operands = [Fixed(shape), Fixed(noise(4, *kernel, 3)), noise(1, *size, 3)]
    options = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
    return Case(
        "TRANSPOSE_CONV",
        [*operands, Fixed(noise(4))] if bias else operands,
        ("TransposeConvOptions", options),
        version=3 if bias else 1,
        note=f"{out} {kernel} {bias}",
    )


def space(padding: int, stride: int = 1, dilation: int = 1) -> dict[str, int]:
    strides = {f"stride_{a}": stride for a in "dhw"}
    return {"padding": padding, **strides, **{f"dilation_{a}_factor": dilation for a in "dhw"}}


def pool(op, size, window, stride, padding, *, open_dims=(), activation=0):
    options = {"padding": padding, "filter_height": window[0], "filter_width": window[1]}
    options |= {"stride_h": stride[0], "stride_w": stride[1], "fused_activation_function": activation}
    x = Fed(noise(2, *size, 3), open_dims=open_dims)
    return Case(op, [x], ("Pool2DOptions", options), note=f"{size} {open_dims}")


def resize(op, size, out, align, half, *, fixed=True):
    sizes = np.array(out, np.int32)
    kind = "ResizeBilinearOptions" if op == "RESIZE_BILINEAR" else "ResizeNearestNeighborOptions"
    options = {"align_corners": align, "half_pixel_centers": half}
    operands = [noise(1, *size, 2), Fixed(sizes) if fixed else sizes]
    return Case(op, operands, (kind, options), note=f"{size} to {out} {fixed}")


POOLS = ("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D")
CASES = [
    *(
        conv((7, 8), 4, kernel, plane(p, *stride))
        for kernel, stride, p in product([(3, 3), (2, 4), (1, 1)], [(1, 1), (2, 3)], PADDING.values())
    ),
    *(conv((9, 8), 4, (3, 2), plane(p, 1, 1, 2, 3)) for p in PADDING.values()),
    conv((7, 8), 4, (3, 3), plane(0, 2, 2, fused_activation_function=3)),
    conv((7, 8), 6, (3, 3), plane(0), channels=6, each=2),
    conv((2, 9), 4, (1, 1), plane(0, 3, 4)),
    *(conv((7, 8), 4, (3, 2), plane(p, *s), open_dims=OPEN) for p, s in product(PADDING.values(), [(1, 1), (2, 3)])),
    conv((7, 8), 4, (3, 2), plane(0, 2, 3), open_dims=(1,)),
    *(
        depthwise((7, 8), kernel, m, plane(p, *stride))
        for kernel, m, stride, p in product([(3, 3), (2, 4)], [1, 2], [(1, 1), (2, 2)], PADDING.values())
    ),
    depthwise((9, 9), (3, 3), 1, plane(0, 1, 1, 2, 2)),
    depthwise((7, 8), (3, 3), 1, plane(0, 2, 2, fused_activation_function=1), open_dims=OPEN),
    *(
        transposed(out, (3, 3), (2, 2), p, size)
        for p, out, size in [(0, (8, 9), (4, 5)), (0, (7, 10), (4, 5)), (1, (9, 11), (4, 5)), (1, (10, 12), (4, 5))]
    ),
    transposed((4, 5), (2, 4), (1, 1), 0, (4, 5), bias=False),
    transposed((8, 10), (1, 1), (2, 2), 0, (4, 5)),
    *(
        Case(
            "CONV_3D",
            [noise(1, 4, 5, 6, 3), Fixed(noise(2, 3, 2, 3, 4)), Fixed(noise(4))],
            ("Conv3DOptions", space(p, s, d)),
        )
        for p, s, d in [(0, 1, 1), (0, 2, 1), (1, 1, 1), (1, 2, 1), (0, 1, 2)]
    ),
    *(
        Case(
            "CONV_3D_TRANSPOSE",
            [Fixed(np.array([1, *out, 2], np.int32)), Fixed(noise(2, 3, 2, 2, 3)), noise(1, 2, 3, 4, 3)],
            ("Conv3DOptions", space(p, s)),
            note=str(out),
        )
        for p, s, out in [(0, 1, (2, 3, 4)), (0, 2, (4, 6, 8)), (1, 1, (3, 5, 5)), (1, 2, (4, 7, 8))]
    ),
    *(
        pool(op, (7, 8), window, stride, p)
        for op, window, stride, p in product(POOLS, [(2, 3), (3, 3)], [(1, 1), (2, 2)], PADDING.values())
    ),
    *(pool(op, (7, 8), (3, 2), (2, 3), 0, open_dims=OPEN) for op in POOLS),
    *(pool(op, (7, 8), (3, 2), (2, 2), 1, activation=1) for op in POOLS),
    *(
        resize(op, size, out, align, half, fixed=fixed)
        for op, (size, out), (align, half), fixed in product(
            ("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"),
            [((4, 5), (8, 10)), ((5, 7), (3, 4)), ((6, 5), (9, 13)), ((4, 4), (1, 1))],
            [(False, False), (True, False), (False, True)],
            (True, False),
        )
    ),
    resize("RESIZE_NEAREST_NEIGHBOR", (10, 6), (30, 41), False, False),
    *(Case("SPACE_TO_DEPTH", [x], ("SpaceToDepthOptions", {"block_size": 2})) for x in (noise(2, 4, 6, 3),)),
    *(Case("DEPTH_TO_SPACE", [x], ("DepthToSpaceOptions", {"block_size": 2})) for x in (noise(2, 2, 3, 12),)),
    *(
        Case(
            "SPACE_TO_BATCH_ND",
            [x, Fixed(np.int32(block)), Fixed(np.int32(pads))],
            ("SpaceToBatchNDOptions", {}),
            note=str(pads),
        )
        for x, block, pads in [
            (noise(2, 4, 6, 3), (2, 3), [[0, 0], [0, 0]]),
            (noise(2, 3, 5, 3), (2, 3), [[1, 0], [2, 2]]),
            (noise(2, 4, 3), (2,), [[1, 1]]),
            (Fed(noise(2, 3, 5, 3), open_dims=OPEN), (2, 3), [[1, 0], [2, 2]]),
        ]
    ),
    *(
        Case(
            "BATCH_TO_SPACE_ND",
            [x, Fixed(np.int32(block)), Fixed(np.int32(crops))],
            ("BatchToSpaceNDOptions", {}),
            note=str(crops),
        )
        for x, block, crops in [
            (noise(12, 4, 6, 3), (2, 3), [[0, 0], [0, 0]]),
            (noise(12, 3, 5, 3), (2, 3), [[1, 0], [2, 2]]),
            (noise(4, 4, 3), (2,), [[1, 1]]),
            (Fed(noise(12, 3, 5, 3), open_dims=OPEN), (2, 3), [[0, 1], [2, 0]]),
        ]
    ),
    Case(
        "LOCAL_RESPONSE_NORMALIZATION",
        [noise(1, 3, 4, 7)],
        ("LocalResponseNormalizationOptions", {"radius": 2, "bias": 1.5, "alpha": 0.3, "beta": 0.6}),
    ),
    Case("L2_NORMALIZATION", [noise(2, 3, 4)], ("L2NormOptions", {})),
    Case("L2_NORMALIZATION", [np.zeros((2, 4), np.float32)], ("L2NormOptions", {}), note="zeros"),
    *(
        Case("MIRROR_PAD", [x, Fixed(np.int32(pads))], ("MirrorPadOptions", {"mode": mode}), note=str(pads))
        for x, pads in [(noise(3, 4), [[1, 2], [0, 3]]), (noise(4), [[2, 2]])]
        for mode in (0, 1)
    ),
    *(
        Case("PAD", [x, pads if fed else Fixed(pads)], ("PadOptions", {}), note=str(fed))
        for x, pads in [(noise(3, 4), np.int32([[1, 2], [0, 3]]))]
        for fed in (False, True)
    ),
    Case("PADV2", [noise(3, 4), Fixed(np.int32([[1, 2], [0, 3]])), Fixed(np.float32(7))], ("PadV2Options", {})),
    Case("PAD", [integers(3, 4), Fixed(np.int32([[1, 2], [0, 3]]))], ("PadOptions", {}), [DType.I32], note="int32"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_as_the_kernel(case: Case) -> None:
    check(case)
