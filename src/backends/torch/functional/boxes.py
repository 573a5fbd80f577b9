"""Boxes that overlap."""

from __future__ import annotations

import torch
from torch import Tensor


def nms(
    boxes: Tensor,
    scores: Tensor,
    limit: Tensor | None = None,
    iou_threshold: Tensor | None = None,
    score_threshold: Tensor | None = None,
    *,
    center: bool = False,
) -> Tensor:
    """Rows (example, class, box) of the boxes kept, best first in each class: those that overlap no better one by more
    than ``iou_threshold``, at most ``limit`` in a class."""
    most = 0 if limit is None else int(limit)
    bound = 0.0 if iou_threshold is None else float(iou_threshold)
    kept: list[tuple[int, int, int]] = []
    for n in range(scores.shape[0]) if most > 0 else ():
        overlaps = box_overlaps(boxes[n], center=center) > bound
        for c in range(scores.shape[1]):
            row = scores[n, c]
            order = (-row).argsort(stable=True)
            order = order[~row[order].isnan()]
            if score_threshold is not None:
                order = order[row[order] > score_threshold.reshape(())]
            chosen: list[int] = []
            for candidate in order.tolist():
                if len(chosen) < most and not bool(overlaps[candidate, chosen].any()):
                    chosen.append(candidate)
            kept += [(n, c, box) for box in chosen]
    return torch.tensor(kept, dtype=torch.int64).reshape(-1, 3)


def box_overlaps(boxes: Tensor, *, center: bool = False) -> Tensor:
    """The intersection over union of each box with each other; that of boxes without area is 0."""
    if center:
        half = boxes[:, 2:] / 2
        low, high = boxes[:, :2] - half, boxes[:, :2] + half
    else:
        low, high = torch.minimum(boxes[:, :2], boxes[:, 2:]), torch.maximum(boxes[:, :2], boxes[:, 2:])
    area = (high - low).prod(1)
    sides = torch.minimum(high.unsqueeze(1), high) - torch.maximum(low.unsqueeze(1), low)
    shared = sides.clamp(min=0).prod(-1)
    union = area.unsqueeze(1) + area - shared
    real = (area.unsqueeze(1) > 0) & (area > 0) & (union > 0)
    return torch.where(real, shared / torch.where(real, union, 1.0), 0.0)
