"""The claims that tests run over, and the worker that they share."""

from __future__ import annotations

import zlib

import pytest

from interlingua.equivalence.generators.claims import Claim, claims, some_claims
from interlingua.equivalence.generators.graphs import drawable
from interlingua.runtimes.workers import WarmWorker
from support.reached import nightly


def pytest_generate_tests(metafunc):
    """Of every op, each dtype and each rank once; all of their product in a nightly run."""
    if "claim" not in metafunc.fixturenames:
        return
    full = nightly(metafunc.config)
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
