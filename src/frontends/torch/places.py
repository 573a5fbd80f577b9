"""Where in the user's program a node came from: file and line, and the module that it ran in."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

_FRAME = re.compile(r'File "([^"]+)", line (\d+)')
_OURS = str(Path(__file__).parents[2]) + os.sep


def location(node: Any) -> str:
    """``file:line`` of the innermost frame that is not PyTorch's own; empty where none is known."""
    trace = node.meta.get("stack_trace")
    return innermost(trace) if trace else ""


@lru_cache(maxsize=1024)
def innermost(trace: str) -> str:
    """``file:line`` of the innermost frame in the text of a traceback that is not PyTorch's own."""
    return location_of([(path, int(line), "") for path, line in _FRAME.findall(trace)])[0]


def location_of(frames: Sequence[tuple[str, int, str]]) -> tuple[str, str]:
    """``file:line`` of the innermost frame that is not PyTorch's own, and its text; both empty where there is none.

    Args:
        frames: file, line and text of each, outermost first.
    """
    own = [(f"{path}:{line}", text) for path, line, text in frames if own_frame(path)]
    return own[-1] if own else ("", "")


def own_frame(path: str) -> bool:
    """Whether a file is neither PyTorch's nor ours."""
    return bool(path) and not path.startswith(("<", "torch/", _package(), _OURS))


@lru_cache(maxsize=1)
def _package() -> str:
    import torch

    return str(Path(torch.__file__).parent) + os.sep


def scope(node: Any) -> tuple[str, str]:
    """The path of the module and the name of its class; empty where it is the model itself."""
    stack = node.meta.get("nn_module_stack")
    if not stack:
        return "", ""
    path, kind = next(reversed(stack.values()))
    name = kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"
    return (path, name) if not path.startswith("_empty") else ("", "")
