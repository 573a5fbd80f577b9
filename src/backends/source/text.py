"""Lines of Python source."""

from __future__ import annotations

from collections.abc import Iterable


def comment(text: str, width: int) -> str:
    """``text`` as a comment: one line of at most ``width`` characters, without control characters."""
    line = "# " + printable(text)
    return line if len(line) <= width else line[: width - 1] + "…"


def printable(text: str) -> str:
    """``text`` on one line, without control characters."""
    return "".join(c if c.isprintable() else " " for c in text)


def fill(items: Iterable[str], width: int) -> list[str]:
    """Items with a comma each, indented, as many on a line as it takes."""
    lines = ["   "]
    for item in items:
        if lines[-1].strip() and len(lines[-1]) + len(item) + 2 > width:
            lines.append("   ")
        lines[-1] += f" {item},"
    return lines
