"""Which claims of ops a nightly run reached: each test tells it in its report, whichever process it ran in."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

PROPERTY = "claim"
"""The property of a test's report: op, dtype, rank, and whether a sample was drawn."""


def nightly(config: pytest.Config) -> bool:
    """Whether the long campaigns were asked for."""
    expression = config.getoption("markexpr", "")
    return "nightly" in expression and "not nightly" not in expression


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """What was claimed and reached, op by op."""
    reports = [r for key in ("passed", "failed") for r in terminalreporter.stats.get(key, []) if r.when == "call"]
    found = [value for report in reports for name, value in report.user_properties if name == PROPERTY]
    if not found or not nightly(config):
        return
    rows = defaultdict(list)
    for op, dtype, rank, reached in found:
        rows[op].append((dtype, rank, reached))
    terminalreporter.section("claims reached")
    terminalreporter.line("| op | dtypes | ranks | claims | reached |")
    terminalreporter.line("|---|---|---|---|---|")
    for op in sorted(rows):
        dtypes, ranks, reached = zip(*rows[op], strict=True)
        cells = [op, " ".join(sorted(set(dtypes))), " ".join(sorted(set(ranks))), len(reached), sum(reached)]
        terminalreporter.line(f"| {' | '.join(map(str, cells))} |")
