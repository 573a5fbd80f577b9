"""Architectures by name, each a factory: ``LISTED``, and ``OTHERS`` of the same libraries."""

from __future__ import annotations

from benchmarks.torch.architectures import language, vision, written
from benchmarks.torch.architectures.base import Architecture, Factory

LISTED: dict[str, Factory] = {**vision.LISTED, **language.LISTED, **written.LISTED}
OTHERS: dict[str, Factory] = {**vision.OTHERS, **language.OTHERS, **written.OTHERS}
ARCHITECTURES: dict[str, Factory] = {**LISTED, **OTHERS}

__all__ = ["ARCHITECTURES", "LISTED", "OTHERS", "Architecture", "Factory"]
