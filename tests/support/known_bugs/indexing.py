"""Indices, ties, broadcasts."""

from __future__ import annotations

import numpy as np

from support.known_bugs.bug import F4, I8, bug, values

TABLE = values(3, 4)
ZEROS = np.zeros(4, F4)
TIES = np.array([1, 3, 3, 2], F4)
BUGS = [
    bug(
        "updates-at-one-place-add-up",
        'y0 = ScatterElements<axis=0, reduction="add">(x0, x1, x2)',
        (ZEROS, np.array([1, 1, 3]), np.array([1, 2, 4], F4)),
        np.array([0, 3, 0, 4]),
        np.array([0, 2, 0, 4]),
        opset=18,
    ),
    bug(
        "parts-at-one-place-add-up",
        'y0 = ScatterND<reduction="add">(x0, x1, x2)',
        (np.zeros((2, 2), F4), np.array([[1], [1]]), np.array([[1, 2], [3, 4]], F4)),
        np.array([[0, 0], [4, 6]]),
        np.array([[0, 0], [3, 4]]),
        opset=18,
    ),
    bug(
        "whole-parts-are-scattered",
        "y0 = ScatterND(x0, x1, x2)",
        (np.zeros((2, 2, 2), F4), np.array([[1, 0]]), np.array([[5, 6]], F4)),
        np.array([[[0, 0], [0, 0]], [[5, 6], [0, 0]]]),
        np.array([[[0, 0], [0, 0]], [[5, 0], [6, 0]]]),
    ),
    bug(
        "indices-from-the-end",
        "y0 = Gather<axis=1>(x0, x1)",
        (TABLE, np.array([-1, 0])),
        TABLE[:, [-1, 0]],
        TABLE[:, [0, 0]],
    ),
    bug(
        "indices-from-the-end-elementwise",
        "y0 = GatherElements<axis=0>(x0, x1)",
        (TABLE, np.array([[-1, 0, -3, 1]])),
        TABLE[[-1, 0, -3, 1], range(4)][None],
        TABLE[[0, 0, 0, 1], range(4)][None],
    ),
    bug(
        "the-first-of-equals",
        "y0 = ArgMax<axis=0, keepdims=0>(x0)",
        (TIES,),
        np.array(1),
        np.array(2),
        result=I8,
    ),
    bug(
        "the-last-of-equals-where-asked",
        "y0 = ArgMax<axis=0, keepdims=0, select_last_index=1>(x0)",
        (TIES,),
        np.array(2),
        np.array(1),
        result=I8,
    ),
    bug(
        "the-lowest-index-of-equals",
        "k = Constant<value_ints=[3]>() v, y0 = TopK(x0, k)",
        (TIES,),
        np.array([1, 2, 3]),
        np.array([2, 1, 3]),
        result=I8,
    ),
    bug(
        "expand-goes-both-ways",
        "s = Constant<value_ints=[2, 1, 1]>() y0 = Expand(x0, s)",
        (TABLE,),
        np.broadcast_to(TABLE, (2, 3, 4)),
        TABLE[:1, :1][None].repeat(2, axis=0),
    ),
]
