"""Python's cycle collector, out of the way of graph building."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No cycle collection inside.

    A graph of 50,000 nodes is some million objects that all stay: collecting while it grows walks them again and again
    and frees nothing. It is what makes a node of a large graph cost more than one of a small graph.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
