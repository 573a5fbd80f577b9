"""Peak memory of this process.

``ru_maxrss`` will not do: on Linux a process inherits it from the one that started it, through ``exec`` as well.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak() -> int:
    """Bytes of resident memory at the most, since the start or since :func:`forget`."""
    if _STATUS.is_file():
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def forget() -> None:
    """Let the peak be what is resident now, where the system can do that."""
    if _STATUS.is_file():
        Path("/proc/self/clear_refs").write_text("5")
