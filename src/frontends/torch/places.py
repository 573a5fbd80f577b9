"""Where in the user's program a node came from: file and line, and the module that it ran in."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

_FRAME = re.compile(r'File "([^"]+)", line (\d+)')


def location(node: Any) -> str:
    """``file:line`` of the innermost frame that is not PyTorch's own; empty where none is known."""
    trace = node.meta.get("stack_trace")
    return _last(trace) if trace else ""


@lru_cache(maxsize=1024)
def _last(trace: str) -> str:
    found = [(path, line) for path, line in _FRAME.findall(trace) if not path.startswith(("<", "torch/", _package()))]
    return "{}:{}".format(*found[-1]) if found else ""


@lru_cache(maxsize=1)
def _package() -> str:
    import torch

    return str(Path(torch.__file__).parent)


def scope(node: Any) -> tuple[str, str]:
    """The path of the module and the name of its class; empty where it is the model itself."""
    stack = node.meta.get("nn_module_stack")
    if not stack:
        return "", ""
    path, kind = next(reversed(stack.values()))
    name = kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"
    return (path, name) if not path.startswith("_empty") else ("", "")
