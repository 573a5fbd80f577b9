"""The claims that tests run over, the worker that they share, and the table of what was reached."""

from __future__ import annotations

import zlib
from collections import defaultdict

import pytest

from interlingua.equivalence.generators.claims import Claim, claims, some_claims
from interlingua.equivalence.generators.graphs import drawable
from interlingua.runtimes.workers import WarmWorker

REACHED = pytest.StashKey[dict[tuple[Claim, bool], bool]]()


def pytest_configure(config):
    config.stash[REACHED] = {}


def pytest_generate_tests(metafunc):
    """Of every op, each dtype and each rank once; all of their product in a nightly run."""
    if "claim" not in metafunc.fixturenames:
        return
    expression = metafunc.config.getoption("markexpr", "")
    full = "nightly" in expression and "not nightly" not in expression
    found = []
    for cls in drawable(random=True):
        few = set(some_claims(cls))
        for claim in claims(cls) if full else some_claims(cls):
            for symbolic in (False, True):
                usual = claim in few and symbolic == _dynamic(claim)
                if full or usual:
                    name = f"{claim}-{'dynamic' if symbolic else 'static'}"
                    marks = pytest.mark.nightly if full else ()
                    found.append(pytest.param(claim, symbolic, id=name, marks=marks))
    metafunc.parametrize("claim, symbolic", found)


def _dynamic(claim: Claim) -> bool:
    """Which of the two a claim is tested as in a plain run."""
    return bool(zlib.crc32(str(claim).encode()) % 2)


@pytest.fixture(scope="session")
def worker():
    with WarmWorker() as found:
        yield found


@pytest.fixture
def reached(request):
    """Notes that a claim was reached."""
    return request.config.stash[REACHED]


def pytest_terminal_summary(terminalreporter, config):
    """What was claimed and reached, op by op, after a nightly run."""
    found = config.stash[REACHED]
    expression = config.getoption("markexpr", "")
    if not found or "nightly" not in expression or "not nightly" in expression:
        return
    rows = defaultdict(list)
    for (claim, _), done in found.items():
        rows[claim.op].append((claim, done))
    terminalreporter.section("claims reached")
    terminalreporter.line("| op | dtypes | ranks | claims | reached |")
    terminalreporter.line("|---|---|---|---|---|")
    for op, each in rows.items():
        dtypes = sorted({str(c.dtype) for c, _ in each})
        ranks = sorted({str(c.rank) for c, _ in each})
        reached = sum(done for _, done in each)
        terminalreporter.line(f"| {op} | {' '.join(dtypes)} | {' '.join(ranks)} | {len(each)} | {reached} |")
