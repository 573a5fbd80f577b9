"""Files of exported programs."""

from __future__ import annotations

import os
from typing import Any


def program_of(path: str | os.PathLike[str]) -> Any:
    """The ``ExportedProgram`` in a ``.pt2`` file."""
    import torch

    return torch.export.load(path)
