"""What all tests share."""

import os

from hypothesis import settings

from support.reached import pytest_terminal_summary

__all__ = ["pytest_terminal_summary"]

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # each core has a process of tests; read when the libraries are first loaded

settings.register_profile(
    "interlingua",
    deadline=None,  # a busy machine is no failure
    derandomize="CI" in os.environ,
)
settings.load_profile("interlingua")
